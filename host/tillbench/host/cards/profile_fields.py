"""What the fields of a profile are made of: hexadecimal bytes, data object lists, the model that they stand in."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from tillbench.protocols.emv import TAGS, DolEntry


def hex_bytes(least: int, most: int) -> BeforeValidator:
    """Hexadecimal digits for `least` to `most` bytes."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            content = bytes.fromhex(value)
        except ValueError:
            raise ValueError("expected an even number of hexadecimal digits") from None
        if not least <= len(content) <= most:
            sizes = str(least) if least == most else f"{least} to {most}"
            raise ValueError(f"expected {sizes} bytes in hexadecimal, not {len(content)}")
        return content

    return BeforeValidator(validate)


def _dol(value: object) -> object:
    """`9F02 9F1A 9F4E:20` to entries: the table's length where it is fixed, else the one after the colon."""
    if not isinstance(value, str):
        return value
    entries = []
    for word in value.split():
        text, _, length = word.partition(":")
        try:
            tag = int(text, 16)
        except ValueError:
            raise ValueError(f"expected tags such as 9F02 or 9F4E:20, found {word}") from None
        row = TAGS.get(tag)
        if not length and (row is None or row.fixed_length is None):
            raise ValueError(f"{word} has no fixed length: write {text}:<bytes>")
        if length and not (length.isdecimal() and int(length) <= 252):
            raise ValueError(f"expected a length of 0 to 252 bytes, found {word}")
        entries.append(DolEntry(tag, int(length) if length else TAGS[tag].least))
    return tuple(entries)


def _words(value: object) -> object:
    """`sda dda` is as good as a YAML list of the two."""
    return tuple(value.split()) if isinstance(value, str) else value


Dol = Annotated[tuple[DolEntry, ...], BeforeValidator(_dol)]
Words = BeforeValidator(_words)
OneByte = Annotated[bytes, hex_bytes(1, 1)]
TwoBytes = Annotated[bytes, hex_bytes(2, 2)]
ThreeBytes = Annotated[bytes, hex_bytes(3, 3)]
ActionCode = Annotated[bytes, hex_bytes(5, 5)]


class Model(BaseModel):
    """A part of a profile. Defaults are validated too, so that a check across two fields also sees the one that was
    left out."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)
