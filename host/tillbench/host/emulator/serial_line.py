"""The other end of the terminal's transparent serial line: the acquirer in this process, or a port of this computer."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial

import serial
from tillbench.host.acquirer.connection import Connection
from tillbench.host.devices.printer_wire import receive
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import UartConfig, UartPort
from tillbench.protocols.iso8583 import FormatError, framing
from tillbench.protocols.iso8583.lines import LINES, LineReader

log = logging.getLogger("tillbench.line")

FRAMES = LINES["unionpay-serial"]
_TOGETHER = 16
"""Characters that arrive in one event: nobody asks after a single one."""


class SerialEnd:
    """The acquirer on the terminal's UART, at the pace of the wire.

    Attributes:
        plugged: False: the cable is out, nothing passes either way.
        baud: the speed of this end; a terminal set to another one reads and says gibberish.
        spoil: what becomes of the bytes on the way to the terminal.
        on_frame: hears every whole message as ("<" from the terminal | ">" towards it, its frame on a TCP line).
    """

    def __init__(self, bench: Bench, port: UartPort, connect: Callable[[], Connection], baud: int = 9600) -> None:
        self._clock = bench.clock
        self._port = port
        self._connect = connect
        self._connection = connect()
        self._free_at = {"<": 0, ">": 0}
        self.plugged = True
        self.baud = baud
        self.spoil: Callable[[bytes], bytes] = lambda data: data
        self.on_frame: Callable[[str, bytes], None] = lambda direction, frame: None
        self._readers: dict[str, LineReader] = {}
        port.on_bytes = self._from_terminal

    def hang_up(self) -> None:
        """The terminal is off: an unfinished frame is lost."""
        self._connection.peer_gone()
        self._connection = self._connect()
        self._readers.clear()

    def _from_terminal(self, data: bytes) -> None:
        self._hear("<", data)
        self._pass("<", data, self._port.config, UartConfig(self.baud), self._arrived)

    def _arrived(self, data: bytes) -> None:
        connection = self._connection
        for reply in connection.feed(data):

            def leave(sent: bytes = reply.data) -> None:
                if self._connection is connection and sent:
                    self._hear(">", sent)
                    self._pass(">", self.spoil(sent), UartConfig(self.baud), self._port.config, self._port.send)

            self._clock.after(reply.delay_us, leave)
        if connection.closed:
            self.hang_up()

    def _pass(
        self, direction: str, data: bytes, sent: UartConfig, read: UartConfig, arrive: Callable[[bytes], None]
    ) -> None:
        start = max(self._clock.now, self._free_at[direction])
        self._free_at[direction] = start + len(data) * sent.char_us
        if not self.plugged:
            return
        arrivals = receive(data, sent, read)
        for at in range(0, len(arrivals), _TOGETHER):
            group = arrivals[at : at + _TOGETHER]
            held = bytes(arrival.byte for arrival in group)
            self._clock.at(start + group[-1].us, partial(arrive, held))

    def _hear(self, direction: str, data: bytes) -> None:
        reader = self._readers.setdefault(direction, LineReader(FRAMES))
        try:
            for packet in reader.feed(data):
                self.on_frame(direction, framing.build(packet.tpdu, packet.header.hex(), packet.body))
        except FormatError:
            del self._readers[direction]


def open_port(device: str) -> serial.Serial:
    """The port, for us alone. Raises OSError with a reason."""
    try:
        return serial.Serial(device, timeout=0, exclusive=True)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        raise OSError(number, os.strerror(number) if number else str(error), device) from None


class TtyEnd:
    """A serial port of this computer on the terminal's UART: any acquirer with a serial line. The clock runs free."""

    def __init__(self, bench: Bench, port: UartPort, device: str) -> None:
        """Raises OSError when the port cannot be had."""
        self._tty = open_port(device)
        self._bench = bench
        self._port = port
        self._tty.baudrate = port.config.baud
        port.on_config = self._configured
        port.on_bytes = self._from_terminal
        bench.externals[self._tty] = self._readable

    @property
    def baud(self) -> int:
        """The speed of the port: what the terminal has set."""
        return int(self._tty.baudrate)

    def hang_up(self) -> None:
        """The terminal is off; the port stays."""

    def close(self) -> None:
        """Let go of the port."""
        self._bench.externals.pop(self._tty, None)
        self._tty.close()

    def _configured(self, config: UartConfig) -> None:
        self._tty.baudrate = config.baud

    def _from_terminal(self, data: bytes) -> None:
        try:
            self._tty.write(data)
        except OSError as error:
            log.warning("%s: %s", self._tty.port, error)

    def _readable(self) -> None:
        try:
            data = self._tty.read(self._tty.in_waiting)
        except OSError as error:
            log.warning("%s: %s", self._tty.port, error)
            self.close()
            return
        if data:
            self._port.send(data)
