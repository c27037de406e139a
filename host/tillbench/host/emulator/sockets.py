"""The board's sockets: where they lead, and what the device asks of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from tillbench.protocols.link import Socket

CONNECTION_REFUSED = 111  # as on Linux


class Line(Protocol):
    """Where the board's sockets lead: an acquirer in this process, or a TCP connection."""

    def resolve(self, name: str) -> str:
        """The address of a name, "" if nobody knows it."""
        ...

    def open(self, number: int, address: str) -> None:
        """The device connects."""
        ...

    def send(self, number: int, data: bytes) -> None:
        """The device sends."""
        ...

    def close(self, number: int) -> None:
        """The device closes."""
        ...

    def hang_up(self) -> None:
        """The device is gone without a word."""
        ...


def take(op: int, payload: bytes, line: Line | None, post: Callable[[Socket, int, bytes], None]) -> None:
    """A SOCKET frame of the device; `post` tells it something about a socket. Without a line nobody is there."""
    number, data = payload[1], payload[2:]
    if line is None:
        if op == Socket.OPEN:
            post(Socket.CLOSED, number, struct.pack("<H", CONNECTION_REFUSED))
        elif op == Socket.RESOLVE:
            post(Socket.RESOLVED, number, b"")
        return
    if op == Socket.RESOLVE:
        post(Socket.RESOLVED, number, line.resolve(data.decode()).encode())
    elif op == Socket.OPEN:
        line.open(number, data.decode())
    elif op == Socket.SEND:
        line.send(number, data)
    elif op == Socket.CLOSE:
        line.close(number)
