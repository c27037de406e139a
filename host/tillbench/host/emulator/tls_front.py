"""TLS at the host's end of a line in this process: what a host behind a TLS port sees of its terminal."""

from __future__ import annotations

import ssl


class TlsFront:
    """One connection: sealed bytes go in and come out, messages are in between. No sockets, no clock."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._coming, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._coming, self._leaving, server_side=True)
        self._established = False

    def take(self, data: bytes) -> bytes:
        """What the terminal's bytes held, if anything yet.

        Raises:
            ssl.SSLError: this handshake or record is none that the host takes; `leaving` has its alert.
        """
        self._coming.write(data)
        held = b""
        try:
            if not self._established:
                self._tls.do_handshake()
                self._established = True
            while piece := self._tls.read(16384):
                held += piece
        except ssl.SSLWantReadError:
            pass
        return held

    def put(self, data: bytes) -> None:
        """A message for the terminal."""
        self._tls.write(data)

    def leaving(self) -> bytes:
        """Sealed bytes for the terminal; each is given once."""
        return self._leaving.read()
