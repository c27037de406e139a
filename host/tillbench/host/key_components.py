"""A key in parts, for people who may know one of them and not the key (ISO 11568-2, split knowledge)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from tillbench.host.acquirer import tdes


@dataclass(frozen=True)
class KeyComponent:
    """What is in one sealed letter."""

    key: bytes = field(repr=False)

    @property
    def check_value(self) -> str:
        """Eight hexadecimal digits, as the terminal shows them."""
        return tdes.check_value(self.key).hex().upper()


def split_key(key: bytes, count: int) -> list[KeyComponent]:
    """`count` components whose exclusive or is `key`; the same for the same key, so that no file has to keep them.

    Raises ValueError for fewer than two.
    """
    if count < 2:
        raise ValueError(f"components: expected 2 or more, found {count}")
    parts = [
        hmac.new(key, f"component {number} of {count}".encode(), hashlib.sha256).digest()[: len(key)]
        for number in range(1, count)
    ]
    last = key
    for part in parts:
        last = bytes(a ^ b for a, b in zip(last, part, strict=True))
    return [KeyComponent(part) for part in (*parts, last)]
