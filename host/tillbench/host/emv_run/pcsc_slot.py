"""A card in a PC/SC reader, through pyscard."""

from __future__ import annotations

import contextlib
import os
from typing import Any


class NoReader(Exception):
    """No such reader, or no PC/SC to ask; the text says what there is."""


NO_PYSCARD = "PC/SC needs pyscard: pip install 'tillbench[pcsc]', or `make pcsc` in a checkout"


def no_pcscd(why: str) -> NoReader:
    """`why`: in PC/SC's own words."""
    told = os.environ.get("PCSCLITE_CSOCK_NAME", "the system's socket")
    return NoReader(f"no pcscd answers at {told} ({why}): apt-get install pcscd, then systemctl start pcscd")


class PcscSlot:
    """A reader. `reset` powers the card; at T=0 the reader gives 61xx and 6Cxx through.

    Args:
        name: the reader's, or a part of it.
        exclusive: no other program can use the card meanwhile.

    Attributes:
        name: the whole name.
        trouble: why the card was last not to be had, in PC/SC's own words.

    Raises:
        NoReader: no such reader, or no PC/SC.
    """

    def __init__(self, name: str, *, exclusive: bool = False) -> None:
        try:
            from smartcard.Exceptions import CardConnectionException, NoCardException
            from smartcard.pcsc.PCSCExceptions import EstablishContextException
            from smartcard.scard import SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED
            from smartcard.System import readers
        except ImportError:
            raise NoReader(NO_PYSCARD) from None
        try:
            found = readers()
        except EstablishContextException as error:
            raise no_pcscd(str(error)) from None
        fits = [reader for reader in found if name.lower() in str(reader).lower()]
        if not fits:
            raise NoReader(f"no reader is called {name!r}; there is {', '.join(map(str, found)) or 'none'}")
        reader = next((each for each in fits if str(each) == name), fits[0])
        self.name = str(reader)
        self.trouble = ""
        self._mode = SCARD_SHARE_EXCLUSIVE if exclusive else SCARD_SHARE_SHARED
        self._connection: Any = reader.createConnection()
        self._no_card: tuple[type[Exception], ...] = (CardConnectionException, NoCardException)

    def reset(self) -> bytes:
        """Connect, or reset what is connected; the answer to reset, `b""` without a card."""
        try:
            self._connection.disconnect()
            self._connection.connect(mode=self._mode)
        except self._no_card as error:
            self.trouble = str(error)
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
        """Let go of the card, wherever it is."""
        with contextlib.suppress(*self._no_card):
            self._connection.disconnect()
        with contextlib.suppress(*self._no_card):
            self._connection.release()
