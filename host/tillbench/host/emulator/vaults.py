"""Random source and key slot of a virtual board."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from tillbench.protocols.link import Vault


@dataclass
class Vaults:
    """Random source and key slot of a virtual board; `offered` is what a key loader on its cable has for it.

    `on_change` is called when the slot holds something else than before.
    """

    entropy: Callable[[int], bytes]
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    offered: dict[str, bytes] = field(default_factory=dict, repr=False)
    on_change: Callable[[], None] = lambda: None

    def store(self, name: str, key: bytes) -> None:
        """Keep a key in the slot."""
        self.keys[name] = key
        self.on_change()

    def erase(self) -> None:
        """Empty the slot."""
        self.keys.clear()
        self.on_change()

    def answer(self, op: int, data: bytes) -> bytes:
        """What the device gets for a VAULT frame with these data."""
        found: bytes | None = b""
        match op:
            case Vault.ENTROPY:
                found = self.entropy(struct.unpack("<H", data)[0])
            case Vault.STORE:
                name, _, key = data.partition(b"\0")
                self.store(name.decode(), key)
            case Vault.ERASE:
                self.erase()
            case _:
                found = (self.offered if op == Vault.OFFERED else self.keys).get(data.decode())
        return bytes([Vault.NO_KEY]) if found is None else bytes([Vault.BYTES]) + found
