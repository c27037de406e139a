"""Command and response APDUs, short form (ISO/IEC 7816-3 12.1, 7816-4 5.1; EMV 4.3 Book 1, 11).

`COMMAND` and `RESPONSE` define the wire in construct; `Command` and `Response` read and write it straight-line.
Cases: 1 neither data nor answer, 2 answer only (Le), 3 data only (Lc), 4 both.
"""

from dataclasses import dataclass
from enum import IntEnum

import construct as c

_LC = c.Rebuild(c.OneOf(c.Byte, range(1, 256)), c.len_(c.this.data))
CASE_1 = c.Struct(c.Terminated)
CASE_2 = c.Struct("le" / c.Byte, c.Terminated)
CASE_3 = c.Struct("lc" / _LC, "data" / c.Bytes(c.this.lc), c.Terminated)
CASE_4 = c.Struct("lc" / _LC, "data" / c.Bytes(c.this.lc), "le" / c.Byte, c.Terminated)
COMMAND = c.Struct(
    "cla" / c.Byte, "ins" / c.Byte, "p1" / c.Byte, "p2" / c.Byte, "body" / c.Select(CASE_1, CASE_2, CASE_3, CASE_4)
)


def _response_size(this: c.Container) -> int:
    return len(this.data) if this._building else c.stream_size(this._io) - 2


RESPONSE = c.Struct("data" / c.Bytes(_response_size), "sw" / c.Int16ub, c.Terminated)


class Ins(IntEnum):
    """Instruction bytes of the EMV commands (Book 3, table 4), and of VIS for PUT DATA and UPDATE RECORD."""

    CARD_BLOCK = 0x16
    APPLICATION_UNBLOCK = 0x18
    APPLICATION_BLOCK = 0x1E
    VERIFY = 0x20
    PIN_CHANGE_UNBLOCK = 0x24
    EXTERNAL_AUTHENTICATE = 0x82
    GET_CHALLENGE = 0x84
    INTERNAL_AUTHENTICATE = 0x88
    SELECT = 0xA4
    GET_PROCESSING_OPTIONS = 0xA8
    GENERATE_AC = 0xAE
    READ_RECORD = 0xB2
    GET_RESPONSE = 0xC0
    GET_DATA = 0xCA
    PUT_DATA = 0xDA
    UPDATE_RECORD = 0xDC


class ApduError(ValueError):
    """Bytes that are no short APDU: `field`, `offset` in bytes, what was `expected` and `found`."""

    def __init__(self, field: str, offset: int, expected: str, found: str) -> None:
        super().__init__(f"APDU {field} at offset {offset}: expected {expected}, found {found}")
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU. `le` is the Le *byte* (0 asks for everything, up to 256 bytes), None when absent."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    @classmethod
    def parse(cls, raw: bytes) -> "Command":
        """Read a short APDU. Raises `ApduError` naming the field and its offset."""
        size = len(raw)
        if size < 4:
            raise ApduError("header", 0, "4 bytes CLA INS P1 P2", str(size))
        cla, ins, p1, p2 = raw[:4]
        if size == 4:
            return cls(cla, ins, p1, p2)
        if size == 5:
            return cls(cla, ins, p1, p2, le=raw[4])
        lc = raw[4]
        if lc == 0:
            raise ApduError("Lc", 4, "01..FF before a data field", "00")
        if size == 5 + lc:
            return cls(cla, ins, p1, p2, bytes(raw[5:]))
        if size == 6 + lc:
            return cls(cla, ins, p1, p2, bytes(raw[5:-1]), raw[-1])
        raise ApduError("data", 5, f"{lc} bytes as Lc says, then at most Le", f"{size - 5}")

    def build(self) -> bytes:
        """The bytes on the wire. Raises `ApduError` when the data field is longer than 255 bytes."""
        if len(self.data) > 255:
            raise ApduError("data", 5, "at most 255 bytes", str(len(self.data)))
        lc = bytes([len(self.data)]) + self.data if self.data else b""
        le = b"" if self.le is None else bytes([self.le])
        return bytes([self.cla, self.ins, self.p1, self.p2]) + lc + le

    @property
    def case(self) -> int:
        """1, 2, 3 or 4."""
        return 1 + (2 if self.data else 0) + (0 if self.le is None else 1)

    def __repr__(self) -> str:
        # Data may be a PIN block: only its size is ever shown.
        head = f"{self.cla:02X} {self.ins:02X} {self.p1:02X} {self.p2:02X}"
        return f"Command({head}, {len(self.data)} data bytes, le={self.le})"


