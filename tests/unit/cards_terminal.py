"""A reference terminal for the card tests: it walks a whole transaction over any `transmit`, and an issuer that
checks and answers with `pyemv` and the published UnionPay derivation, so that nothing checks itself."""

import inspect
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyemv
from tillbench.host.cards import CardProfile, T0Card, VirtualCard
from tillbench.protocols.apdu import Command, Ins, Response
from tillbench.protocols.emv import dol, tlv

AAC, TC, ARQC = 0x00, 0x40, 0x80
MAC_LIST = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36)
TERMINAL_DATA = {
    0x9F02: bytes.fromhex("000000001234"),
    0x9F03: bytes(6),
    0x9F1A: bytes.fromhex("0156"),
    0x95: bytes.fromhex("8000048000"),
    0x5F2A: bytes.fromhex("0156"),
    0x9A: bytes.fromhex("261123"),
    0x9C: bytes(1),
    0x9F37: bytes.fromhex("1E78EEBC"),
    0x9F21: bytes.fromhex("140509"),
    0x9F33: bytes.fromhex("E0F0C8"),
    0x9F4E: b"TILLBENCH SHOP",
}


@contextmanager
def quiet() -> Iterator[None]:
    """The oracle uses two-key TDES, which its cipher library warns about."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield


class UnionPay:
    """UnionPay 01 out of pyemv's parts and the published session key: the ATC and its complement under the card key.
    Scripts: a 4-byte MAC over header, ATC, ARQC and data; PINs as in VIS."""

    def __init__(self, imk_ac: bytes, imk_smi: bytes, imk_smc: bytes, pan: str, psn: str) -> None:
        self.udk, self.smi, self.smc = (pyemv.kd.derive_icc_mk_a(imk, pan, psn) for imk in (imk_ac, imk_smi, imk_smc))

    def session_key(self, key: bytes, atc: bytes) -> bytes:
        inverted = bytes(byte ^ 0xFF for byte in atc)
        return bytes(pyemv.tools.encrypt_tdes_ecb(key, bytes(6) + atc + bytes(6) + inverted))

    def generate_ac(self, *data: bytes) -> bytes:
        key = self.session_key(self.udk, data[MAC_LIST.index(0x9F36)])
        return bytes(pyemv.ac.generate_ac(key, b"".join(data), pyemv.ac.PaddingType.EMV, 8))

    def generate_arpc(self, tag_9f26: bytes, tag_9f36: bytes, arpc_rc: bytes) -> bytes:
        return bytes(pyemv.ac.generate_arpc_1(self.session_key(self.udk, tag_9f36), tag_9f26, arpc_rc))

    def generate_command_mac(
        self, command_header: bytes, tag_9f26: bytes, tag_9f36: bytes, command_data: bytes
    ) -> bytes:
        data = command_header + tag_9f36 + tag_9f26 + command_data
        return bytes(pyemv.sm.generate_command_mac(self.session_key(self.smi, tag_9f36), data, 4))

    def generate_pin_change_command(
        self, pin: str, tag_9f26: bytes, tag_9f36: bytes, current_pin: str | None = None
    ) -> bytes:
        block = pyemv.sm.format_vis_pin_block(self.udk, pin, current_pin)
        key = self.session_key(self.smc, tag_9f36)
        data = bytes(pyemv.sm.encrypt_command_data(key, block, pyemv.sm.EncryptionType.VISA))
        header = bytes.fromhex("8424000214" if current_pin is None else "8424000114")
        return header + data + self.generate_command_mac(header, tag_9f26, tag_9f36, data)


ORACLES: dict[tuple[str, int], Any] = {
    ("visa", 0x0A): pyemv.cvn.VisaCVN10,
    ("visa", 0x12): pyemv.cvn.VisaCVN18,
    ("visa", 0x22): pyemv.cvn.VisaCVN22,
    ("mastercard", 0x10): pyemv.cvn.MasterCardCVN16,
    ("mastercard", 0x11): pyemv.cvn.MasterCardCVN17,
    ("mastercard", 0x14): pyemv.cvn.MasterCardCVN20,
    ("mastercard", 0x15): pyemv.cvn.MasterCardCVN21,
    ("interac", 0x85): pyemv.cvn.InteracCVN133,
    ("unionpay", 0x01): UnionPay,
    # EMV's common core computes as Visa 22 does; only 9F10 is laid out in another way.
    **{(scheme, 0xA5): pyemv.cvn.VisaCVN22 for scheme in ("amex", "discover", "jcb")},
}


@dataclass
class Issuer:
    """The other end of the cryptograms and scripts, from the profile's master keys only."""

    profile: CardProfile

    @property
    def oracle(self) -> Any:
        p = self.profile
        keys = [bytes.fromhex(key) for key in (p.imk_ac, p.imk_smi, p.imk_smc)]
        with quiet():
            return ORACLES[p.scheme, p.cvn](*keys, p.pan, p.psn)

    def cryptogram(self, values: dict[int, bytes]) -> bytes:
        """The AC that these values deserve, with what this version takes out of the IAD."""
        iad = values[0x9F10]
        covered = [iad] if self.profile.cvn in (0x12, 0x22, 0x85, 0xA5) else [iad[3:7]]
        if self.profile.scheme == "mastercard":
            covered = [iad[2:8], iad[10:18]] if self.profile.cvn & 1 else [iad[2:8]]
        with quiet():
            return bytes(self.oracle.generate_ac(*(values[tag] for tag in MAC_LIST), *covered))

    def authentication_data(self, values: dict[int, bytes], arc: bytes = b"00", update: str = "00800000") -> bytes:
        """Tag 91: ARPC by the version's method, then the response code or the Card Status Update."""
        with quiet():
            return self._arpc(values, arc if self.method == 1 else bytes.fromhex(update))

    @property
    def method(self) -> int:
        return 2 if self.profile.cvn in (0x12, 0x22, 0xA5) else 1

    def _arpc(self, values: dict[int, bytes], said: bytes) -> bytes:
        arguments = {"tag_9f26": values[0x9F26], "tag_9f36": values[0x9F36], "tag_9f37": values[0x9F37]}
        wanted = inspect.signature(self.oracle.generate_arpc).parameters
        chosen = {name: value for name, value in arguments.items() if name in wanted}
        if self.method == 1:
            return bytes(self.oracle.generate_arpc(**chosen, arpc_rc=said)) + said
        data = {"csu": said[:4], "proprietary_auth_data": said[4:] or None}
        return bytes(self.oracle.generate_arpc(**chosen, **data)) + said

    def script(self, values: dict[int, bytes], header: str, data: bytes = b"") -> bytes:
        """A command with its MAC; `header` is CLA INS P1 P2, `values` has ATC (9F36) and ARQC (9F26)."""
        size = 4 if self.profile.scheme == "unionpay" else 8
        head = bytes.fromhex(header) + bytes([len(data) + size])
        arguments = {"tag_9f26": values[0x9F26], "tag_9f36": values[0x9F36]}
        wanted = inspect.signature(self.oracle.generate_command_mac).parameters
        chosen = {name: value for name, value in arguments.items() if name in wanted}
        with quiet():
            mac = self.oracle.generate_command_mac(command_header=head, command_data=data, **chosen)
        return head + data + bytes(mac)

    def pin_change(self, values: dict[int, bytes], pin: str, current: str | None = None) -> bytes:
        """PIN CHANGE/UNBLOCK with a new PIN, as the oracle makes it."""
        arguments = {"tag_9f26": values[0x9F26], "tag_9f36": values[0x9F36], "current_pin": current}
        wanted = inspect.signature(self.oracle.generate_pin_change_command).parameters
        with quiet():
            made = self.oracle.generate_pin_change_command(
                pin=pin, **{name: value for name, value in arguments.items() if name in wanted}
            )
        return bytes(made)


