"""Looks for secrets where none may be: PINs, keys and card numbers, in every form in which a program spills them.

    spills = find(secrets, [("trace.jsonl", data)])

A needle is what a secret looks like in one form; the search is exact and finds it at any offset, so a form that is
not listed here is not found: `forms` is the list to extend. Needles of fewer than `SHORTEST` bytes are left out, they
would be found everywhere by chance; a secret of which no form is long enough is refused.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

SHORTEST = 5
"""Bytes of the shortest needle: by chance one in a million million offsets."""


class UnfitSecret(ValueError):
    """The secret is too short to be told from chance, or is not of the kind it claims to be. Its value is not told."""


@dataclass(frozen=True)
class Secret:
    """One value that must not be found.

    Attributes:
        name: for the report, which never shows the value.
        needles: form to bytes.
    """

    name: str
    needles: dict[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class Spill:
    """A secret that was found: which one, where, and in which form."""

    name: str
    form: str
    where: str
    offset: int

    def __str__(self) -> str:
        return f"{self.where} at {self.offset}: {self.name} as {self.form}"


def key(name: str, value: bytes) -> Secret:
    """A key, or any other secret bytes (a PIN block, a session key). Raises UnfitSecret."""
    if len(value) < 8 or len(set(value)) < 4:
        raise UnfitSecret(f"{name}: expected at least 8 bytes, 4 of them different, found {len(value)}")
    needles = _of_bytes(value)
    if len(value) == 16:
        # A double-length key is also lost when its halves are, e.g. in a cipher's key schedule or on two lines.
        for half, part in (("left half", value[:8]), ("right half", value[8:])):
            needles |= {f"{form}, {half}": needle for form, needle in _of_bytes(part).items()}
    return Secret(name, _long_enough(name, needles))


def pin(name: str, digits: str, pan: str) -> Secret:
    """A PIN of 4 to 12 digits with the card number that it belongs to; shorter ones are searched as PIN blocks and
    strings with separators only. Raises UnfitSecret."""
    if not digits.isascii() or not digits.isdigit() or not 4 <= len(digits) <= 12:
        raise UnfitSecret(f"{name}: expected a PIN of 4 to 12 digits")
    needles = _of_digits(digits)
    field_ = bytes.fromhex(f"0{len(digits):X}{digits:F<14}")
    account = bytes.fromhex("0000" + pan[:-1][-12:])
    block = bytes(a ^ b for a, b in zip(field_, account, strict=True))
    needles |= {f"PIN block, {form}": needle for form, needle in _of_bytes(block).items()}
    needles |= {f"PIN field, {form}": needle for form, needle in _of_bytes(field_).items()}
    filled = bytes.fromhex(f"2{len(digits):X}{digits:F<14}")
    needles |= {f"VERIFY data, {form}": needle for form, needle in _of_bytes(filled).items()}
    return Secret(name, _long_enough(name, needles))


def pan(name: str, digits: str) -> Secret:
    """A card number in clear, where only its first six and last four digits may be. Raises UnfitSecret."""
    if not digits.isascii() or not digits.isdigit() or not 12 <= len(digits) <= 19:
        raise UnfitSecret(f"{name}: expected a card number of 12 to 19 digits")
    needles = _of_digits(digits)
    grouped = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    needles |= {f"text, groups of 4, {mark!r}": mark.join(grouped).encode() for mark in " -"}
    # What lies between the parts that may be shown, e.g. in a log that cuts the number in another place.
    middle = digits[6:-4]
    if len(middle) >= 6 and middle.strip("0"):
        needles["text, middle digits"] = middle.encode()
    return Secret(name, _long_enough(name, needles))


def find(secrets: Iterable[Secret], places: Iterable[tuple[str, bytes]]) -> list[Spill]:
    """Every place at which a secret is, in the order of places and offsets; one spill for each form and offset.

    Args:
        secrets: what to look for.
        places: name and content.
    """
    wanted = [(secret.name, form, needle) for secret in secrets for form, needle in secret.needles.items()]
    spills: list[Spill] = []
    for where, data in places:
        lowered = data.lower()
        here = [
            Spill(name, form, where, offset)
            for name, form, needle in wanted
            for offset in (_offsets(lowered, needle.lower()) if "hex" in form else _offsets(data, needle))
        ]
        spills += sorted(here, key=lambda spill: (spill.offset, spill.name, spill.form))
    return spills


def _offsets(data: bytes, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)


def find_in_files(secrets: Iterable[Secret], *roots: Path) -> list[Spill]:
    """The same in files, and in all files below folders. Raises OSError for what cannot be read."""
    return find(secrets, _files(roots))


def _files(roots: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for root in roots:
        for path in sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]:
            yield str(path), path.read_bytes()


def _long_enough(name: str, needles: dict[str, bytes]) -> dict[str, bytes]:
    fit = {form: needle for form, needle in needles.items() if len(needle) >= SHORTEST and len(set(needle)) > 1}
    if not fit:
        raise UnfitSecret(f"{name}: every form of it is shorter than {SHORTEST} bytes, it would be found by chance")
    return fit


def _of_bytes(value: bytes) -> dict[str, bytes]:
    """Raw, reversed, hexadecimal in the usual dresses, decimal lists, base64."""
    pairs = [f"{byte:02x}" for byte in value]
    numbers = [str(byte) for byte in value]
    return {
        "raw": value,
        "raw, reversed": value[::-1],
        "raw, nibbles swapped": bytes(byte >> 4 | (byte & 0x0F) << 4 for byte in value),
        "hex": value.hex().encode(),
        "hex, spaced": " ".join(pairs).encode(),
        "hex, colons": ":".join(pairs).encode(),
        "hex, dashes": "-".join(pairs).encode(),
        "hex, 0x": ", ".join(f"0x{pair}" for pair in pairs).encode(),
        "hex, \\x": "".join(f"\\x{pair}" for pair in pairs).encode(),
        "Python bytes": repr(value)[2:-1].encode(),
        "decimal list": ", ".join(numbers).encode(),
        "decimal list, tight": ",".join(numbers).encode(),
        "UTF-16 hex": value.hex().encode("utf-16-le")[:-1],
        "hex of hex": value.hex().encode().hex().encode(),
        **_base64(value),
    }


def _of_digits(digits: str) -> dict[str, bytes]:
    """Text and its encodings, with separators, digit values, packed BCD at both alignments and in both orders."""
    odd = len(digits) % 2
    filled = digits + "F" * odd
    leading = "0" * odd + digits
    swapped = "".join(filled[at + 1] + filled[at] for at in range(0, len(filled), 2))
    # From the second digit on: the packed form that starts in the middle of a byte, without its two edges.
    inner = digits[1:] if (len(digits) - 1) % 2 == 0 else digits[1:-1]
    text = digits.encode()
    forms = {
        "text": text,
        "text, reversed": text[::-1],
        "UTF-16": digits.encode("utf-16-le")[:-1],  # so it is in either byte order
        "hex of text": text.hex().encode(),
        "digit values": bytes(int(digit) for digit in digits),
        "BCD": bytes.fromhex(filled),
        "BCD, leading zero": bytes.fromhex(leading),
        "BCD, nibbles swapped": bytes.fromhex(swapped),
        "BCD, from the second digit": bytes.fromhex(inner),
    }
    forms |= {f"text, separated by {mark!r}": mark.join(digits).encode() for mark in (" ", "-", ",", ", ", "', '")}
    forms |= {f"character codes, {mark!r}": mark.join(str(byte) for byte in text).encode() for mark in (",", ", ")}
    forms |= {f"{form} of text": needle for form, needle in _base64(text).items()}
    forms |= {f"{form} of BCD": needle for form, needle in _base64(bytes.fromhex(filled)).items()}
    return forms


def _base64(value: bytes) -> dict[str, bytes]:
    """Base64 of something that has `value` at any place: three alignments, less the characters that mix with what is
    before and after it."""
    forms = {}
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + value)
        first = (0, 2, 3)[shift]
        end = (shift + len(value)) * 8 // 6
        needle = encoded[first:end]
        forms[f"base64, shifted by {shift}"] = needle
        forms[f"base64url, shifted by {shift}"] = needle.translate(bytes.maketrans(b"+/", b"-_"))
    return forms
