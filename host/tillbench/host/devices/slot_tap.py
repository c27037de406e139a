"""A listener on the I/O line: cuts T=0 traffic into command and response pairs, with PINs masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MASK = 0x2A  # "*"
_VERIFY = 0x20
_CHANGE_REFERENCE_DATA = 0x24
_RESET_RETRY_COUNTER = 0x2C
_SECRET = (_VERIFY, _CHANGE_REFERENCE_DATA, _RESET_RETRY_COUNTER)


@dataclass(frozen=True, repr=False)
class Exchange:
    """One TPDU: header and data to the card, data and status back. 61xx and 6Cxx have their own exchanges.

    Attributes:
        command: 5 header bytes and the data; data of PIN commands are `*`.
        response: data, SW1, SW2; shorter if the exchange broke off.
        at_us: when it ended.
        complete: False if the card left, was reset or fell silent.
    """

    command: bytes
    response: bytes
    at_us: int
    complete: bool = True

    def __repr__(self) -> str:
        # Records carry the PAN: lengths only.
        end = self.response[-2:].hex().upper() if self.complete else "broken off"
        return (
            f"<{self.command[:5].hex(' ').upper()} +{len(self.command) - 5} -> {max(len(self.response) - 2, 0)} {end}>"
        )


class T0Tap:
    """Follows T=0 from outside (ISO/IEC 7816-3, 10.3): after an acknowledgement the side that sends next shows which
    way the data goes.

    Args:
        now: the time, for `Exchange.at_us`.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._command = bytearray()
        self._response = bytearray()
        self._granted = 0  # data characters that the last acknowledgement covers
        self._moved = 0
        self._sw1: int | None = None

    def terminal(self, value: int) -> None:
        """The terminal sends a character."""
        self._command.append(value)
        if len(self._command) > 5:
            self._granted -= 1
            self._moved += 1

    def card(self, value: int) -> Exchange | None:
        """The card sends a character; returns the exchange that it ends, if it does."""
        if len(self._command) < 5:
            return None
        if self._sw1 is not None:
            self._response += bytes([self._sw1, value])
            return self._end(True)
        if self._granted > 0:
            self._response.append(value)
            self._granted -= 1
            self._moved += 1
            return None
        ins = self._command[1]
        if value == ins:
            self._granted = (self._command[4] or 256) - self._moved
        elif value == ins ^ 0xFF:
            self._granted = 1
        elif value != 0x60 and value >> 4 in (6, 9):
            self._sw1 = value
        return None

    def broken(self) -> Exchange | None:
        """The session ends here; returns what was under way."""
        return self._end(False) if self._command else None

    def _end(self, complete: bool) -> Exchange:
        command = bytes(self._command)
        if command[1:2] and command[1] in _SECRET:
            command = command[:5] + bytes([MASK]) * (len(command) - 5)
        exchange = Exchange(command, bytes(self._response), self._now(), complete)
        self._command.clear()
        self._response.clear()
        self._granted = self._moved = 0
        self._sw1 = None
        return exchange
