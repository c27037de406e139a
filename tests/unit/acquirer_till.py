"""A scripted terminal, a chip and a bench for the acquirer's tests: its own crypto (psec, pyemv), so that host and
tests check each other."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psec
import pyemv
from tillbench.host.acquirer import Acquirer, Connection, Reply, TerminalSetup
from tillbench.protocols.emv import tlv
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing

MERCHANT = "898110053110001"
TERMINAL = "12345678"
TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TPDU = bytes.fromhex("6000030000")
HEADER = "603100310000"


@contextmanager
def quiet() -> Iterator[None]:
    """The oracles use two-key TDES, which their cipher library warns about."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield


@dataclass(frozen=True)
class Profile:
    """A card as the acquirer is told of it."""

    scheme: str = "unionpay"
    pan: str = "6200000000000005"
    psn: str = "01"
    expiry: str = "3012"
    pin: str = "123456"
    imk_ac: str = "F0C34A8124CEE0A91A0B034AA97D6EAC"
    balance: int = 100_000
    status: str = "active"
    currency: str = "0156"
    enrolled: bool = True
    imk_smi: str = "1F1E1D1C1B1A19181716151413121110"
    imk_smc: str = "2F2E2D2C2B2A29282726252423222120"


UNIONPAY_CARD = Profile()
VISA_CARD = Profile("visa", "4761739001010010", "00", "3112", "1234", "2315208C9110AD402315208C9110AD40", 50_000)


@dataclass
class Chip:
    """The online half of a chip: counts up and signs."""

    profile: Profile
    atc: int = 0
    spoil: bool = False  # make a wrong cryptogram
    cid: int = 0x80
    replace: dict[int, bytes | None] = field(default_factory=dict)  # tags to alter after signing

    @property
    def card_key(self) -> bytes:
        with quiet():
            return pyemv.kd.derive_icc_mk_a(bytes.fromhex(self.profile.imk_ac), self.profile.pan, self.profile.psn)

    def session_key(self, atc: bytes) -> bytes:
        if self.profile.scheme == "visa":
            return self.card_key
        inverse = bytes(0xFF - byte for byte in atc)
        with quiet():
            return psec.des.encrypt_tdes_ecb(self.card_key, bytes(6) + atc + bytes(6) + inverse)

    def field_55(self, amount: int, currency: str = "0156") -> bytes:
        self.atc += 1
        atc = self.atc.to_bytes(2, "big")
        visa = self.profile.scheme == "visa"
        iad = bytes.fromhex("06010A03A00000" if visa else "07010103A040020101")
        tags = {
            0x9F02: bytes.fromhex(f"{amount:012}"),
            0x9F03: bytes(6),
            0x9F1A: bytes.fromhex("0156"),
            0x95: bytes.fromhex("0080046000"),
            0x5F2A: bytes.fromhex(currency),
            0x9A: bytes.fromhex("261123"),
            0x9C: b"\0",
            0x9F37: hashlib.sha256(atc).digest()[:4],
            0x82: bytes.fromhex("7D00"),
            0x9F36: atc,
        }
        signed = b"".join(tags.values()) + iad[3:7]
        padding = pyemv.ac.PaddingType.VISA if visa else pyemv.ac.PaddingType.EMV
        with quiet():
            ac = pyemv.ac.generate_ac(self.session_key(atc), signed, padding)
        tags |= {0x9F26: bytes(8) if self.spoil else ac, 0x9F27: bytes([self.cid]), 0x9F10: iad}
        self.last_cryptogram = ac
        changed = {**tags, **self.replace}
        return tlv.encode_all((tag, value) for tag, value in changed.items() if value is not None)

    def accepts(self, issuer_data: bytes, code: str) -> bool:
        """Is tag 91 of the answer the issuer's proof over this response code?"""
        answer = {item.tag: item.value for item in tlv.parse(issuer_data)}
        with quiet():
            key = self.session_key(self.atc.to_bytes(2, "big"))
            arpc = psec.des.encrypt_tdes_ecb(key, psec.tools.xor(self.last_cryptogram, code.encode() + bytes(6)))
        return answer[0x91] == arpc + code.encode() and answer[0x9F36] == self.atc.to_bytes(2, "big")


def cup_ecb(key: bytes, message: bytes) -> bytes:
    """Field 64, written down a second time from the description, with psec's cipher."""
    message += bytes(-len(message) % 8)
    folded = 0
    for start in range(0, len(message), 8):
        folded ^= int.from_bytes(message[start : start + 8], "big")
    text = f"{folded:016X}".encode()
    with quiet():
        first = psec.des.encrypt_tdes_ecb(key, text[:8])
        return psec.des.encrypt_tdes_ecb(key, psec.tools.xor(first, text[8:])).hex().upper()[:8].encode()


