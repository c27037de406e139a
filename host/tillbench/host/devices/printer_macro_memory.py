"""A macro: commands and text that the printer keeps while it obeys them, to obey them again."""

from __future__ import annotations

from tillbench.host.devices.printer_actions import Replay
from tillbench.host.devices.printer_parser import Item

LONGEST = 2048
"""Bytes that are kept; what is more is printed and forgotten."""
_WAIT_UNIT_US = 100_000


class Macro:
    """What is kept; ESC @ leaves it, and may be part of it. It is gone with the power."""

    def __init__(self) -> None:
        self.items: tuple[Item, ...] = ()
        self._recording: list[Item] | None = None
        self._size = 0

    @property
    def recording(self) -> bool:
        """It is being defined."""
        return self._recording is not None

    def toggle(self) -> None:
        """GS :. A definition begins, or ends; one without anything in it leaves no macro."""
        if self._recording is None:
            self._recording, self._size = [], 0
        else:
            self.items, self._recording = tuple(self._recording), None

    def abandon(self) -> None:
        """GS ^ in the middle of a definition ends it and leaves no macro."""
        self.items, self._recording = (), None

    def hear(self, item: Item) -> bool:
        """Keep it, if one is being defined; False for the first that does not fit any more."""
        if self._recording is None:
            return True
        fitted = self._size <= LONGEST
        self._size += item.size
        if self._size <= LONGEST:
            self._recording.append(item)
            return True
        return not fitted

    def replay(self, times: int, wait: int, mode: int) -> Replay | None:
        """GS ^: `wait` is in tenths of a second, before each time; None if there is nothing to do."""
        if not times or not self.items:
            return None
        return Replay(self.items, times, wait * _WAIT_UNIT_US, bool(mode & 1))
