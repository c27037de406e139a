"""From received bytes to commands: a parser that takes one byte at a time and needs no more memory than a command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tillbench.protocols.escpos import COMMANDS, DC4, DLE, ENQ, EOT, PREFIXES
from tillbench.protocols.escpos_command import Command

_FIRST_PRINTABLE = 0x20
_REALTIME = (EOT, ENQ, DC4)
_DC4_BYTES = {1: 3, 2: 3, 7: 2, 8: 8}
"""fn of DLE DC4 to the number of argument bytes, fn included."""
_PULSE = 1
"""fn of DLE DC4."""
_CLEAR = bytes((8, 1, 3, 20, 1, 6, 2, 8))
"""fn of DLE DC4 with the rest that it must have."""
_LONGEST = 1024
"""Bytes of arguments after which a command that never ends (a bar code without its NUL) is given up."""


@dataclass(slots=True)
class Item:
    """`size` bytes of the wire that are executed together, from `offset` on."""

    offset: int
    size: int


@dataclass(slots=True)
class Text(Item):
    """One printable byte; what it means is up to the code page and kanji mode when its turn comes."""

    byte: int


@dataclass(slots=True)
class Invoke(Item):
    """A command with its arguments. A payload, if it has one, follows as `Chunk`s."""

    command: Command
    arguments: Any


@dataclass(slots=True)
class Chunk(Item):
    """One piece of the payload of `command`, the `index`-th."""

    command: Command
    arguments: Any
    data: bytes
    index: int
    last: bool


@dataclass(slots=True)
class Unknown(Item):
    """Bytes that begin no command."""

    data: bytes


class Parser:
    """`feed` one byte, get the items that it completes."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._start = 0
        self._command: Command | None = None
        self._arguments: Any = None
        self._payload_left = 0
        self._blocks_left = 0
        self._chunk_index = 0

    @property
    def in_payload(self) -> bool:
        """Whether the next byte is image or symbol data."""
        return self._payload_left > 0 or self._blocks_left > 0

    @property
    def is_between(self) -> bool:
        """Whether the next byte begins an item."""
        return not (self._pending or self._payload_left or self._blocks_left or self._command is not None)

    def at_realtime(self, byte: int) -> bool:
        """Whether `byte` begins or continues a real-time command that stands between commands."""
        first = self._pending[0] if self._pending else byte
        return not self.in_payload and first == DLE

    @property
    def pending(self) -> int:
        """Bytes taken in that are not part of an item yet."""
        return len(self._pending)

    def feed(self, offset: int, byte: int) -> Iterator[Item]:
        """Take the byte at `offset` of the stream."""
        if byte >= _FIRST_PRINTABLE and self.is_between:
            yield Text(offset, 1, byte)
            return
        if not self._pending:
            self._start = offset
        self._pending.append(byte)
        if self._payload_left:
            yield from self._payload()
        elif self._blocks_left:
            yield from self._block()
        elif self._command is None:
            yield from self._opcode()
        else:
            yield from self._argument()

    def _opcode(self) -> Iterator[Item]:
        opcode = bytes(self._pending)
        if opcode in COMMANDS:
            self._command = COMMANDS[opcode]
            yield from self._argument()
        elif opcode not in PREFIXES:
            yield Unknown(self._start, self._taken(), opcode)

    def _argument(self) -> Iterator[Item]:
        assert self._command is not None
        command = self._command
        arguments = command.parse(bytes(self._pending[len(command.opcode) :]))
        if arguments is None:
            if len(self._pending) > _LONGEST:
                self._command = None
                data = bytes(self._pending)
                yield Unknown(self._start, self._taken(), data)
            return
        self._arguments = arguments
        self._chunk_index = 0
        self._payload_left = command.payload(arguments) if command.payload else 0
        self._blocks_left = command.blocks.count(arguments) if command.blocks else 0
        yield Invoke(self._start, self._taken(), command, arguments)
        if not self.in_payload:
            self._command = None

    def _block(self) -> Iterator[Item]:
        """The head of a piece that says its own size; it is a part of that piece."""
        assert self._command is not None
        assert self._command.blocks is not None
        length = self._command.blocks.length(self._arguments, bytes(self._pending))
        if length is not None:
            self._blocks_left -= 1
            self._payload_left = length
            yield from self._payload()

    def _payload(self) -> Iterator[Item]:
        assert self._command is not None
        command = self._command
        size = command.chunk(self._arguments) if command.chunk else self._payload_left
        if len(self._pending) < min(size, self._payload_left):
            return
        data = bytes(self._pending)
        self._payload_left -= len(data)
        last = not self.in_payload
        yield Chunk(self._start, self._taken(), command, self._arguments, data, self._chunk_index, last)
        self._chunk_index += 1
        if last:
            self._command = None

    def _taken(self) -> int:
        size = len(self._pending)
        self._pending.clear()
        return size


@dataclass(slots=True)
class Realtime:
    """A real-time command: `code` is EOT, ENQ or DC4, `data` its argument bytes."""

    code: int
    data: bytes

    @property
    def pulse_pin(self) -> int | None:
        """The connector pin of a pulse to the drawer; None if it is another command."""
        if self.code != DC4 or self.data[0] != _PULSE:
            return None
        return 5 if self.data[1] & 1 else 2

    @property
    def clears(self) -> bool:
        """Whether it throws the buffers away."""
        return self.code == DC4 and self.data == _CLEAR


class RealtimeScanner:
    """Watches the raw stream for real-time commands, which are obeyed at once, ahead of the receive buffer.

    It knows nothing of commands: a DLE EOT n in the middle of an image is one to it.
    """

    def __init__(self) -> None:
        self._seen = bytearray()

    def feed(self, byte: int) -> Realtime | None:
        """Take one byte; return the command that it completes."""
        seen = self._seen
        if byte != DLE and not seen:
            return None  # most of what comes
        seen.append(byte)
        if seen[0] != DLE or (len(seen) == 2 and byte not in _REALTIME):
            # The byte that breaks a sequence may be the DLE of the next.
            seen[:] = bytes([DLE]) if byte == DLE else b""
            return None
        wanted = 3
        if len(seen) >= 3 and seen[1] == DC4:
            wanted = 2 + _DC4_BYTES.get(seen[2], 1)
        if len(seen) < wanted:
            return None
        command = Realtime(seen[1], bytes(seen[2:]))
        seen.clear()
        return command
