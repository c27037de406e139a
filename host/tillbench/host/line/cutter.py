"""A stream cut into messages, whole frames as they came, and the class of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from tillbench.protocols.iso8583 import Dialect, FormatError, Message
from tillbench.protocols.iso8583.lines import Line

OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class Piece:
    """One message: its frame as it came, its class, and what it says where the dialect can read it."""

    frame: bytes = field(repr=False)
    message_class: str = OPAQUE
    message: Message | None = None


class Cutter:
    """Knows where messages end, and their types if it has a dialect. What it cannot read it passes on unchanged.

    line: how frames are marked off; one without a length takes what one read brings for a message.
    """

    def __init__(self, line: Line, dialect: Dialect | None) -> None:
        self._line = line
        self._dialect = dialect
        self._held = bytearray()
        self.lost = ""
        """Why this stream cannot be cut any more, with the place; "" while it can."""

    def feed(self, data: bytes) -> list[Piece]:
        """The messages that `data` completes. Once the stream is `lost`, everything is one opaque message a read."""
        self._held += data
        pieces: list[Piece] = []
        try:
            while self._held and not self.lost:
                size = self._line.frame_size(self._held)
                if size is None or len(self._held) < size:
                    return pieces
                pieces.append(self._piece(bytes(self._held[:size])))
                del self._held[:size]
        except FormatError as error:
            self.lost = str(error)
        return pieces + self.rest()

    def rest(self) -> list[Piece]:
        """What is left of an unfinished frame, when nothing can follow."""
        left, self._held = bytes(self._held), bytearray()
        return [Piece(left)] if left else []

    def _piece(self, frame: bytes) -> Piece:
        if self._dialect is None:
            return Piece(frame)
        try:
            message = self._dialect.decode(self._line.parse(frame).body)
        except FormatError:
            return self._by_type_alone(frame, self._dialect)
        return Piece(frame, message.mti, message)

    def _by_type_alone(self, frame: bytes, dialect: Dialect) -> Piece:
        """A message that does not read to its end still has its type."""
        try:
            first = next(dialect.walk(self._line.parse(frame).body))
        except FormatError:
            return Piece(frame)
        return Piece(frame, str(first.value))
