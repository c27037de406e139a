"""One line of print: cells of dots placed from left to right, then turned into dot rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

Rows = tuple[int, ...]
"""Dot rows, each an int whose highest used bit is the leftmost dot."""


@dataclass(frozen=True)
class Style:
    """How a character is drawn."""

    underline: int = 0
    """Thickness of the line in dots, 0 to 2."""
    inverse: bool = False
    wide: int = 1
    high: int = 1


PLAIN = Style()


@dataclass(frozen=True)
class Cell:
    """A drawn character or image column block at `x` dots from the left of the print area."""

    x: int
    width: int
    rows: Rows
    text: str
    below: int = 0
    """Dots under the base line, which counts on a page; a line of its own stands on the lower edges of its cells."""


@lru_cache(maxsize=4096)
def draw(glyph: Rows, width: int, spacing: int, style: Style, bold: bool) -> Rows:
    """The cell of a glyph `width` dots wide with `spacing` dots to its right, `style` applied, before scaling.

    Emphasis is one dot of smear to the right, as print heads do it; underline takes the lowest rows of the cell.
    """
    rows = [row | (row >> 1 if bold else 0) for row in glyph]
    rows = [row << spacing for row in rows]
    full = (1 << (width + spacing)) - 1
    for number in range(style.underline):
        rows[-1 - number] |= full
    if style.inverse:
        rows = [row ^ full for row in rows]
    total = width + spacing
    return tuple(stretch(row, total, style.wide) for row in rows for _ in range(style.high))


def stretch(row: int, width: int, times: int) -> int:
    """Each dot of a row of `width` dots, `times` times."""
    if times == 1:
        return row
    dot = (1 << times) - 1
    result = 0
    for bit in range(width):
        if row >> bit & 1:
            result |= dot << (bit * times)
    return result


def reverse(row: int, width: int) -> int:
    """The row from right to left."""
    return int(format(row, f"0{width}b")[::-1], 2)


def transpose(lines: Sequence[int], length: int) -> Rows:
    """Rows of `length` dots to the columns that they make, or the other way round; the first line is leftmost."""
    if not lines:
        return (0,) * length
    return tuple(int("".join(bits), 2) for bits in zip(*(format(line, f"0{length}b") for line in lines), strict=True))


def frame(width: int, height: int) -> Rows:
    """An empty box in a cell: the mark for something that this printer cannot draw."""
    full = ((1 << (width - 2)) - 1) << 1
    edge = (1 << (width - 2)) | 0b10
    return (0, full, *[edge] * (height - 4), full, 0)


class Line:
    """The line buffer."""

    def __init__(self) -> None:
        self.cells: list[Cell] = []
        self.x = 0
        """Where the next cell goes, in dots from the left of the print area."""

    @property
    def empty(self) -> bool:
        return not self.cells

    def add(self, rows: Rows, width: int, text: str, below: int = 0) -> None:
        self.cells.append(Cell(self.x, width, rows, text, below))
        self.x += width

    @property
    def end(self) -> int:
        """Dots from the left of the print area to the end of the last cell."""
        return max((cell.x + cell.width for cell in self.cells), default=0)

    def compose(self, left: int, area: int, width: int, upside_down: bool) -> list[int]:
        """Dot rows `width` dots long with the print area at `left`, cells standing on one base line.

        Dots beyond the print area are cut off.
        """
        height = max((len(cell.rows) for cell in self.cells), default=0)
        rows = [0] * height
        for cell in self.cells:
            shift = area - cell.x - cell.width
            top = height - len(cell.rows)
            for number, bits in enumerate(cell.rows, top):
                rows[number] |= bits << shift if shift >= 0 else bits >> -shift
        if upside_down:
            rows = [reverse(row, area) for row in reversed(rows)]
        shift = width - left - area
        return [row << shift if shift >= 0 else row >> -shift for row in rows]

    def text(self, left: int, column: int) -> str:
        """The line as text on a grid of `column` dots, gaps as spaces."""
        result = ""
        at = -left
        for cell in self.cells:
            result += " " * max(0, (cell.x - at) // column) + cell.text
            at = cell.x + cell.width
        return result

    def shifted(self, dots: int) -> Line:
        """The same line, further right by `dots` (justification)."""
        line = Line()
        line.cells = [replace(cell, x=cell.x + dots) for cell in self.cells]
        return line


def dots(rows: Sequence[int]) -> int:
    """How many dots burn in these rows."""
    return sum(row.bit_count() for row in rows)