@dataclass
class Terminal:
    """Sends the commands of a transaction and keeps what the card says in `values`, and each answer's SW."""

    transmit: Callable[[bytes], bytes]
    values: dict[int, bytes] = field(default_factory=lambda: dict(TERMINAL_DATA))
    apdus: list[bytes] = field(default_factory=list)

    def send(self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = 0) -> Response:
        raw = Command(cla, ins, p1, p2, data, le).build()
        self.apdus.append(raw)
        return Response.parse(self.transmit(raw))

    def select(self, name: bytes, following: bool = False) -> Response:
        answer = self.send(0x00, Ins.SELECT, 0x04, 0x02 if following else 0x00, name)
        self._keep(answer)
        return answer

    def initiate(self) -> Response:
        data = self._dol(0x9F38)
        answer = self.send(0x80, Ins.GET_PROCESSING_OPTIONS, 0, 0, bytes([0x83, len(data)]) + data)
        if answer.data[:1] == b"\x80":
            value = tlv.parse(answer.data)[0].value
            self.values |= {0x82: value[:2], 0x94: value[2:]}
        self._keep(answer)
        return answer

    def read_record(self, sfi: int, number: int) -> Response:
        answer = self.send(0x00, Ins.READ_RECORD, number, sfi << 3 | 4)
        self._keep(answer)
        return answer

    def read_records(self) -> None:
        afl = self.values[0x94]
        for at in range(0, len(afl), 4):
            for number in range(afl[at + 1], afl[at + 2] + 1):
                assert self.read_record(afl[at] >> 3, number).sw == 0x9000

    def generate_ac(self, p1: int, dol_tag: int = 0x8C) -> Response:
        answer = self.send(0x80, Ins.GENERATE_AC, p1, 0, self._dol(dol_tag))
        if answer.data[:1] == b"\x80":
            value = tlv.parse(answer.data)[0].value
            self.values |= {0x9F27: value[:1], 0x9F36: value[1:3], 0x9F26: value[3:11], 0x9F10: value[11:]}
        self._keep(answer)
        return answer

    def external_authenticate(self, issuer_data: bytes) -> Response:
        return self.send(0x00, Ins.EXTERNAL_AUTHENTICATE, 0, 0, issuer_data, le=None)

    def verify(self, pin: str) -> Response:
        block = bytes.fromhex(f"2{len(pin):X}{pin}".ljust(16, "F"))
        return self.send(0x00, Ins.VERIFY, 0, 0x80, block, le=None)

    def get_data(self, tag: int) -> Response:
        return self.send(0x80, Ins.GET_DATA, tag >> 8, tag & 0xFF)

    def start(self, aid: bytes) -> None:
        """From SELECT to the last record, of a blocked application too."""
        assert self.select(aid).sw in (0x9000, 0x6283)
        assert self.initiate().sw == 0x9000
        self.read_records()

    @property
    def cryptogram_type(self) -> int:
        return self.values[0x9F27][0] & 0xC0

    @property
    def reason(self) -> int:
        return self.values[0x9F27][0] & 0x07

    @property
    def cvr(self) -> str:
        return self.values[0x9F10][3:7].hex().upper()

    def _dol(self, tag: int) -> bytes:
        return dol.fill(dol.parse(self.values.get(tag, b"")), self.values)

    def _keep(self, answer: Response) -> None:
        for item in tlv.walk(tlv.parse(answer.data)):
            if not item.children and item.tag != 0x80:
                self.values[item.tag] = item.value