@dataclass(frozen=True, slots=True)
class Response:
    """A response APDU: `data`, then SW1 SW2 as one number."""

    data: bytes
    sw: int

    @classmethod
    def parse(cls, raw: bytes) -> "Response":
        """Read a response. Raises `ApduError` when there is no room for SW1 SW2."""
        if len(raw) < 2:
            raise ApduError("SW", 0, "2 bytes SW1 SW2", str(len(raw)))
        return cls(bytes(raw[:-2]), int.from_bytes(raw[-2:], "big"))

    def build(self) -> bytes:
        """The bytes on the wire."""
        return self.data + self.sw.to_bytes(2, "big")

    def __repr__(self) -> str:
        return f"Response({len(self.data)} data bytes, {self.sw:04X})"


_SW_TEXTS = {
    0x9000: "success",
    0x6283: "selected file invalidated (application blocked)",
    0x6300: "authentication failed",
    0x6700: "wrong length",
    0x6881: "logical channel not supported",
    0x6882: "secure messaging not supported",
    0x6982: "security status not satisfied",
    0x6983: "authentication method blocked",
    0x6984: "referenced data invalidated",
    0x6985: "conditions of use not satisfied",
    0x6986: "command not allowed",
    0x6987: "secure messaging data missing",
    0x6988: "secure messaging data wrong",
    0x6A80: "wrong parameters in the data field",
    0x6A81: "function not supported (card blocked)",
    0x6A82: "file or application not found",
    0x6A83: "record not found",
    0x6A86: "wrong P1 P2",
    0x6A88: "referenced data not found",
    0x6B00: "wrong P1 P2",
    0x6D00: "instruction not supported",
    0x6E00: "class not supported",
    0x6F00: "no precise diagnosis",
}


def sw_text(sw: int) -> str:
    """What a status word means (ISO/IEC 7816-4 table 5, EMV Book 3 6.3.5), or `unknown status`."""
    if sw & 0xFF00 == 0x6100:
        return f"{sw & 0xFF or 256} bytes of answer to fetch"
    if sw & 0xFF00 == 0x6C00:
        return f"wrong Le, {sw & 0xFF or 256} bytes available"
    if sw & 0xFFF0 == 0x63C0:
        return f"verification failed, {sw & 0x0F} tries left"
    return _SW_TEXTS.get(sw, "unknown status")


_INS_NAMES: dict[int, str] = {Ins.PIN_CHANGE_UNBLOCK: "PIN CHANGE/UNBLOCK"}


def ins_name(ins: int) -> str:
    """`READ RECORD` for B2, `INS 5F` for one that EMV does not know."""
    try:
        return _INS_NAMES.get(ins) or Ins(ins).name.replace("_", " ")
    except ValueError:
        return f"INS {ins:02X}"


def describe(command: bytes, response: bytes) -> str:
    """One exchange in one line of header, sizes and status. No data byte is shown: `emv.describe_apdu` decodes."""
    asked = Command.parse(command)
    answer = Response.parse(response)
    return (
        f"{ins_name(asked.ins)} P1={asked.p1:02X} P2={asked.p2:02X} ({len(asked.data)} bytes)"
        f" -> {len(answer.data)} bytes, {answer.sw:04X} {sw_text(answer.sw)}"
    )
