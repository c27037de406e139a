"""A row of a dialect with nothing left open: what every codec, and every maker of a codec, works from."""

from typing import NamedTuple

from tillbench.protocols.iso8583.field import Code, Codepage, CountCode, Field, Type, Wire
from tillbench.protocols.iso8583.values import ALPHABETS, DIGITS, TRACK_AS_TEXT

LARGEST_VALUE = 0xFFFF  # no frame is longer
WIDEST_COUNT = 8  # digits, and bytes


class DialectError(ValueError):
    """A definition that makes no sense: `where` it is, what was `expected` and `found`."""

    def __init__(self, where: str, expected: str, found: str) -> None:
        super().__init__(f"{where}: expected {expected}, found {found}")
        self.where, self.expected, self.found = where, expected, found


class Rule(NamedTuple):
    """low, high: length of the value in digits, characters or bytes. prefix: bytes of the count, 0: fixed length.

    The count on the wire is the length * multiply / divide. trim: an odd number of packed digits, counted in bytes,
    is told by its fill nibble.
    """

    number: int
    name: str
    type: Type
    code: Code
    low: int
    high: int
    prefix: int = 0
    count_code: CountCode = "bcd"
    multiply: int = 1
    divide: int = 1
    pad_left: bool = False
    fill: str = "0"
    trim: bool = False
    codepage: Codepage = "cp037"

    @property
    def alphabet(self) -> tuple[str, str]:
        """The characters of a value and their name; of an x+n those after the sign; of bytes none."""
        if self.type == "x+n":
            return ALPHABETS["n"]
        if self.type == "b":
            return "", ""
        if self.type == "z" and self.code != "packed":
            return TRACK_AS_TEXT
        characters, words = ALPHABETS[self.type]
        return (characters.replace(self.fill, ""), words) if self.trim else (characters, words)

    @property
    def pairs(self) -> bool:
        """Packed digits counted in bytes, which come in even numbers."""
        return self.divide == 2 and not self.trim

    @property
    def sizes(self) -> tuple[int, int]:
        """Smallest and largest length of a value."""
        return self.low, self.high + (self.high & 1 if self.pairs else 0)

    @property
    def counts(self) -> tuple[int, int]:
        """Smallest and largest count on the wire."""
        if self.divide == 2:
            return (self.low + 1) // 2, (self.high + 1) // 2
        return self.low * self.multiply, self.high * self.multiply

    def wire_size(self, length: int) -> int:
        """Bytes that a value of this length takes, without its count."""
        if self.code == "packed":
            return 1 + length // 2 if self.type == "x+n" else (length + 1) // 2
        return length * 2 if self.code in ("hex", "hex-ebcdic") else length


_TEXT = ("ascii", "ebcdic")
_HEX = ("hex", "hex-ebcdic")


def resolve(field: Field, wire: Wire, where: str) -> Rule:
    """The rule of a row on this wire. DialectError names the row and what is wrong in it."""
    where = f"{where}, field {field.number}"
    kind = field.type
    length = field.length
    default = wire.binary if kind == "b" else wire.digits if kind in ("n", "x+n") else wire.text
    if kind == "z":
        default = wire.tracks
    code = field.code or default
    allowed = ("raw", *_HEX) if kind == "b" else ("packed", *_TEXT) if kind in ("n", "z", "x+n") else _TEXT
    if code not in allowed:
        raise DialectError(where, f"a code for {kind}: {', '.join(allowed)}", repr(code))
    if not 0 <= length.minimum <= length.maximum <= LARGEST_VALUE or not length.maximum:
        raise DialectError(where, f"0 <= minimum <= maximum, 1..{LARGEST_VALUE}", f"{length.minimum}..{length.maximum}")
    if not (0 <= length.digits <= WIDEST_COUNT and 0 <= length.size <= WIDEST_COUNT):
        raise DialectError(where, f"a count of at most {WIDEST_COUNT} digits", f"{length.digits}, {length.size} bytes")
    if not length.digits and length.minimum != length.maximum:
        raise DialectError(where, "one length for a fixed field", f"{length.minimum}..{length.maximum}")
    if kind == "x+n" and (length.digits or length.maximum < 2 or (code == "packed" and not length.maximum & 1)):
        raise DialectError(where, "a fixed length of sign and digits, packed digits even in number", str(length))
    fill = field.fill or wire.fill
    if len(fill) != 1 or fill not in "0123456789ABCDEF":
        raise DialectError(where, "one hex digit as fill", repr(fill))
    count_code = field.count_code or wire.counts
    multiply, divide, trim = _scale(field, code, fill, where)
    side = field.pad or (wire.variable_pad if length.digits else wire.fixed_pad)
    rule = Rule(
        field.number,
        field.name,
        kind,
        code,
        length.minimum,
        length.maximum,
        _prefix(length.digits, length.size, count_code),
        count_code,
        multiply,
        divide,
        side == "left",
        fill,
        trim,
        wire.codepage,
    )
    if length.digits:
        most = {"binary": 256, "bcd": 100}.get(count_code, 10) ** rule.prefix
        if rule.counts[1] >= most:
            raise DialectError(where, f"counts below {most}", f"{rule.counts[1]}")
    return rule


def _prefix(digits: int, size: int, code: CountCode) -> int:
    if not digits:
        return 0
    if size:
        return size
    if code == "binary":
        return 1 if digits <= 2 else 2
    return (digits + 1) // 2 if code == "bcd" else digits


def _scale(field: Field, code: Code, fill: str, where: str) -> tuple[int, int, bool]:
    """(multiply, divide, trim) of the count."""
    natural = {"packed": "digits", "raw": "bytes", "hex": "bytes", "hex-ebcdic": "bytes"}.get(code, "characters")
    counts = field.counts or natural
    if counts == natural or not field.length.digits:
        return 1, 1, False
    if code == "packed":
        if counts == "nibbles":
            return 1, 1, False
        if counts == "bytes":
            return 1, 2, fill not in DIGITS
    elif code == "raw":
        if counts in ("digits", "nibbles"):
            return 2, 1, False
    elif code in _HEX:
        if counts == "characters":
            return 2, 1, False
    elif counts in ("bytes", "digits"):
        return 1, 1, False
    elif counts == "nibbles":
        return 2, 1, False
    raise DialectError(where, f"a unit that {code} can be counted in", repr(counts))
