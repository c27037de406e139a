"""The printer's Ethernet interface: bytes come as fast as the host sends them, and only as many as there is room for.

A serial host that ignores BUSY loses bytes; a network host cannot, because the connection stops. The price is that
real-time commands wait in the connection too while the buffer is full.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.printer_formatter import WireError
from tillbench.host.devices.printer_interface import Interface


class NetworkSide:
    """What `Printer.attach_network` gives to who owns the connection.

    Attributes:
        on_progress: called whenever the printer has got on, so there may be room again.
    """

    def __init__(self, interface: Interface, wake: Callable[[], None], moving: Callable[[], bool]) -> None:
        self.on_progress: Callable[[], None] = lambda: None
        self.answers_due = 0
        """Answers that are on their way to the host."""
        self._moving = moving
        self._interface = interface
        self._wake = wake

    @property
    def room(self) -> int:
        """How many bytes may be handed over now."""
        return 0 if self._interface.arrived else self._interface.buffer.size

    @property
    def working(self) -> bool:
        """Whether anything that came by it is left to be obeyed or printed, or an answer to be sent."""
        return bool(self._interface.working or self._interface.arrived or self.answers_due or self._moving())

    @property
    def errors(self) -> list[WireError]:
        """What in the bytes of this interface could not be obeyed; offsets count from its first byte."""
        return self._interface.formatter.errors

    def receive(self, data: bytes) -> None:
        """Bytes from the connection, at most `room` of them."""
        self._interface.arrived.extend(data)
        self._wake()

    def hung_up(self) -> None:
        """The connection has ended: half a command is no command."""
        if self._interface.buffer.drop_unfinished():
            self._interface.formatter.complain("the connection ended within this command, which is dropped")

    def sent(self, answer: Callable[[bytes], None], data: bytes) -> None:
        """The moment of an answer has come."""
        self.answers_due -= 1
        answer(data)
        self.on_progress()
