"""One of the printer's interfaces. What arrives by it is buffered, formatted and answered apart from the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tillbench.host.devices.printer_actions import Action, Replay
from tillbench.host.devices.printer_buffer import ReceiveBuffer
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_interpreter import again, execute
from tillbench.host.devices.printer_macro_memory import Macro
from tillbench.host.devices.printer_memory import NonVolatile
from tillbench.host.devices.printer_parser import Realtime
from tillbench.host.devices.printer_profile import PrinterProfile

HELD_US = 1_000_000
"""How long an interface keeps the printer after its last command, if it has not cut."""


class Interface:
    """A receive buffer with modes and line of its own, as if each host had the printer to itself.

    Args:
        obey: called with the interface, the offset and the command for each real-time command as it arrives.
        send: has bytes sent to the host, the first one not before a moment.
    """

    def __init__(
        self,
        profile: PrinterProfile,
        nv: NonVolatile,
        size: int,
        obey: Callable[[Interface, int, Realtime], None],
        send: Callable[[int, bytes], None],
    ) -> None:
        self.buffer = ReceiveBuffer(profile, size, lambda offset, command: obey(self, offset, command))
        self.formatter = Formatter(profile, nv)
        self.actions: deque[Action] = deque()
        self.arrived: deque[int] = deque()
        """Bytes that wait for room in the buffer, where the host cannot lose any."""
        self.automatic = 0
        """The mask of automatic status back."""
        self.pulse_enabled = True
        self.held_until = 0
        """Up to then no other interface prints."""
        self.send = send

    @property
    def working(self) -> bool:
        """Whether there is something to obey."""
        return bool(self.actions or self.buffer)

    def next(self) -> Action | None:
        """The next thing to do, if the next command does something."""
        if not self.actions:
            self.actions.extend(execute(self.formatter, self.buffer.next()))
        action = self.actions.popleft() if self.actions else None
        if isinstance(action, Replay):
            self.actions.extendleft(reversed(again(self.formatter, action)))
            return None
        return action

    def pump(self, following: Callable[[Interface], bool]) -> None:
        """Take in of the waiting bytes what there is room for; `following` as in `ReceiveBuffer`."""
        while self.arrived:
            follows = following(self)
            if self.buffer.occupied(follows) >= self.buffer.size:
                break
            self.buffer.arrive(self.arrived.popleft(), follows)

    def clear(self) -> None:
        """Throw away what is received and not yet printed."""
        self.arrived.clear()
        self.buffer.clear()
        self.actions.clear()
        self.formatter.line.cells.clear()
        self.formatter.end_page()

    def reset(self) -> None:
        """As after power on."""
        self.arrived.clear()
        self.buffer.clear()
        self.formatter.macro = Macro()
        self.formatter.reset()
        self.actions.clear()
        self.automatic = 0
        self.pulse_enabled = True
        self.held_until = 0
