"""The reference codec: a dialect's table turned into construct definitions.

construct's own errors know neither the field nor the byte, so the leaves here raise `Fault` with the offset, and
`Element` says which field it was. `construct.compile()` is not used: it accepts frames that are a byte short.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any, NoReturn

from construct import Construct, FocusedSeq, If, Rebuild, Struct, Subconstruct, evaluate, this
from tillbench.protocols.iso8583.errors import BITMAP, END, FormatError
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.values import ALPHABETS, length_text, problem

if TYPE_CHECKING:
    from tillbench.protocols.iso8583.dialect import Dialect, Field

BITMAP_OFFSET = 2
BITMAP_SIZE = 8


class Fault(Exception):
    """Something wrong at a byte, before it is known which field the byte belongs to."""

    def __init__(self, offset: int, expected: str, found: str) -> None:
        super().__init__(offset, expected, found)
        self.offset, self.expected, self.found = offset, expected, found


class Octets(Construct):  # type: ignore[misc]
    """Exactly `count` bytes."""

    def __init__(self, count: Any) -> None:
        super().__init__()
        self.count = count

    def _parse(self, stream: BytesIO, context: Any, _path: str) -> bytes:
        count, at = evaluate(self.count, context), stream.tell()
        data = stream.read(count)
        if len(data) < count:
            raise Fault(at, f"{count} bytes", f"{len(data)} bytes")
        return data

    def _build(self, obj: bytes, stream: BytesIO, _context: Any, _path: str) -> bytes:
        stream.write(obj)
        return obj


class Packed(Construct):  # type: ignore[misc]
    """`count` decimal (n) or hexadecimal (z) digits, two to a byte, an odd one out padded with a zero nibble."""

    def __init__(self, count: Any, decimal: bool = True, pad: str = "right") -> None:
        super().__init__()
        self.count, self.decimal, self.pad = count, decimal, pad

    def _parse(self, stream: BytesIO, context: Any, path: str) -> str:
        count, at = evaluate(self.count, context), stream.tell()
        data = Octets((count + 1) // 2)._parse(stream, context, path)
        for index, byte in enumerate(data):
            if self.decimal and (byte > 0x99 or byte & 0x0F > 9):
                raise Fault(at + index, "BCD digits", f"{byte:02X}")
        digits = data.hex().upper()
        if count % 2:
            pad_at = 0 if self.pad == "left" else len(data) - 1
            if digits[0 if self.pad == "left" else -1] != "0":
                raise Fault(at + pad_at, "pad 0", f"{data[pad_at]:02X}")
            digits = digits[1:] if self.pad == "left" else digits[:-1]
        return digits

    def _build(self, obj: str, stream: BytesIO, _context: Any, _path: str) -> str:
        odd = len(obj) % 2 * "0"
        stream.write(bytes.fromhex(odd + obj if self.pad == "left" else obj + odd))
        return obj


class Text(Construct):  # type: ignore[misc]
    """`count` characters of one byte each, out of the alphabet of an or ans."""

    def __init__(self, count: Any, type: str) -> None:
        super().__init__()
        self.count = count
        self.alphabet, self.words = ALPHABETS[type]

    def _parse(self, stream: BytesIO, context: Any, path: str) -> str:
        at = stream.tell()
        text = Octets(self.count)._parse(stream, context, path).decode("latin-1")
        for index, character in enumerate(text):
            if character not in self.alphabet:
                raise Fault(at + index, self.words, f"{ord(character):02X}")
        return text

    def _build(self, obj: str, stream: BytesIO, _context: Any, _path: str) -> str:
        stream.write(obj.encode("latin-1"))
        return obj


class Count(Subconstruct):  # type: ignore[misc]
    """The BCD count before a field of variable length, in the unit that the acquirer counts in."""

    def __init__(self, field: "Field") -> None:
        super().__init__(Packed(field.length.prefix * 2))
        self.field = field

    def _parse(self, stream: BytesIO, context: Any, path: str) -> int:
        at = stream.tell()
        count = int(self.subcon._parse(stream, context, path))
        low, high = self.field.counts_from_to
        if not low <= count <= high:
            raise Fault(at, length_text(low, high), str(count))
        if self.field.unit == "bytes" and self.field.counts == "digits":
            if count % 2:
                raise Fault(at, "even length", str(count))
            return count // 2
        return count * 2 if self.field.unit == "digits" and self.field.counts == "bytes" else count

    def _build(self, obj: int, stream: BytesIO, context: Any, path: str) -> int:
        if self.field.unit == "bytes" and self.field.counts == "digits":
            obj *= 2
        elif self.field.unit == "digits" and self.field.counts == "bytes":
            obj //= 2
        self.subcon._build(f"{obj:0{self.field.length.prefix * 2}}", stream, context, path)
        return obj


def value(field: "Field", count: Any) -> Construct:
    """The definition of the bytes of a value, without its count."""
    if field.unit == "digits":
        return Packed(count, field.type == "n", field.pad)
    return Octets(count) if field.type == "b" else Text(count, field.type)


def count_and_value(field: "Field") -> Construct:
    """The definition of a field's bytes."""
    if not field.length.prefix:
        return value(field, field.length.maximum)
    return FocusedSeq(
        "value",
        "count" / Rebuild(Count(field), lambda context: len(context["value"])),
        "value" / value(field, this.count),
    )


