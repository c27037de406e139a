"""A reference terminal for the card tests: it walks a whole transaction over any `transmit`, and an issuer that
checks and answers with `pyemv` and the published UnionPay derivation, so that nothing checks itself."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

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


@dataclass
class Issuer:
    """The other end of the cryptograms, from the profile's master key only."""

    profile: CardProfile

    def _session_key(self, atc: bytes) -> bytes:
        with quiet():
            udk = pyemv.kd.derive_icc_mk_a(bytes.fromhex(self.profile.imk_ac), self.profile.pan, self.profile.psn)
            if self.profile.scheme == "visa":
                return udk
            inverted = bytes(byte ^ 0xFF for byte in atc)
            return pyemv.tools.encrypt_tdes_ecb(udk, bytes(6) + atc + bytes(6) + inverted)

    def cryptogram(self, values: dict[int, bytes]) -> bytes:
        """The AC that these values deserve; CVR out of the IAD."""
        padding = pyemv.ac.PaddingType.VISA if self.profile.scheme == "visa" else pyemv.ac.PaddingType.EMV
        data = b"".join(values[tag] for tag in MAC_LIST) + values[0x9F10][3:7]
        with quiet():
            return bytes(pyemv.ac.generate_ac(self._session_key(values[0x9F36]), data, padding, 8))

    def authentication_data(self, values: dict[int, bytes], arc: bytes = b"00") -> bytes:
        """Tag 91: ARPC by method 1, then the response code."""
        with quiet():
            arpc = pyemv.ac.generate_arpc_1(self._session_key(values[0x9F36]), values[0x9F26], arc)
        return bytes(arpc) + arc


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
        """From SELECT to the last record."""
        assert self.select(aid).sw == 0x9000
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

    def __init__(self, card: T0Card) -> None:
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
