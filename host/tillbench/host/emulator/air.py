"""What is between the board's sockets and the network when its line is Wi-Fi.

TCP hides a short gap: what was sent into it arrives afterwards, in order. A connection ends when its address does. Who
connects or asks for a name without a network is told so at once.
"""

from __future__ import annotations

import errno
import struct
from typing import Protocol

from tillbench.host.devices.wlan import Wlan
from tillbench.protocols.link import Socket


class _Bench(Protocol):
    """What it needs of `Bench`."""

    def post_at_once(self, op: Socket, number: int, data: bytes = b"") -> None: ...
    def from_device(self, payload: bytes) -> None: ...
    def hang_up(self) -> None: ...


class Air:
    """Holds back what cannot come through now. `wlan` is the radio, whose changes it hears of."""

    def __init__(self, bench: _Bench, wlan: Wlan) -> None:
        self.wlan = wlan
        wlan.on_change = self._changed
        self._bench = bench
        self._open: set[int] = set()
        self._up: list[bytes] = []
        self._down: list[tuple[Socket, int, bytes]] = []

    def power_off(self) -> None:
        """The board is off."""
        self._open.clear()
        self._up.clear()
        self._down.clear()
        self.wlan.power_off()

    def up(self, op: int, payload: bytes) -> bool:
        """True if a frame of the device's comes through now; what does not is kept, or refused."""
        number = payload[1]
        if op in (Socket.OPEN, Socket.RESOLVE) and not self.wlan.connected:
            self._refuse(op, number)
            return False
        if op == Socket.OPEN:
            self._open.add(number)
        elif op == Socket.CLOSE:
            self._open.discard(number)
        if self.wlan.carries and not self._up:
            return True
        self._up.append(payload)
        return False

    def down(self, op: Socket, number: int, data: bytes) -> bool:
        """The same for what goes to the device."""
        if self.wlan.carries and not self._down:
            if op == Socket.CLOSED:
                self._open.discard(number)
            return True
        self._down.append((op, number, data))
        return False

    def _refuse(self, op: int, number: int) -> None:
        if op == Socket.OPEN:
            self._bench.post_at_once(Socket.CLOSED, number, struct.pack("<H", errno.EHOSTUNREACH))
        else:
            self._bench.post_at_once(Socket.RESOLVED, number)

    def _changed(self) -> None:
        if self.wlan.carries:
            up, self._up = self._up, []
            for payload in up:
                self._bench.from_device(payload)
            down, self._down = self._down, []
            for op, number, data in down:
                if op == Socket.CLOSED:
                    self._open.discard(number)
                self._bench.post_at_once(op, number, data)
        elif not self.wlan.connected:
            # Who waits for a name waits no longer; connections wait for the network to come back.
            names = [payload for payload in self._up if payload[0] == Socket.RESOLVE]
            self._up = [payload for payload in self._up if payload[0] != Socket.RESOLVE]
            for payload in names:
                self._refuse(Socket.RESOLVE, payload[1])
            if not self.wlan.has_address:
                self._abort()

    def _abort(self) -> None:
        """Every connection ends, on both sides."""
        self._up.clear()
        self._down.clear()
        ended, self._open = sorted(self._open), set()
        for number in ended:
            self._bench.post_at_once(Socket.CLOSED, number, struct.pack("<H", errno.ECONNABORTED))
        if ended:
            self._bench.hang_up()