class Till:
    """A terminal that signs on, sells and reverses."""

    def __init__(self, line: Connection, terminal_id: str = TERMINAL, merchant_id: str = MERCHANT) -> None:
        self.line = line
        self.terminal_id = terminal_id
        self.merchant_id = merchant_id
        self.stan = 0
        self.batch = 0
        self.tmk = TMK
        self.pik = b""
        self.mak = b""
        self.tdk = b""

    def message(self, mti: str, fields: dict[int, str | bytes | None]) -> Message:
        """A message of this terminal; a field given as None is left out."""
        every: dict[int, str | bytes | None] = {41: self.terminal_id, 42: self.merchant_id, **fields}
        return Message(mti, {number: value for number, value in every.items() if value is not None})

    def body(self, message: Message) -> bytes:
        if 64 in message and message.data(64) == bytes(8):
            message.fields[64] = cup_ecb(self.mak or bytes(16), UNIONPAY.encode(message)[:-8])
        return UNIONPAY.encode(message)

    def frame(self, message: Message) -> bytes:
        return framing.build(TPDU, HEADER, self.body(message))

    def send(self, message: Message) -> list[Reply]:
        return self.line.feed(self.frame(message))

    def ask(self, message: Message) -> Message:
        """Send and decode the one answer, whose MAC, if any, must be right."""
        return self.read(self.send(message))

    def read(self, replies: list[Reply]) -> Message:
        (reply,) = replies
        (frame,) = framing.FrameReader().feed(reply.data)
        self.answer_frame = frame
        answer = UNIONPAY.decode(frame.body)
        if 64 in answer:
            assert answer[64] == cup_ecb(self.mak, frame.body[:-8])
        return answer

    def sign_on_message(self, network_code: str = "003") -> Message:
        self.stan += 1
        return self.message("0800", {11: f"{self.stan:06}", 60: "00" + "000000" + network_code, 63: "001"})

    def sign_on(self, network_code: str = "003") -> Message:
        answer = self.ask(self.sign_on_message(network_code))
        assert answer[39] == "00"
        self.batch = int(answer.text(60)[2:8])
        size, count = {"001": (8, 2), "003": (16, 2), "004": (16, 3)}[network_code]
        field, step = answer.data(62), size + 4
        assert len(field) == count * step
        clear = []
        with quiet():
            for start in range(0, len(field), step):
                key = psec.des.decrypt_tdes_ecb(self.tmk, field[start : start + size])
                assert psec.des.generate_kcv(key, 4) == field[start + size : start + step]
                clear.append(key)
        self.pik, self.mak, self.tdk = (*clear, b"")[:3]
        return answer

    def sale_message(
        self, chip: Chip, amount: int, pin: str | None = None, changes: dict[int, str | bytes | None] | None = None
    ) -> Message:
        """A chip sale; `pin` None: no PIN was entered. The fields in `changes` win."""
        self.stan += 1
        card = chip.profile
        fields: dict[int, str | bytes | None] = {
            2: card.pan,
            3: "000000",
            4: f"{amount:012}",
            11: f"{self.stan:06}",
            14: card.expiry,
            22: "052",
            23: f"{int(card.psn):03}",
            25: "00",
            35: f"{card.pan}D{card.expiry}220123456789",
            49: "156",
            55: chip.field_55(amount),
            60: f"22{self.batch:06}00050",
            64: bytes(8),
        }
        if pin is not None:
            with quiet():
                block = psec.des.encrypt_tdes_ecb(self.pik, psec.pinblock.encode_pinblock_iso_0(pin, card.pan))
            fields |= {22: "051", 26: "12", 52: block, 53: "2600000000000000"}
        return self.message("0200", fields | (changes or {}))

    def sale(
        self, chip: Chip, amount: int, pin: str | None = None, changes: dict[int, str | bytes | None] | None = None
    ) -> Message:
        return self.ask(self.sale_message(chip, amount, pin, changes))

    def reversal_message(self, sale: Message, changes: dict[int, str | bytes | None] | None = None) -> Message:
        kept: dict[int, str | bytes | None] = {n: sale[n] for n in (2, 3, 4, 11, 14, 22, 23, 25, 49, 60) if n in sale}
        return self.message("0400", kept | {39: "98", 64: bytes(8)} | (changes or {}))


class Bench:
    """An acquirer with a clock that stands, a known entropy and two cards."""

    def __init__(self, url: str = "sqlite://", cards: tuple[Profile, ...] = (UNIONPAY_CARD, VISA_CARD)) -> None:
        self.time = datetime(2026, 11, 23, 14, 5, 9)
        self._drawn = 0
        self.acquirer = Acquirer(url, lambda: self.time, self.entropy)
        self.acquirer.provision(cards, [TerminalSetup(TERMINAL, MERCHANT, TMK)])

    def entropy(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_128(self._drawn.to_bytes(4, "big")).digest(count)

    def till(self, *, signed_on: bool = True) -> Till:
        till = Till(self.acquirer.connect())
        if signed_on:
            till.sign_on()
        return till

    def wait(self, **time: int) -> None:
        self.time += timedelta(**time)


def file_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"
