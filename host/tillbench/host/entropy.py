"""Random bytes: seeded, so that a run can be repeated to the byte, or the system's."""

from __future__ import annotations

import hashlib
import os
import random


class Entropy:
    """One source for a whole run. Streams of different purposes do not disturb each other.

    Args:
        seed: the same seed gives the same bytes; None takes the system's random source.
    """

    def __init__(self, seed: int | str | None) -> None:
        self.seed = os.urandom(16).hex() if seed is None else str(seed)

    def stream(self, purpose: str) -> EntropyStream:
        """The bytes for one purpose ("device", "acquirer", ...)."""
        return EntropyStream(f"{self.seed}/{purpose}".encode())

    def random(self, purpose: str) -> random.Random:
        """A `random.Random` for the whims of a model: bounces, gaps between keys."""
        return random.Random(f"{self.seed}/{purpose}")


class EntropyStream:
    """SHA-256 in counter mode. Test keys come from it; it is not made to keep real secrets."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0
        self._left = b""

    def __call__(self, n: int) -> bytes:
        """The next `n` bytes."""
        while len(self._left) < n:
            self._count += 1
            self._left += hashlib.sha256(self._seed + self._count.to_bytes(8, "big")).digest()
        taken, self._left = self._left[:n], self._left[n:]
        return taken

    def tdes_key(self) -> bytes:
        """A double-length TDES key with odd parity (ANSI X9.24: every byte), its halves different."""
        while True:
            key = bytes(b & 0xFE | (b & 0xFE).bit_count() & 1 ^ 1 for b in self(16))
            if key[:8] != key[8:]:
                return key
