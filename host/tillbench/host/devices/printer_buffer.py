"""The receive buffer: finite, read in order, overtaken by real-time commands."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tillbench.host.devices.printer_parser import Invoke, Item, Parser, Realtime, RealtimeScanner
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.protocols.escpos import DLE


class ReceiveBuffer:
    """Bytes in, items out. `obey(offset, command)` is called for a real-time command as its last byte comes in.

    `following` says whether the printer keeps up with what arrives: then what is there of an unfinished command takes
    no room in the buffer.
    """

    def __init__(self, profile: PrinterProfile, size: int, obey: Callable[[int, Realtime], None]) -> None:
        self.size = size
        self.received = 0
        self.lost = 0
        """Bytes that found the buffer full."""
        self._profile = profile
        self._obey = obey
        self._items: deque[Item] = deque()
        self._held = 0
        self._parser = Parser()
        self._scanner = RealtimeScanner()

    def __len__(self) -> int:
        """Items that wait."""
        return len(self._items)

    def occupied(self, following: bool) -> int:
        """Bytes in the buffer."""
        return self._held + (0 if following else self._parser.pending)

    def arrive(self, byte: int, following: bool) -> None:
        """Take one byte from the wire."""
        self.received += 1
        command = self._scanner.feed(byte)
        if command and self._parser.in_payload and not self._profile.realtime_in_data:
            command = None
        self._store(byte, following)
        if command:
            self._obey(self.received - 2 - len(command.data), command)

    def _store(self, byte: int, following: bool) -> None:
        # Between commands a real-time sequence takes no room, so it is not lost in a full buffer.
        if self.occupied(following) >= self.size and not self._parser.at_realtime(byte):
            self.lost += 1
            return
        for item in self._parser.feed(self.received - 1, byte):
            if not (isinstance(item, Invoke) and item.command.opcode[0] == DLE):
                self._items.append(item)
                self._held += item.size

    def next(self) -> Item:
        """The oldest item; its bytes are free again."""
        item = self._items.popleft()
        self._held -= item.size
        return item

    def clear(self) -> None:
        """Throw away what has been received and not been obeyed."""
        self._items.clear()
        self._held = 0
        self._parser = Parser()
        self._scanner = RealtimeScanner()

    def drop_unfinished(self) -> bool:
        """Throw away what has come of a command whose rest will not come; whether there was one."""
        unfinished = self._parser.pending > 0 or self._parser.in_payload
        self._parser = Parser()
        self._scanner = RealtimeScanner()
        return unfinished