class Element(Subconstruct):  # type: ignore[misc]
    """A field: its bytes, and its name in errors."""

    def __init__(self, field: "Field") -> None:
        super().__init__(count_and_value(field))
        self.field = field

    def fail(self, offset: int, expected: str, found: str) -> NoReturn:
        raise FormatError(self.field.number, offset, expected, found, self.field.name) from None

    def _parse(self, stream: BytesIO, context: Any, path: str) -> Any:
        try:
            return self.subcon._parse(stream, context, path)
        except Fault as fault:
            self.fail(fault.offset, fault.expected, fault.found)

    def _build(self, obj: Any, stream: BytesIO, context: Any, path: str) -> Any:
        if wrong := problem(self.field, obj):
            self.fail(stream.tell(), *wrong)
        return self.subcon._build(obj, stream, context, path)


class Bitmap(Construct):  # type: ignore[misc]
    """Which of the fields 2..64 are present, as a set of numbers; 8 bytes, bit 1 the first."""

    def __init__(self, known: frozenset[int]) -> None:
        super().__init__()
        self.known = known

    def _parse(self, stream: BytesIO, context: Any, path: str) -> set[int]:
        try:
            bits = int.from_bytes(Octets(BITMAP_SIZE)._parse(stream, context, path), "big")
        except Fault as fault:
            raise FormatError(BITMAP, fault.offset, fault.expected, fault.found) from None
        present = {number for number in range(1, 65) if bits >> (64 - number) & 1}
        for number in sorted(present - self.known):
            raise FormatError(number, BITMAP_OFFSET + (number - 1) // 8, "bit off", "bit on")
        return present

    def _build(self, obj: set[int], stream: BytesIO, _context: Any, _path: str) -> set[int]:
        for number in sorted(obj - self.known):
            raise FormatError(number, BITMAP_OFFSET, "bit off", "bit on")
        stream.write(sum(1 << (64 - number) for number in obj).to_bytes(BITMAP_SIZE, "big"))
        return obj


class NothingMore(Construct):  # type: ignore[misc]
    """The end of the message."""

    def _parse(self, stream: BytesIO, _context: Any, _path: str) -> None:
        at = stream.tell()
        if left := len(stream.read()):
            raise FormatError(END, at, "end", f"{left} bytes")

    def _build(self, obj: Any, stream: BytesIO, _context: Any, _path: str) -> None:
        pass


class Body:
    """A dialect's message body; `struct` is the construct definition."""

    def __init__(self, dialect: "Dialect") -> None:
        self.numbers = sorted(dialect.fields)
        self.struct = Struct(
            "mti" / Element(dialect.message_type),
            "bitmap" / Bitmap(frozenset(self.numbers)),
            *(
                f"field_{number}" / If(lambda context, number=number: number in context.bitmap, Element(field))
                for number, field in sorted(dialect.fields.items())
            ),
            "end" / NothingMore(),
        )

    def parse(self, data: bytes) -> Message:
        """The message in `data`; FormatError."""
        parsed = self.struct.parse(data)
        return Message(parsed.mti, {number: parsed[f"field_{number}"] for number in sorted(parsed.bitmap)})

    def build(self, message: Message) -> bytes:
        """The bytes of `message`; FormatError."""
        values = {f"field_{number}": message.fields.get(number) for number in self.numbers}
        built: bytes = self.struct.build({"mti": message.mti, "bitmap": set(message.fields), "end": None, **values})
        return built
