"""The wire to a device that is a process of this computer."""

from __future__ import annotations

import socket

from tillbench.host.emulator.link import LinkLost


class SocketWire:
    """The host end of a socketpair whose other end the device has inherited."""

    window: int | None = None

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        sock.setblocking(True)

    def fileno(self) -> int:
        """The socket's file descriptor."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """What has come."""
        try:
            data = self._socket.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LinkLost(f"the device has gone away: {error.strerror}") from error
        if not data:
            raise LinkLost("the device has gone away: its end of the link is closed")
        return data

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LinkLost(f"the device has gone away: {error.strerror}") from error

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
