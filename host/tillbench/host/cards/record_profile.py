"""Records laid out by hand: which objects stand in which record, in what order, or any bytes at all."""

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from tillbench.host.cards.profile_fields import Model, hex_bytes

LOG_SFI = 11


def _tags(value: object) -> object:
    """`57 5F20` to numbers."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(int(word, 16) for word in value.split())
    except ValueError:
        raise ValueError("expected tags such as 57 5F20") from None


class RecordProfile(Model):
    """One record: `tags` in template 70, or `raw` bytes as they are. Records of one SFI count from 1 in the order of
    the list. `signed` ones go under offline data authentication, and come first in their SFI (Book 3, 10.2)."""

    sfi: Annotated[int, Field(ge=1, le=30)]
    tags: Annotated[tuple[int, ...], BeforeValidator(_tags)] = ()
    raw: Annotated[bytes, hex_bytes(0, 255)] | None = None
    signed: bool = False

    @field_validator("sfi")
    @classmethod
    def _is_free(cls, value: int) -> int:
        if value == LOG_SFI:
            raise ValueError(f"{LOG_SFI} is the transaction log")
        return value

    @field_validator("raw")
    @classmethod
    def _is_alone(cls, value: bytes | None, info: ValidationInfo) -> bytes | None:
        if (value is None) != bool(info.data.get("tags")):
            raise ValueError("a record has either tags or raw bytes")
        return value