def terminal_for(card: VirtualCard) -> Terminal:
    """A terminal whose card has just been reset and which reads to the last record of its first application."""
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.start(card.profile.applications[0].aid)
    return terminal


class T0Reader:
    """The interface device's side of T=0 in whole commands: procedure bytes, 61xx and 6Cxx (Book 1, 9.2 and 9.3)."""

    def __init__(self, card: T0Card[VirtualCard]) -> None:
        self.card = card
        self.pieces: list[tuple[int, bytes]] = []  # everything the card sent

    def transmit(self, apdu: bytes) -> bytes:
        command = Command.parse(apdu)
        head = apdu[:4]
        status, data = self._tpdu(head + bytes([len(command.data) or command.le or 0]), command.data)
        warning = b""
        if status[0] in (0x62, 0x63) and command.case == 4:
            warning, status = status, b"\x6c\x00"
            head = bytes([0x00, Ins.GET_RESPONSE, 0x00, 0x00])
            status, data = self._tpdu(head + b"\x00")
        while status[0] in (0x61, 0x6C):
            if status[0] == 0x61:
                head = bytes([0x00, Ins.GET_RESPONSE, 0x00, 0x00])
            status, data = self._tpdu(head + status[1:])
        return data + (warning or status)

    def _tpdu(self, header: bytes, data: bytes = b"") -> tuple[bytes, bytes]:
        """One TPDU: the status bytes and the data that came. Raises `AssertionError` on a protocol fault."""
        ins, outgoing, got = header[1], bytearray(data), bytearray()
        heard = bytearray(self._hear(header))
        while True:
            assert heard, "the card is silent"
            procedure = heard.pop(0)
            if procedure == 0x60:
                continue
            if procedure in (ins, ins ^ 0xFF):
                size = 1 if procedure == ins ^ 0xFF else max(len(outgoing), len(heard) - 2)
                if outgoing:
                    chunk, outgoing = outgoing[:size], outgoing[size:]
                    heard += self._hear(bytes(chunk))
                else:
                    got += heard[:size]
                    del heard[:size]
                continue
            assert procedure & 0xF0 in (0x60, 0x90), f"procedure byte {procedure:02X}"
            assert len(heard) == 1
            return bytes([procedure, heard[0]]), bytes(got)

    def _hear(self, characters: bytes) -> bytes:
        pieces = self.card.receive(characters)
        self.pieces += pieces
        return b"".join(content for _delay, content in pieces)
