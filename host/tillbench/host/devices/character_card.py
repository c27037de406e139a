"""A chip card as a slot drives it: characters on I/O, times in elementary time units."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


class CharacterCard(Protocol):
    """A card as the slot drives it: logical characters, times in etu."""

    def reset(self, cold: bool) -> bytes:
        """RST has gone high; return the answer to reset (TS as 3B or 3F)."""
        ...

    def receive(self, data: bytes) -> list[tuple[int, bytes]]:
        """The terminal has sent `data` (one character at a time); return what to send now, as runs of characters.

        The number before each run is the pause in etu after the last character on the line, of either side: from its
        end, 12 etu after its start, to the start of the run. Less than the protocol's least (0, or 4 after a
        character of the terminal) is raised to it.
        """
        ...


@runtime_checkable
class BlockCard(Protocol):
    """A card that speaks T=1 besides wants to know when a block of the terminal breaks off."""

    def line_quiet(self) -> None:
        """The terminal's last character is longer ago than the character waiting time."""
        ...


@runtime_checkable
class NegotiatingCard(Protocol):
    """A card that takes a PPS besides: the bit rate adjustment D for what comes after what it sends now."""

    d: int
