"""The printer's end of the serial line: characters arrive and leave at the pace of the wire."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.devices.printer_wire import receive
from tillbench.host.emulator.wires import Clock, UartPort
from tillbench.protocols.escpos import DLE, LF

_REALTIME_LENGTH = 3


class SerialSide:
    """A queue of characters on their way in, each with its time of arrival, and a paced way out.

    `wake` is called when the device has written something, before it is queued.
    """

    def __init__(self, clock: Clock, port: UartPort, profile: PrinterProfile, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._port = port
        self._profile = profile
        self._wake = wake
        self._coming: deque[tuple[int, int]] = deque()
        self._alarms: deque[int] = deque()
        self._line_free = 0
        self._reply_free = 0
        self.framing_errors = 0
        """Characters that came in without a stop bit: the device speaks another rate or format."""
        self.parity_errors = 0
        self.listeners: list[Callable[[bytes], None]] = []
        """Each hears what the device sends, at whatever rate."""
        port.on_bytes = self._on_bytes

    def _on_bytes(self, data: bytes) -> None:
        for tell in self.listeners:
            tell(data)
        self._wake()
        start = max(self._clock.now, self._line_free)
        self._line_free = start + len(data) * self._port.config.char_us
        arrivals = receive(data, self._port.config, self._profile.uart)
        read = [arrival.byte for arrival in arrivals]
        for index, arrival in enumerate(arrivals):
            at = start + arrival.us
            self.framing_errors += arrival.framing_error
            self.parity_errors += arrival.parity_error
            self._coming.append((at, arrival.byte))
            # Moments at which the printer may do something that can be seen: the end of a line, of a real-time
            # command, of all there is. In between, characters are taken in together.
            realtime = index >= _REALTIME_LENGTH - 1 and read[index - _REALTIME_LENGTH + 1] == DLE
            if arrival.byte == LF or realtime or index == len(arrivals) - 1:
                self._alarms.append(at)
        self._wake()

    def next_arrival(self) -> int | None:
        """When the next character will be in."""
        return self._coming[0][0] if self._coming else None

    def arrival_of(self, count: int) -> int | None:
        """When the `count`-th character from now (1 is the next) will be in."""
        return self._coming[count - 1][0] if 0 < count <= len(self._coming) else None

    def next_alarm(self, now: int) -> int | None:
        """The next moment after `now` at which it is worth looking."""
        while self._alarms and self._alarms[0] <= now:
            self._alarms.popleft()
        return self._alarms[0] if self._alarms else None

    def take(self) -> int:
        """The next character."""
        return self._coming.popleft()[1]

    def drop(self) -> None:
        """Lose what is on its way (power off)."""
        self._coming.clear()
        self._alarms.clear()

    def send(self, at: int, data: bytes) -> None:
        """Send `data` to the device, its first character beginning at `at` or when the line is free."""
        start = max(at, self._reply_free, self._clock.now)
        self._reply_free = start + len(data) * self._profile.uart.char_us
        for arrival in receive(data, self._profile.uart, self._port.config):
            self._deliver(start + arrival.us, arrival.byte)

    def _deliver(self, at: int, byte: int) -> None:
        self._clock.at(at, lambda: self._port.send(bytes([byte])))
