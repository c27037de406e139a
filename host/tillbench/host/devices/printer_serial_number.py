"""The serial number that GS c prints and counts: up or down in a range, by a step, after so many prints."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 65_535


@dataclass
class SerialNumber:
    """It begins at `first` and begins there again after `last`; downwards if that is the smaller one.

    Attributes:
        step: 0 stands still.
        repeat: prints until it goes on; 0 stands still.
        digits: of the print, 0: as many as it has.
        layout: 0 right with spaces, 1 right with zeros, 2 left with spaces.
    """

    first: int = 1
    last: int = MOST
    step: int = 1
    repeat: int = 1
    value: int = 1
    digits: int = 0
    layout: int = 0
    printed: int = 0

    def print(self) -> str:
        """The text, and on to the next."""
        if not self._in_range():
            self.value, self.printed = self.first, 0
        text = self._text()
        self._count()
        return text

    def _text(self) -> str:
        if not self.digits:
            return str(self.value)
        shown = str(self.value)[-self.digits :]
        return (shown.rjust(self.digits), shown.zfill(self.digits), shown.ljust(self.digits))[self.layout]

    def _count(self) -> None:
        if self.first == self.last or not self.step or not self.repeat:
            return
        self.printed += 1
        if self.printed < self.repeat:
            return
        self.printed = 0
        self.value += self.step if self.first < self.last else -self.step
        if not self._in_range():
            self.value = self.first

    def _in_range(self) -> bool:
        return min(self.first, self.last) <= self.value <= max(self.first, self.last)
