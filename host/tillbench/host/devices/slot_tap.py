"""A listener on the I/O line: cuts T=0 and T=1 traffic into command and response pairs, with PINs masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

MASK = 0x2A  # "*"
_VERIFY = 0x20
_CHANGE_REFERENCE_DATA = 0x24
_RESET_RETRY_COUNTER = 0x2C
_SECRET = (_VERIFY, _CHANGE_REFERENCE_DATA, _RESET_RETRY_COUNTER)


@dataclass(frozen=True, repr=False)
class Exchange:
    """One TPDU of T=0, where 61xx and 6Cxx have their own exchanges, or one command and response of T=1.

    Attributes:
        command: header and data (at T=1 also Le); data of PIN commands are `*`.
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


class Tap(Protocol):
    """Follows one protocol from outside."""

    def terminal(self, value: int) -> None:
        """The terminal sends a character."""
        ...

    def card(self, value: int) -> Exchange | None:
        """The card sends a character; returns the exchange that it ends, if it does."""
        ...

    def broken(self) -> Exchange | None:
        """The session ends here; returns what was under way."""
        ...


def masked(command: bytes) -> bytes:
    """The command, without the data of a PIN command."""
    if command[1:2] and command[1] in _SECRET:
        return command[:5] + bytes([MASK]) * (len(command) - 5)
    return command


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
        exchange = Exchange(masked(bytes(self._command)), bytes(self._response), self._now(), complete)
        self._command.clear()
        self._response.clear()
        self._granted = self._moved = 0
        self._sw1 = None
        return exchange


@dataclass
class _Side:
    """One sender of T=1 blocks: the block under way, the number of its next I-block, and its chain so far."""

    block: bytearray = field(default_factory=bytearray)
    number: int = 0
    chain: bytearray = field(default_factory=bytearray)

    def take(self, value: int) -> tuple[int, bytes] | None:
        """Take a character; PCB and information field of the sound block that it ends, if it does."""
        self.block.append(value)
        if len(self.block) < 4 or len(self.block) < self.block[2] + 4:
            return None
        block = bytes(self.block)
        self.block.clear()
        check = 0
        for byte in block:
            check ^= byte
        return None if check else (block[1], block[3:-1])


class T1Tap:
    """Follows T=1 from outside (ISO/IEC 7816-3, 11): I-blocks are joined, repeated ones counted once. LRC only.

    Args:
        now: the time, for `Exchange.at_us`.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._terminal = _Side()
        self._card = _Side()
        self._under_way = False

    @property
    def in_block(self) -> bool:
        """Whether a block of the terminal has begun and not ended."""
        return bool(self._terminal.block)

    def terminal(self, value: int) -> None:
        """The terminal sends a character."""
        self._card.block.clear()
        block = self._terminal.take(value)
        if block and not block[0] & 0x80 and block[0] >> 6 & 1 == self._terminal.number:
            if not self._under_way:
                self._terminal.chain.clear()
                self._under_way = True
            self._terminal.number ^= 1
            self._terminal.chain += block[1]

    def card(self, value: int) -> Exchange | None:
        """The card sends a character; returns the exchange that it ends, if it does."""
        self._terminal.block.clear()
        block = self._card.take(value)
        if not block or block[0] & 0x80 or block[0] >> 6 & 1 != self._card.number:
            return None
        self._card.number ^= 1
        self._card.chain += block[1]
        return None if block[0] & 0x20 else self._end(True)

    def broken(self) -> Exchange | None:
        """The session ends here; returns what was under way."""
        self._terminal.number = self._card.number = 0
        return self._end(False) if self._under_way else None

    def _end(self, complete: bool) -> Exchange:
        exchange = Exchange(masked(bytes(self._terminal.chain)), bytes(self._card.chain), self._now(), complete)
        self._card.chain.clear()
        self._under_way = False
        return exchange
