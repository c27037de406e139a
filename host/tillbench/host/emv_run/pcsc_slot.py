"""A card in a PC/SC reader, through pyscard."""

from __future__ import annotations

import os
from typing import Any


class NoReader(Exception):
    """No such reader, or no PC/SC to ask; the text says what there is."""


class PcscSlot:
    """The reader whose name contains `name`. `reset` powers the card; at T=0 the reader gives 61xx and 6Cxx through."""

    def __init__(self, name: str) -> None:
        """Raises `NoReader`."""
        try:
            from smartcard.Exceptions import CardConnectionException, NoCardException
            from smartcard.pcsc.PCSCExceptions import EstablishContextException
            from smartcard.System import readers
        except ImportError:
            raise NoReader("PC/SC needs pyscard: pip install 'tillbench[pcsc]', or `make pcsc` in a checkout") from None
        try:
            found = readers()
        except EstablishContextException as error:
            told = os.environ.get("PCSCLITE_CSOCK_NAME", "the system's socket")
            raise NoReader(f"no pcscd answers at {told}: {error}") from None
        fits = [reader for reader in found if name.lower() in str(reader).lower()]
        if not fits:
            raise NoReader(f"no reader is called {name!r}; there is {', '.join(map(str, found)) or 'none'}")
        self._connection: Any = fits[0].createConnection()
        self._no_card: tuple[type[Exception], ...] = (CardConnectionException, NoCardException)

    def reset(self) -> bytes:
        """Connect, or reset what is connected; the answer to reset, `b""` without a card."""
        try:
            self._connection.disconnect()
            self._connection.connect()
        except self._no_card:
            return b""
        return bytes(self._connection.getATR())

    def transmit(self, apdu: bytes) -> bytes | None:
        """One command; None if the card is mute or gone."""
        try:
            data, sw1, sw2 = self._connection.transmit(list(apdu))
        except self._no_card:
            return None
        return bytes([*data, sw1, sw2])

    def close(self) -> None:
        """Let go of the card."""
        self._connection.disconnect()
        self._connection.release()
