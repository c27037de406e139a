"""The host on a serial port: one terminal, messages between STX and LRC, through the same `Peer` as a socket's."""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any

import serial
from tillbench.host.acquirer.peer import Peer
from tillbench.host.acquirer.server import CannotListen

log = logging.getLogger("tillbench.acquirer")

SILENCE_S = 1.0
"""A pause of this length inside a frame means that its rest is lost."""


class SerialLine(asyncio.Transport):
    """A transport over pyserial. To hang up means that a new peer takes over: the line itself is there until `stop`."""

    def __init__(self, device: str, baud: int, make_peer: Callable[[], Peer]) -> None:
        """Open the port (8N1) and listen. Raises CannotListen."""
        super().__init__()
        try:
            self._port = serial.Serial(device, baud, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else str(error)
            raise CannotListen(number, f"cannot open {device}: {reason}") from None
        self._device = device
        self._make_peer = make_peer
        self._loop = asyncio.get_running_loop()
        self._unsent = bytearray()
        self._silence: asyncio.TimerHandle | None = None
        self._reading = False
        self._stopped = False
        self._peer = self._new_peer()

    def stop(self) -> None:
        """Let go of the port; what has not left stays here."""
        if self._stopped:
            return
        self._hang_up(None)
        self._stopped = True
        self._loop.remove_reader(self._port.fileno())
        self._loop.remove_writer(self._port.fileno())
        self._port.close()

    def _new_peer(self) -> Peer:
        peer = self._make_peer()
        peer.connection_made(self)
        self.resume_reading()
        return peer

    def _hang_up(self, error: Exception | None) -> None:
        if self._silence is not None:
            self._silence.cancel()
        self._peer.connection_lost(error)

    # asyncio.Transport

    def write(self, data: Any) -> None:
        if not self._unsent:
            self._loop.add_writer(self._port.fileno(), self._writable)
        self._unsent += data

    def is_closing(self) -> bool:
        return self._stopped

    def close(self) -> None:
        """Hang up: what was unfinished is forgotten, and the line goes on."""
        if not self._stopped:
            self._hang_up(None)
            self._peer = self._new_peer()

    def abort(self) -> None:
        self.close()

    def pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._port.fileno())

    def resume_reading(self) -> None:
        if not self._reading and not self._stopped:
            self._reading = True
            self._loop.add_reader(self._port.fileno(), self._readable)

    def is_reading(self) -> bool:
        return self._reading

    # The port

    def _readable(self) -> None:
        try:
            # No more than there is: pyserial takes a port that is ready and gives nothing for one that is gone.
            data = self._port.read(self._port.in_waiting)
        except OSError as error:
            log.error("%s: %s", self._device, error)
            self.stop()
            return
        if not data:
            return
        if self._silence is not None:
            self._silence.cancel()
        self._silence = self._loop.call_later(SILENCE_S, self._peer.silence)
        self._peer.data_received(data)

    def _writable(self) -> None:
        try:
            sent = self._port.write(bytes(self._unsent))
        except OSError as error:
            log.error("%s: %s", self._device, error)
            self.stop()
            return
        del self._unsent[: sent or 0]
        if not self._unsent:
            self._loop.remove_writer(self._port.fileno())
