"""Images that a printer keeps: as dot rows, by key code or number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from tillbench.host.devices.printer_line import Rows, stretch, transpose
from tillbench.protocols.escpos_graphics import row_bytes


@dataclass(frozen=True)
class Graphic:
    """`rows` of `width` dots."""

    rows: Rows
    width: int

    @classmethod
    def from_rows(cls, data: bytes, width: int, height: int) -> Graphic:
        """From raster format: each row fills whole bytes."""
        size = row_bytes(width)
        pad = 8 * size - width
        rows = [int.from_bytes(data[size * y : size * (y + 1)], "big") >> pad for y in range(height)]
        return cls(tuple(rows), width)

    @classmethod
    def from_columns(cls, data: bytes, width: int, height: int) -> Graphic:
        """From column format: each column fills whole bytes, its upper dots first."""
        size = row_bytes(height)
        columns = [int.from_bytes(data[size * x : size * (x + 1)], "big") for x in range(width)]
        return cls(transpose(columns, 8 * size)[:height], width)

    def scaled(self, across: int, down: int) -> Graphic:
        """Each dot repeated."""
        rows = [stretch(row, self.width, across) for row in self.rows for _ in range(down)]
        return Graphic(tuple(rows), self.width * across)

    def over(self, other: Graphic) -> Graphic:
        """Both of the same size on the same place: a printer of one colour prints each of an image's colours black."""
        return Graphic(tuple(a | b for a, b in zip(self.rows, other.rows, strict=True)), self.width)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return row_bytes(self.width) * len(self.rows)


class GraphicsMemory:
    """Graphics by key code, up to `capacity` bytes."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._graphics: dict[bytes, Graphic] = {}

    @property
    def left(self) -> int:
        """Bytes."""
        return self.capacity - sum(graphic.size for graphic in self._graphics.values())

    @property
    def keys(self) -> list[bytes]:
        """Sorted."""
        return sorted(self._graphics)

    def get(self, key: bytes) -> Graphic | None:
        return self._graphics.get(key)

    def define(self, key: bytes, graphic: Graphic) -> None:
        """Keep it, in place of another of that key.

        Raises:
            ValueError: not enough room; the other one stays.
        """
        before = self._graphics.get(key)
        room = self.left + (before.size if before else 0)
        if graphic.size > room:
            raise ValueError(f"{graphic.size} bytes do not fit in the {room} that are left")
        self._graphics[key] = graphic

    def delete(self, key: bytes) -> bool:
        """Whether there was one."""
        return self._graphics.pop(key, None) is not None

    def clear(self) -> None:
        self._graphics.clear()


USER_BYTES = 1024


@dataclass
class NonVolatile:
    """What stays when the power goes, and is one for all interfaces.

    Attributes:
        graphics: those of GS ( L 67.
        bit_images: those of FS q, the first is number 1.
        user: the user's memory (FS g).
    """

    graphics: GraphicsMemory
    bit_images: Sequence[Graphic] = field(default_factory=tuple)
    user: bytearray = field(default_factory=lambda: bytearray(b" " * USER_BYTES))
