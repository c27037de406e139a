"""Whoever sits at the board: does what cannot be done by wire, and says what cannot be read by one."""

from __future__ import annotations

from typing import Protocol


class Person(Protocol):
    """Somebody with fingers, eyes and ears."""

    def do(self, what: str) -> None:
        """Ask for something that is to happen now; the board is watched right after that."""
        ...

    def sees(self, question: str) -> bool | None:
        """Yes, no, or None from nobody who could say."""
        ...
