"""Authorisations made beforehand: terminals that are signed on, cards, and requests with their MAC, PIN and ARQC."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pyemv import ac, kd
from tillbench.host.acquirer import Acquirer, TerminalSetup, tdes
from tillbench.host.entropy import Entropy
from tillbench.protocols.emv import tlv
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing
from tillbench.protocols.iso8583.security import keysets, macs, pin_blocks

TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
IMK = bytes.fromhex("F0C34A8124CEE0A91A0B034AA97D6EAC")
MERCHANT = "898110053110001"
TPDU, HEADER = bytes.fromhex("6000030000"), "603100310000"
MARK = b"00B0"
"""What an approval for any of these terminals has: field 39, and the start of the field 41 behind it."""
PIN = "123456"
IAD = bytes.fromhex("07010103A040020101")


@dataclass(frozen=True)
class Card:
    """What the issuer is told of it."""

    pan: str
    scheme: str = "unionpay"
    psn: str = "01"
    expiry: str = "4912"
    pin: str = PIN
    imk_ac: str = IMK.hex()
    imk_smi: str = "11" * 16
    imk_smc: str = "22" * 16
    currency: str = "0156"
    balance: int = 1_000_000_000
    status: str = "active"
    enrolled: bool = True


@dataclass
class Till:
    """A terminal with its own card. Makes frames; what comes back is the load's affair."""

    number: int
    card: Card
    pik: bytes = b""
    mak: bytes = b""
    batch: int = 0
    stan: int = 1
    atc: int = 0
    card_key: bytes = b""

    @property
    def terminal_id(self) -> str:
        return f"B{self.number:07}"

    def sign_on(self, acquirer: Acquirer) -> None:
        """Get working keys, past the network."""
        fields: dict[int, str | bytes] = {11: "000001", 41: self.terminal_id, 42: MERCHANT, 60: "00000000003"}
        (reply,) = acquirer.connect().feed(self._frame(Message("0800", fields)))
        answer = UNIONPAY.decode(reply.data[13:])
        keys = keysets.unwrap(tdes, TMK, answer.data(62))
        self.pik, self.mak = keys["PIK"], keys["MAK"]
        self.batch = int(answer.text(60)[2:8])
        self.card_key = kd.derive_icc_mk_a(IMK, self.card.pan, self.card.psn)

    def sale(self, *, chip: bool) -> bytes:
        """The next sale, 0.01 with PIN; with a chip or without."""
        self.stan += 1
        block = tdes.encrypt(self.pik, pin_blocks.encode(0, PIN, self.card.pan))
        fields: dict[int, str | bytes] = {
            2: self.card.pan,
            3: "000000",
            4: "000000000001",
            11: f"{self.stan:06}",
            14: self.card.expiry,
            22: "051" if chip else "021",
            23: "001",
            25: "00",
            26: "12",
            35: f"{self.card.pan}D{self.card.expiry}220123456789",
            41: self.terminal_id,
            42: MERCHANT,
            49: "156",
            52: block,
            53: "2600000000000000",
            60: f"22{self.batch:06}00050",
            64: bytes(8),
        }
        if chip:
            fields[55] = self._field_55()
        message = Message("0200", dict(sorted(fields.items())))
        message.fields[64] = macs.cup_ecb(tdes, self.mak, UNIONPAY.encode(message)[:-8])
        return self._frame(message)

    def _field_55(self) -> bytes:
        self.atc += 1
        atc = self.atc.to_bytes(2, "big")
        tags = {
            0x9F02: bytes.fromhex("000000000001"),
            0x9F03: bytes(6),
            0x9F1A: bytes.fromhex("0156"),
            0x95: bytes.fromhex("0080046000"),
            0x5F2A: bytes.fromhex("0156"),
            0x9A: bytes.fromhex("261123"),
            0x9C: b"\0",
            0x9F37: atc * 2,
            0x82: bytes.fromhex("7D00"),
            0x9F36: atc,
        }
        inverse = bytes(0xFF - byte for byte in atc)
        session = tdes.encrypt(self.card_key, bytes(6) + atc) + tdes.encrypt(self.card_key, bytes(6) + inverse)
        cryptogram = ac.generate_ac(session, b"".join(tags.values()) + IAD[3:7], ac.PaddingType.EMV)
        return tlv.encode_all((tags | {0x9F26: cryptogram, 0x9F27: b"\x80", 0x9F10: IAD}).items())

    def _frame(self, message: Message) -> bytes:
        return framing.build(TPDU, HEADER, UNIONPAY.encode(message))


def shop(ledger: Path, count: int) -> list[Till]:
    """`count` terminals with a card each, in a new ledger, signed on."""
    acquirer = Acquirer(f"sqlite:///{ledger}", datetime.now, Entropy(7).stream("acquirer"))
    try:
        tills = [Till(number, Card(f"62000000000{number:05}")) for number in range(count)]
        profiles: list[Any] = [till.card for till in tills]
        acquirer.provision(profiles, [TerminalSetup(till.terminal_id, MERCHANT, TMK) for till in tills])
        with quiet():
            for till in tills:
                till.sign_on(acquirer)
    finally:
        acquirer.close()
    return tills


def scripts(tills: list[Till], messages: int, *, chip: bool) -> list[Iterator[bytes]]:
    """For each till its sales, ready to be sent; so many in all."""
    with quiet():
        return [iter([till.sale(chip=chip) for _ in range(messages // len(tills))]) for till in tills]


@contextmanager
def quiet() -> Iterator[None]:
    """Cards use two-key Triple DES, and the cipher library advises against it each time."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield
