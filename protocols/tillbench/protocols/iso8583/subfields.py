"""What a field's value is made of: parts by position, tagged parts, BER-TLV, or parts behind a bitmap of their own.

A layout is data in the dialect; `split` takes a value apart on request, `join` puts it together again. Both are exact:
`join(layout, split(layout, value)) == value`, or SubfieldError. Tags that a layout does not know are kept, in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from tillbench.protocols.iso8583.values import ALPHABETS, HEX_DIGITS

Value: TypeAlias = str | bytes


class SubfieldError(ValueError):
    """A value that its layout does not allow. part: path of the part; index: in digits, characters or bytes."""

    def __init__(self, part: str, index: int, expected: str, found: str) -> None:
        super().__init__(part, index, expected, found)
        self.part, self.index, self.expected, self.found = part, index, expected, found


class Part(NamedTuple):
    """A part: its name; its size in digits, characters or bytes (0: the rest, or what a tag's length says); its
    alphabet (`n`, `an`, `ans`...; nothing is checked of `b`); its own layout."""

    name: str
    size: int = 0
    type: str = "ans"
    parts: "Layout | None" = None


@dataclass(frozen=True, slots=True)
class Positional:
    """Parts one after the other. `optional`: how many of the last ones may be missing."""

    parts: tuple[Part, ...]
    optional: int = 0


@dataclass(frozen=True, slots=True)
class Tagged:
    """Parts with a tag and a decimal length, both text; `order` says which comes first.

    whole: the length counts the tag too (usual in LTV). digits: of the length. tag: its characters.
    """

    tag: int = 2
    digits: int = 2
    order: Literal["TLV", "LTV"] = "TLV"
    whole: bool = False
    known: Mapping[str, Part] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class BerTlv:
    """EMV data objects (ISO/IEC 8825-1 BER-TLV, definite lengths of at most three bytes), nested as their tags say.

    repeats: tags that may stand more than once on a level (issuer scripts do). depth: of nesting, at most.
    """

    repeats: frozenset[int] = frozenset({0x71, 0x72, 0x86})
    depth: int = 8


@dataclass(frozen=True, slots=True)
class Bitmapped:
    """A bitmap of `size` bytes (hexadecimal in text values), then the parts whose bits are on, 1 the first bit."""

    size: int
    known: Mapping[int, Part] = field(default_factory=dict, hash=False)


Layout: TypeAlias = Positional | Tagged | BerTlv | Bitmapped


class Element(NamedTuple):
    """A part found in a value. key: its number, bit or tag; at: where its value starts, in the units of the outermost
    value; lead: how its tag and length were written, where there is more than one way."""

    key: str
    value: Value
    at: int = 0
    name: str = ""
    children: "tuple[Element, ...]" = ()
    lead: bytes = b""

    def __repr__(self) -> str:
        """Without the value, which may be a card number."""
        inside = f": {', '.join(map(repr, self.children))}" if self.children else ""
        return f"Element({self.key}, {len(self.value)} at {self.at}{inside})"


def split(layout: Layout, value: Value, path: str = "", base: int = 0) -> tuple[Element, ...]:
    """The parts of `value`. `path` and `base` go before the part and the index of an error. SubfieldError."""
    if isinstance(layout, BerTlv):
        if isinstance(value, str):
            raise SubfieldError(path, base, "bytes", "str")
        return _ber(layout, value, path, base, layout.depth)
    text = value if isinstance(value, str) else value.decode("latin-1")
    if isinstance(layout, Positional):
        elements = _positional(layout, text, path, base)
    elif isinstance(layout, Tagged):
        elements = _tagged(layout, text, path, base)
    else:
        elements = _bitmapped(layout, text, path, base, isinstance(value, bytes))
    if isinstance(value, str):
        return elements
    return tuple(e._replace(value=e.value.encode("latin-1") if isinstance(e.value, str) else e.value) for e in elements)


def join(layout: Layout, elements: Sequence[Element]) -> Value:
    """The value made of these parts. SubfieldError: a part that the layout has no room for."""
    binary = isinstance(layout, BerTlv) or any(isinstance(e.value, bytes) for e in elements)
    pieces = [_piece(layout, e) for e in elements]
    if isinstance(layout, Bitmapped):
        bits = sum(1 << (layout.size * 8 - int(e.key)) for e in elements)
        head = bits.to_bytes(layout.size, "big")
        pieces.insert(0, head if binary else head.hex().upper().encode())
    joined = b"".join(pieces)
    whole: Value = joined if binary else joined.decode("latin-1")
    split(layout, whole)
    return whole


def _piece(layout: Layout, element: Element) -> bytes:
    value = element.value if isinstance(element.value, bytes) else element.value.encode("latin-1")
    if isinstance(layout, BerTlv):
        return (element.lead or bytes.fromhex(element.key) + _ber_length(len(value))) + value
    if isinstance(layout, Tagged):
        length = f"{len(value) + (layout.tag if layout.whole else 0):0{layout.digits}}"
        if len(element.key) != layout.tag or len(length) > layout.digits:
            raise SubfieldError(element.key, 0, f"tag of {layout.tag}, length of {layout.digits} digits", length)
        lead = element.key + length if layout.order == "TLV" else length + element.key
        return lead.encode("latin-1") + value
    return value


def _ber_length(size: int) -> bytes:
    return bytes([size]) if size < 0x80 else bytes([0x81, size]) if size < 0x100 else b"\x82" + size.to_bytes(2, "big")


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _element(part: Part, key: str, text: str, path: str, base: int) -> Element:
    path = _below(path, key)
    alphabet = ALPHABETS.get(part.type)
    if alphabet:
        for index, character in enumerate(text):
            if character not in alphabet[0]:
                raise SubfieldError(path, base + index, alphabet[1], f"{ord(character):02X}")
    if part.parts is None:
        return Element(key, text, base, part.name)
    inner: Value = text.encode("latin-1") if isinstance(part.parts, BerTlv) else text
    return Element(key, text, base, part.name, split(part.parts, inner, path, base))


def _take(text: str, at: int, size: int, path: str, base: int) -> str:
    if size > len(text) - at:
        raise SubfieldError(path, base + at, f"{size} more", str(len(text) - at))
    return text[at : at + size]


def _positional(layout: Positional, text: str, path: str, base: int) -> tuple[Element, ...]:
    elements: list[Element] = []
    at = 0
    for index, part in enumerate(layout.parts):
        if at == len(text) and index >= len(layout.parts) - layout.optional:
            break
        key = str(index + 1)
        piece = _take(text, at, part.size or len(text) - at, _below(path, key), base)
        elements.append(_element(part, key, piece, path, base + at))
        at += len(piece)
    if at < len(text):
        raise SubfieldError(path, base + at, "end", f"{len(text) - at} more")
    return tuple(elements)


def _tagged(layout: Tagged, text: str, path: str, base: int) -> tuple[Element, ...]:
    elements: list[Element] = []
    seen: set[str] = set()
    at = 0
    while at < len(text):
        start = at
        lead = _take(text, at, layout.tag + layout.digits, path, base)
        split_at = layout.tag if layout.order == "TLV" else layout.digits
        tag, digits = (
            (lead[:split_at], lead[split_at:]) if layout.order == "TLV" else (lead[split_at:], lead[:split_at])
        )
        digits_at = at + (layout.tag if layout.order == "TLV" else 0)
        inside = _below(path, tag)
        if not (digits.isascii() and digits.isdigit()):
            raise SubfieldError(inside, base + digits_at, f"{layout.digits} digits of length", repr(digits))
        size = int(digits) - (layout.tag if layout.whole else 0)
        if size < 0:
            raise SubfieldError(inside, base + digits_at, f"length {layout.tag}..", digits)
        at += len(lead)
        piece = _take(text, at, size, inside, base)
        if tag in seen:
            raise SubfieldError(inside, base + start, "each tag once", "the tag again")
        seen.add(tag)
        part = layout.known.get(tag, Part("", 0, "b"))
        if part.size and part.size != size:
            raise SubfieldError(inside, base + digits_at, f"length {part.size}", str(size))
        elements.append(_element(part, tag, piece, path, base + at))
        at += size
    return tuple(elements)


def _bitmapped(layout: Bitmapped, text: str, path: str, base: int, binary: bool) -> tuple[Element, ...]:
    head = _take(text, 0, layout.size * (1 if binary else 2), path, base)
    if not binary:
        for index, character in enumerate(head):
            if character not in HEX_DIGITS:
                raise SubfieldError(path, base + index, "hex digits", f"{ord(character):02X}")
    bits = int.from_bytes(head.encode("latin-1"), "big") if binary else int(head, 16)
    elements: list[Element] = []
    at = len(head)
    for bit in range(1, layout.size * 8 + 1):
        if not bits >> (layout.size * 8 - bit) & 1:
            continue
        part = layout.known.get(bit)
        if part is None:
            raise SubfieldError(_below(path, str(bit)), base + (bit - 1) // (8 if binary else 4), "bit off", "bit on")
        piece = _take(text, at, part.size or len(text) - at, _below(path, str(bit)), base)
        elements.append(_element(part, str(bit), piece, path, base + at))
        at += len(piece)
    if at < len(text):
        raise SubfieldError(path, base + at, "end", f"{len(text) - at} more")
    return tuple(elements)


def _ber(layout: BerTlv, data: bytes, path: str, base: int, depth: int) -> tuple[Element, ...]:
    if not depth:
        raise SubfieldError(path, base, f"at most {layout.depth} levels", "another")
    elements: list[Element] = []
    seen: set[str] = set()
    at = 0
    size = len(data)
    while at < size:
        start = at
        first = data[at]
        at += 1
        if first & 0x1F == 0x1F:
            while at < size and at - start < 2 and data[at] & 0x80:
                at += 1
            if at == size:
                raise SubfieldError(path, base + start, "another tag byte", "the end")
            if data[at] & 0x80:
                raise SubfieldError(path, base + start, "a tag of at most 3 bytes", "a longer one")
            at += 1
        elif not first:
            raise SubfieldError(path, base + start, "a tag", "00")
        tag = data[start:at].hex().upper()
        if at == size:
            raise SubfieldError(_below(path, tag), base + at, "a length", "the end")
        length = data[at]
        length_at = at
        at += 1
        if length > 0x7F:
            more = length & 0x7F
            if not 1 <= more <= 2:
                raise SubfieldError(
                    _below(path, tag), base + length_at, "a length byte 00..7F, 81 or 82", f"{length:02X}"
                )
            if more > size - at:
                raise SubfieldError(_below(path, tag), base + at, f"{more} more length bytes", str(size - at))
            length = int.from_bytes(data[at : at + more], "big")
            at += more
        if length > size - at:
            raise SubfieldError(_below(path, tag), base + at, f"{length} bytes", f"{size - at} bytes")
        if tag in seen and int(tag, 16) not in layout.repeats:
            raise SubfieldError(_below(path, tag), base + start, "each tag once", "the tag again")
        seen.add(tag)
        value = data[at : at + length]
        children = _ber(layout, value, _below(path, tag), base + at, depth - 1) if first & 0x20 else ()
        elements.append(Element(tag, value, base + at, "", children, data[start:at]))
        at += length
    return tuple(elements)
