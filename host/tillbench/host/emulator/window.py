"""How much may be on its way to a device whose receive buffer is small and has no flow control."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Window:
    """How many of the bytes written to a device may still lie unread in its receive buffer."""

    size: int
    written: int = 0
    read: int = 0
    """This many of the written bytes are known to be read, or lost."""
    _lost: int = 0
    _pings: dict[int, int] = field(default_factory=dict)

    def fits(self, size: int, reserve: int) -> bool:
        """True if `size` more bytes leave `reserve` bytes of the window free."""
        return self.written - self.read + size <= self.size - reserve

    def pinged(self, number: int) -> None:
        """PING `number` has just been written."""
        self._pings[number] = self.written

    def answered(self, number: int, taken: int) -> None:
        """A PONG: what was written before its PING is read or lost, and the device says how much it has read."""
        end = self._pings.pop(number, None)
        if end is not None:
            self._lost = (end - taken) & 0xFFFF
            self.read_up_to(end)

    def taken(self, taken: int) -> None:
        """The device has read so many bytes, of 65,536."""
        more = (taken + self._lost - self.read) & 0xFFFF
        if more <= self.written - self.read:
            self.read += more

    def read_up_to(self, position: int) -> None:
        """The device has read what was written up to `position`, or it was lost."""
        self.read = max(self.read, position)

    def quiet(self) -> None:
        """Nothing was heard for long: all that was written is read by now, or lost."""
        self.read = self.written
        self._pings.clear()
