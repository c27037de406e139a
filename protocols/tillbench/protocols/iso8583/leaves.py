"""The leaves of the reference codec: bytes, numbers, packed digits, text, hexadecimal text, signed amounts."""

from io import BytesIO
from typing import Any

from construct import Construct, evaluate
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import ALPHABETS, DIGITS, HEX_DIGITS, SIGNS


class Fault(Exception):
    """Something wrong at a byte, before it is known which field the byte belongs to."""

    def __init__(self, offset: int, expected: str, found: str, nibble: int | None = None) -> None:
        super().__init__(offset, expected, found, nibble)
        self.offset, self.expected, self.found, self.nibble = offset, expected, found, nibble


class Octets(Construct):  # type: ignore[misc]  # construct has no types
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


class Packed(Construct):  # type: ignore[misc]  # construct has no types
    """`count` decimal or hexadecimal digits, two to a byte; an odd one out is padded with the fill nibble.

    trim: the count is in bytes, so that the fill nibble tells an odd number.
    """

    def __init__(self, count: Any, alphabet: str, words: str, pad_left: bool, fill: str = "0", trim: bool = False):
        super().__init__()
        self.count, self.alphabet, self.words = count, alphabet, "BCD digits" if alphabet == DIGITS else words
        self.pad_left, self.fill, self.trim = pad_left, fill, trim

    def _parse(self, stream: BytesIO, context: Any, path: str) -> str:
        count, at = evaluate(self.count, context), stream.tell()
        data = Octets((count + 1) // 2)._parse(stream, context, path)
        digits = data.hex().upper()
        pad_at = 0 if self.pad_left else len(digits) - 1
        padded = count % 2 == 1 or (self.trim and digits[pad_at : pad_at + 1] == self.fill)
        for index, digit in enumerate(digits):
            if not (padded and index == pad_at) and digit not in self.alphabet:
                raise Fault(at + index // 2, self.words, f"{data[index // 2]:02X}", index % 2)
        if not padded:
            return digits
        if digits[pad_at] != self.fill:
            raise Fault(at + pad_at // 2, f"pad {self.fill}", f"{data[pad_at // 2]:02X}", pad_at % 2)
        return digits[1:] if self.pad_left else digits[:-1]

    def _build(self, obj: str, stream: BytesIO, _context: Any, _path: str) -> str:
        odd = len(obj) % 2 * self.fill
        stream.write(bytes.fromhex(odd + obj if self.pad_left else obj + odd))
        return obj


class Text(Construct):  # type: ignore[misc]  # construct has no types
    """`count` characters of one byte each, out of an alphabet."""

    def __init__(self, count: Any, alphabet: str, words: str, codepage: str) -> None:
        super().__init__()
        self.count, self.alphabet, self.words, self.codepage = count, alphabet, words, codepage

    def _parse(self, stream: BytesIO, context: Any, path: str) -> str:
        at = stream.tell()
        data = Octets(self.count)._parse(stream, context, path)
        text = data.decode(self.codepage)
        for index, character in enumerate(text):
            if character not in self.alphabet:
                raise Fault(at + index, self.words, f"{data[index]:02X}")
        return text

    def _build(self, obj: str, stream: BytesIO, _context: Any, _path: str) -> str:
        stream.write(obj.encode(self.codepage))
        return obj


class HexText(Construct):  # type: ignore[misc]  # construct has no types
    """`count` bytes as twice as many characters 0-9, A-F."""

    def __init__(self, count: Any, codepage: str) -> None:
        super().__init__()
        self.count, self.codepage = count, codepage

    def _parse(self, stream: BytesIO, context: Any, path: str) -> bytes:
        digits = Text(evaluate(self.count, context) * 2, HEX_DIGITS, "hex digits", self.codepage)
        return bytes.fromhex(digits._parse(stream, context, path))

    def _build(self, obj: bytes, stream: BytesIO, _context: Any, _path: str) -> bytes:
        stream.write(obj.hex().upper().encode(self.codepage))
        return obj


class Number(Construct):  # type: ignore[misc]  # construct has no types
    """A count of `size` bytes: packed digits, digits as text, or a big-endian integer."""

    def __init__(self, size: int, code: str, codepage: str) -> None:
        super().__init__()
        self.size, self.code = size, code
        page = codepage if code == "ebcdic" else "latin-1"
        digits = ALPHABETS["n"]
        self.leaf = Packed(size * 2, *digits, False) if code == "bcd" else Text(size, *digits, page)

    def _parse(self, stream: BytesIO, context: Any, path: str) -> int:
        if self.code == "binary":
            return int.from_bytes(Octets(self.size)._parse(stream, context, path), "big")
        return int(self.leaf._parse(stream, context, path))

    def _build(self, obj: int, stream: BytesIO, context: Any, path: str) -> int:
        if self.code == "binary":
            stream.write(obj.to_bytes(self.size, "big"))
        else:
            self.leaf._build(f"{obj:0{self.size * (2 if self.code == 'bcd' else 1)}}", stream, context, path)
        return obj


class Signed(Construct):  # type: ignore[misc]  # construct has no types
    """C or D and the digits of an amount; the sign is a character also where the digits are packed."""

    def __init__(self, rule: Rule, count: int) -> None:
        super().__init__()
        page = rule.codepage if rule.code == "ebcdic" else "latin-1"
        self.size = rule.wire_size(count)
        self.sign = Text(1, SIGNS, "C or D", page)
        digits = ALPHABETS["n"]
        self.digits = Packed(count - 1, *digits, False) if rule.code == "packed" else Text(count - 1, *digits, page)

    def _parse(self, stream: BytesIO, context: Any, path: str) -> str:
        at = stream.tell()
        Octets(self.size)._parse(stream, context, path)
        stream.seek(at)
        sign: str = self.sign._parse(stream, context, path)
        return sign + str(self.digits._parse(stream, context, path))

    def _build(self, obj: str, stream: BytesIO, context: Any, path: str) -> str:
        self.sign._build(obj[:1], stream, context, path)
        self.digits._build(obj[1:], stream, context, path)
        return obj
