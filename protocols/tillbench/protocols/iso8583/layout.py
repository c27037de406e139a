"""The reference codec: a dialect's rules turned into construct definitions.

construct's own errors know neither the field nor the byte, so the leaves (`leaves`) raise `Fault` with the offset, and
`Element` says which field it was. `construct.compile()` is not used: it accepts frames that are a byte short.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, NoReturn

from construct import Construct, FocusedSeq, If, Rebuild, Struct, Subconstruct, this
from tillbench.protocols.iso8583.errors import BITMAP, END, FormatError
from tillbench.protocols.iso8583.leaves import Fault, HexText, Number, Octets, Packed, Signed, Text
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import length_text
from tillbench.protocols.iso8583.walk import Envelope, problem

_PER_BITMAP = 64


class Count(Subconstruct):  # type: ignore[misc]  # construct has no types
    """The count before a field of variable length, in the unit that the acquirer counts in."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(Number(rule.prefix, rule.count_code, rule.codepage))
        self.rule = rule

    def _parse(self, stream: BytesIO, context: Any, path: str) -> int:
        at = stream.tell()
        count: int = self.subcon._parse(stream, context, path)
        low, high = self.rule.counts
        if not low <= count <= high:
            raise Fault(at, length_text(low, high), str(count))
        length, rest = divmod(count * self.rule.divide, self.rule.multiply)
        if rest:
            raise Fault(at, "even length", str(count))
        return length

    def _build(self, obj: int, stream: BytesIO, context: Any, path: str) -> int:
        count = -(-obj * self.rule.multiply // self.rule.divide)
        self.subcon._build(count, stream, context, path)
        return obj


def value(rule: Rule, length: Any) -> Construct:
    """The definition of the bytes of a value, without its count."""
    if rule.type == "x+n":
        return Signed(rule, length)
    if rule.code == "packed":
        return Packed(length, *rule.alphabet, rule.pad_left, rule.fill, rule.trim)
    if rule.code in ("hex", "hex-ebcdic"):
        return HexText(length, rule.codepage if rule.code == "hex-ebcdic" else "latin-1")
    if rule.code == "raw":
        return Octets(length)
    return Text(length, *rule.alphabet, rule.codepage if rule.code == "ebcdic" else "latin-1")


def count_and_value(rule: Rule) -> Construct:
    """The definition of a field's bytes."""
    if not rule.prefix:
        return value(rule, rule.high)
    return FocusedSeq(
        "value",
        "count" / Rebuild(Count(rule), lambda context: len(context["value"])),
        "value" / value(rule, this.count),
    )


class Element(Subconstruct):  # type: ignore[misc]  # construct has no types
    """A field: its bytes, and its name in errors."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(count_and_value(rule))
        self.rule = rule

    def fail(self, offset: int, expected: str, found: str, nibble: int | None = None) -> NoReturn:
        raise FormatError(self.rule.number, offset, expected, found, self.rule.name, nibble) from None

    def _parse(self, stream: BytesIO, context: Any, path: str) -> Any:
        at = stream.tell()
        try:
            parsed = self.subcon._parse(stream, context, path)
        except Fault as fault:
            self.fail(fault.offset, fault.expected, fault.found, fault.nibble)
        low, high = self.rule.sizes
        if not low <= len(parsed) <= high:  # a pad nibble too many or too few
            self.fail(at, length_text(low, high), str(len(parsed)))
        return parsed

    def _build(self, obj: Any, stream: BytesIO, context: Any, path: str) -> Any:
        if wrong := problem(self.rule, obj):
            self.fail(stream.tell(), *wrong)
        return self.subcon._build(obj, stream, context, path)


class Bitmap(Subconstruct):  # type: ignore[misc]  # construct has no types
    """One bitmap: which of 64 fields are present, as a set of numbers; the first bit is number `first`."""

    def __init__(self, envelope: Envelope, first: int) -> None:
        self.raw = envelope.bitmap == "raw"
        self.first = first
        codepage = envelope.mti.codepage if envelope.bitmap == "hex-ebcdic" else "latin-1"
        super().__init__(Octets(8) if self.raw else HexText(8, codepage))

    def _parse(self, stream: BytesIO, context: Any, path: str) -> set[int]:
        try:
            bits = int.from_bytes(self.subcon._parse(stream, context, path), "big")
        except Fault as fault:
            raise FormatError(BITMAP, fault.offset, fault.expected, fault.found, "", fault.nibble) from None
        return {self.first + bit for bit in range(_PER_BITMAP) if bits >> (63 - bit) & 1}

    def _build(self, obj: set[int], stream: BytesIO, context: Any, path: str) -> set[int]:
        bits = sum(1 << (63 - number + self.first) for number in obj if 0 <= number - self.first < _PER_BITMAP)
        self.subcon._build(bits.to_bytes(8, "big"), stream, context, path)
        return obj


class Bitmaps(Construct):  # type: ignore[misc]  # construct has no types
    """Which fields are present: the first bitmap and those that bits 1 and 65 announce."""

    def __init__(self, envelope: Envelope, known: frozenset[int]) -> None:
        super().__init__()
        self.known, self.always, self.raw = known, envelope.always, envelope.bitmap == "raw"
        self.maps = [Bitmap(envelope, 1 + _PER_BITMAP * index) for index in range(envelope.bitmaps)]
        self.continued = {bitmap.first for bitmap in self.maps[:-1]}

    def _parse(self, stream: BytesIO, context: Any, path: str) -> set[int]:
        start = stream.tell()
        present: set[int] = set()
        for bitmap in self.maps:
            found = bitmap._parse(stream, context, path)
            present |= found
            if bitmap.first not in found:
                break
        for number in sorted(present | ({1} if self.always else set())):
            if expected := self._expected(number, present):
                bit = number - 1
                place, nibble = (bit // 8, bit % 8 // 4) if self.raw else (bit // 4, None)
                raise FormatError(number, start + place, *expected, "", nibble)
        return present - self.continued

    def _expected(self, number: int, present: set[int]) -> tuple[str, str] | None:
        if number not in present:
            return "bit on", "bit off"
        if number not in self.continued:
            return None if number in self.known else ("bit off", "bit on")
        if number == 1 and self.always:
            return None
        return None if any(other >= number + _PER_BITMAP for other in present) else ("fields above", "none")

    def _build(self, obj: set[int], stream: BytesIO, context: Any, path: str) -> set[int]:
        for number in sorted(obj - self.known):
            raise FormatError(number, stream.tell(), "bit off", "bit on")
        largest = max(obj, default=0)
        needed = [bitmap.first for bitmap in self.maps if largest >= bitmap.first + _PER_BITMAP]
        present = obj | set(needed) | ({1} if self.always else set())
        for bitmap in self.maps:
            bitmap._build(present, stream, context, path)
            if bitmap.first not in present:
                break
        return obj


class NothingMore(Construct):  # type: ignore[misc]  # construct has no types
    """The end of the message."""

    def _parse(self, stream: BytesIO, _context: Any, _path: str) -> None:
        at = stream.tell()
        if left := len(stream.read()):
            raise FormatError(END, at, "end", f"{left} bytes")

    def _build(self, obj: Any, stream: BytesIO, _context: Any, _path: str) -> None:
        pass


class Body:
    """A dialect's message body; `struct` is the construct definition."""

    def __init__(self, envelope: Envelope, rules: Mapping[int, Rule]) -> None:
        self.numbers = sorted(rules)
        self.struct = Struct(
            "mti" / Element(envelope.mti),
            "bitmap" / Bitmaps(envelope, frozenset(self.numbers)),
            *(
                f"field_{number}" / If(lambda context, number=number: number in context.bitmap, Element(rules[number]))
                for number in self.numbers
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
