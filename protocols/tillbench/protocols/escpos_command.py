"""What an ESC/POS command is: opcode, arguments, and what follows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from construct import Construct, Pass, StreamError

EPSON = "Epson ESC/POS Command Reference"


@dataclass(frozen=True)
class Blocks:
    """What follows the arguments as pieces that each say their own size: `count(arguments)` times a `head`, and
    `size(arguments, head)` bytes."""

    head: Construct
    count: Callable[[Any], int]
    size: Callable[[Any, Any], int]

    def length(self, arguments: Any, data: bytes) -> int | None:
        """Bytes of the piece that `data` begins, its head included; None while the head is not whole."""
        try:
            head = self.head.parse(data)
        except StreamError:
            return None
        return self.head_size(head) + self.size(arguments, head)

    def head_size(self, head: Any) -> int:
        """Bytes of a head."""
        return len(self.head.build(head))


@dataclass(frozen=True)
class Command:
    """One command.

    `payload(arguments)` is the number of bytes after the arguments, `chunk(arguments)` how many of them make one
    piece (one dot row of an image); without `chunk` the payload is one piece. `blocks`, instead of `payload`, say
    their lengths on the way.
    """

    name: str
    opcode: bytes
    title: str
    arguments: Construct = Pass
    source: str = EPSON
    payload: Callable[[Any], int] | None = None
    chunk: Callable[[Any], int] | None = None
    blocks: Blocks | None = None

    def parse(self, data: bytes) -> Any | None:
        """The arguments in `data` (what follows the opcode), or None while bytes are missing."""
        return _parse(self, data)


@lru_cache(maxsize=2048)
def _parse(command: Command, data: bytes) -> Any | None:
    try:
        parsed = command.arguments.parse(data)
    except StreamError:
        return None
    return {} if parsed is None else parsed
