"""One step at a time: one field off the wire, or the first thing wrong with a value, straight from the rules.

The generated codecs call this when a check of theirs has failed, to say what and where. With `walk` a frame can be
followed field by field up to the fault, which the fast codecs do not do.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, NoReturn

from tillbench.protocols.iso8583.errors import BITMAP, END, FormatError
from tillbench.protocols.iso8583.privacy import masked
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import DIGITS, HEX_DIGITS, SIGNS, length_text

Value = str | bytes


class Envelope(NamedTuple):
    """What stands before the fields: the rule of the message type, the code of the bitmap, how many bitmaps there
    may be, and whether the second one is always sent."""

    mti: Rule
    bitmap: str
    bitmaps: int
    always: bool
    known: int  # the bits of all data elements of the dialect, 2..192, as in `bits_of`


class Step(NamedTuple):
    """A field found on the wire: where it starts, where its value starts and ends, and the value."""

    number: int
    start: int
    value_start: int
    end: int
    value: Value

    def __repr__(self) -> str:
        return f"Step({self.number}: {masked(self.number, self.value)}, {self.start}, {self.value_start}, {self.end})"


TOP = 193  # bit n of a number is 1 << (TOP - n)


def fail(rule: Rule, offset: int, expected: str, found: str, nibble: int | None = None) -> NoReturn:
    raise FormatError(rule.number, offset, expected, found, rule.name, nibble)


def _need(rule: Rule, data: bytes, at: int, size: int) -> bytes:
    if len(data) - at < size:
        fail(rule, at, f"{size} bytes", f"{max(0, len(data) - at)} bytes")
    return data[at : at + size]


def read_count(rule: Rule, data: bytes, at: int) -> int:
    """The length of the value of a variable field, from its count at `at`. FormatError."""
    piece = _need(rule, data, at, rule.prefix)
    if rule.count_code == "binary":
        count = int.from_bytes(piece, "big")
    elif rule.count_code == "bcd":
        for index, nibble in enumerate(piece.hex()):
            if nibble not in DIGITS:
                fail(rule, at + index // 2, "BCD digits", f"{piece[index // 2]:02X}", index % 2)
        count = int(piece.hex())
    else:
        text = piece.decode("latin-1" if rule.count_code == "ascii" else rule.codepage)
        for index, character in enumerate(text):
            if character not in DIGITS:
                fail(rule, at + index, "digits", f"{piece[index]:02X}")
        count = int(text)
    low, high = rule.counts
    if not low <= count <= high:
        fail(rule, at, length_text(low, high), str(count))
    if rule.divide == 2:
        return count * 2
    if count % rule.multiply:
        fail(rule, at, "even length", str(count))
    return count // rule.multiply


def _packed(rule: Rule, piece: bytes, at: int, length: int) -> str:
    digits = piece.hex().upper()
    odd = length & 1
    if rule.trim and digits and digits[0 if rule.pad_left else -1] == rule.fill:
        odd = 1
    first, last = (1 if odd and rule.pad_left else 0), len(digits) - (1 if odd and not rule.pad_left else 0)
    alphabet, words = rule.alphabet
    for index in range(first, last):
        if digits[index] not in alphabet:
            words = "BCD digits" if words == "digits" else words
            fail(rule, at + index // 2, words, f"{piece[index // 2]:02X}", index % 2)
    if odd:
        index = 0 if rule.pad_left else len(digits) - 1
        if digits[index] != rule.fill:
            fail(rule, at + index // 2, f"pad {rule.fill}", f"{piece[index // 2]:02X}", index % 2)
    return digits[first:last]


def _characters(rule: Rule, piece: bytes) -> str:
    return piece.decode(rule.codepage if rule.code in ("ebcdic", "hex-ebcdic") else "latin-1")


def take(rule: Rule, data: bytes, at: int) -> Step:
    """The field that starts at `at`. FormatError."""
    start = at
    if rule.prefix:
        length = read_count(rule, data, at)
        at += rule.prefix
    else:
        length = rule.high
    piece = _need(rule, data, at, rule.wire_size(length))
    value: Value
    if rule.code == "raw":
        value = piece
    elif rule.code in ("hex", "hex-ebcdic"):
        text = _characters(rule, piece)
        for index, character in enumerate(text):
            if character not in HEX_DIGITS:
                fail(rule, at + index, "hex digits", f"{piece[index]:02X}")
        value = bytes.fromhex(text)
    elif rule.code == "packed" and rule.type != "x+n":
        value = _packed(rule, piece, at, length)
        if rule.trim and not rule.low <= len(value) <= rule.high:
            fail(rule, start, length_text(rule.low, rule.high), str(len(value)))
    else:
        value = _text(rule, piece, at, length)
    return Step(rule.number, start, at, at + len(piece), value)


def _text(rule: Rule, piece: bytes, at: int, length: int) -> str:
    sign = ""
    if rule.type == "x+n":
        ebcdic = rule.codepage if rule.code == "ebcdic" else "latin-1"
        sign = piece[:1].decode(ebcdic)
        if sign not in SIGNS:
            fail(rule, at, "C or D", f"{piece[0]:02X}")
        if rule.code == "packed":
            return sign + _packed(rule, piece[1:], at + 1, length - 1)
    alphabet, words = rule.alphabet
    text = _characters(rule, piece)
    for index in range(len(sign), len(text)):
        if text[index] not in alphabet:
            fail(rule, at + index, words, f"{piece[index]:02X}")
    return text


def read_bitmap(envelope: Envelope, data: bytes, at: int) -> tuple[int, int]:
    """(bits, where the fields start) of the bitmaps at `at`; bit n is `1 << (TOP - n)`. FormatError."""
    start = at
    raw = envelope.bitmap == "raw"
    size = 8 if raw else 16
    bits = 0
    for index in range(envelope.bitmaps):
        piece = data[at : at + size]
        if len(piece) < size:
            raise FormatError(BITMAP, at, f"{size} bytes", f"{len(piece)} bytes")
        if raw:
            word = int.from_bytes(piece, "big")
        else:
            text = piece.decode(envelope.mti.codepage if envelope.bitmap == "hex-ebcdic" else "latin-1")
            for place, character in enumerate(text):
                if character not in HEX_DIGITS:
                    raise FormatError(BITMAP, at + place, "hex digits", f"{piece[place]:02X}")
            word = int(text, 16)
        bits |= word << (TOP - 64 * (index + 1))
        at += size
        if not word >> 63:
            break
    check_bits(envelope, bits, start)
    return bits, at


def check_bits(envelope: Envelope, bits: int, start: int) -> None:
    """FormatError for the first bit that cannot be on (or off)."""
    raw = envelope.bitmap == "raw"

    def wrong(number: int, expected: str, found: str) -> FormatError:
        place = (number - 1) // 4
        return FormatError(
            number, start + (place // 2 if raw else place), expected, found, "", place % 2 if raw else None
        )

    more = [1 + 64 * index for index in range(envelope.bitmaps - 1)]
    for number in range(1, 193):
        if not bits >> (TOP - number) & 1:
            if number == 1 and envelope.always:
                raise wrong(1, "bit on", "bit off")
            continue
        if number in more:
            if not (number == 1 and envelope.always) and not bits & ((1 << (TOP - number - 63)) - 1):
                raise wrong(number, "fields above", "none")
        elif not envelope.known >> (TOP - number) & 1:
            raise wrong(number, "bit off", "bit on")


def walk(envelope: Envelope, rules: Mapping[int, Rule], data: bytes) -> Iterator[Step]:
    """Message type, then every field, each as it is reached; the FormatError comes where the first fault is."""
    step = take(envelope.mti, data, 0)
    yield step
    bits, at = read_bitmap(envelope, data, step.end)
    for number in sorted(rules):
        if bits >> (TOP - number) & 1:
            step = take(rules[number], data, at)
            yield step
            at = step.end
    if at < len(data):
        raise FormatError(END, at, "end", f"{len(data) - at} bytes")


def problem(rule: Rule, value: object) -> tuple[str, str] | None:
    """Why `value` cannot be the value of a field: (expected, found), or None when it can."""
    binary = rule.type == "b"
    if not isinstance(value, (bytes, bytearray) if binary else str):
        return ("bytes" if binary else "str"), type(value).__name__
    low, high = rule.sizes
    if not low <= len(value) <= high:
        return length_text(low, high), str(len(value))
    if rule.pairs and len(value) % 2:
        return "even length", str(len(value))
    if isinstance(value, str):
        alphabet, words = rule.alphabet
        for index, character in enumerate(value):
            if rule.type == "x+n" and not index:
                if character not in SIGNS:
                    return "C or D", f"U+{ord(character):04X} at 0"
            elif character not in alphabet:
                return words, f"U+{ord(character):04X} at {index}"
    return None


def refuse(envelope: Envelope, rules: Mapping[int, Rule], mti: object, fields: Mapping[int, object]) -> None:
    """FormatError for the first thing that cannot be encoded; nothing when all can."""
    if wrong := problem(envelope.mti, mti):
        raise FormatError(envelope.mti.number, 0, wrong[0], wrong[1], envelope.mti.name)
    at = envelope.mti.wire_size(4)
    numbers = sorted(fields)
    for number in numbers:
        if number not in rules:
            raise FormatError(number, at, "bit off", "bit on")
    size = 8 if envelope.bitmap == "raw" else 16
    at += size * max(1 + envelope.always, *(1 + (number - 1) // 64 for number in numbers or [1]))
    for number in numbers:
        rule = rules[number]
        value = fields[number]
        if wrong := problem(rule, value):
            fail(rule, at, *wrong)
        at += rule.prefix + rule.wire_size(len(value))  # type: ignore[arg-type]  # `problem` has looked at its type
