"""Page mode: what is printed is developed on a page first, in any of four directions, and comes out as a whole.

Source: Epson ESC/POS Command Reference (ESC L, ESC S, ESC T, ESC W, ESC FF, FF, CAN, GS $, GS \\).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tillbench.host.devices.printer_actions import Print
from tillbench.host.devices.printer_line import Line, Rows, reverse, transpose

BASE_LINE = 21
"""Dots of a character of font A above its base line: where the first line of an area stands."""
_BAND = 24
"""Most dot rows without text that come out at once."""
_COLUMN = 12


@dataclass(frozen=True)
class Area:
    """A print area (ESC W), in dots from the upper left corner of the page."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class _Written:
    """A text on the page, and the box around its dots."""

    text: str
    box: Area

    @property
    def end(self) -> int:
        return self.box.y + self.box.height

    def touches(self, area: Area) -> bool:
        box = self.box
        across = area.x < box.x + box.width and box.x < area.x + area.width
        return across and area.y < self.end and box.y < area.y + area.height


class Page:
    """A page of `width` dots and at most `height` dot rows.

    Attributes:
        direction: where a line goes: 0 to the right, 1 upwards, 2 to the left, 3 downwards (ESC T).
        y: the base line, in dots from the edge of the area at which the first line stands (GS $).
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.area = Area(0, 0, width, height)
        self.direction = 0
        self.y = BASE_LINE
        self.empty()

    def empty(self) -> None:
        """Nothing is on it any more."""
        self._rows = [0] * self.height
        self._written: list[_Written] = []
        self._end = 0

    @property
    def length(self) -> int:
        """Dots of a line."""
        return self.area.height if self.direction & 1 else self.area.width

    @property
    def depth(self) -> int:
        """Dots from one edge of the area to the other, across the lines."""
        return self.area.width if self.direction & 1 else self.area.height

    def select(self, area: Area) -> None:
        """Write in `area`, as far as it is on the page, from its beginning.

        Raises:
            ValueError: nothing of it is on the page.
        """
        if not (area.width and area.height and area.x < self.width and area.y < self.height):
            raise ValueError(
                f"an area on the page of {self.width} x {self.height} dots expected, found "
                f"{area.width} x {area.height} at {area.x}, {area.y}"
            )
        width, height = min(area.width, self.width - area.x), min(area.height, self.height - area.y)
        self.area = Area(area.x, area.y, width, height)
        self._end = max(self._end, area.y + height)
        self.y = BASE_LINE

    def turn(self, direction: int) -> None:
        """Write in another direction, from the beginning of the area."""
        self.direction = direction
        self.y = BASE_LINE

    def develop(self, line: Line, column: int) -> None:
        """Put a line on the page, its base line at `y`. Dots outside of the area are lost.

        Args:
            column: dots of a column of the line's text form.
        """
        boxes = [
            box
            for cell in line.cells
            if (box := self._put(cell.rows, cell.width, cell.x, self.y + cell.below - len(cell.rows)))
        ]
        if line.cells:
            self._end = max(self._end, self.area.y + self.area.height)
        if boxes:
            self._written.append(_Written(line.text(0, column).lstrip(), _around(boxes)))

    def clear(self) -> None:
        """Take away what is in the area, whichever area it was written in (CAN)."""
        area = self.area
        kept = ~(((1 << area.width) - 1) << self.width - area.x - area.width)
        for y in range(area.y, area.y + area.height):
            self._rows[y] &= kept
        self._written = [text for text in self._written if not text.touches(area)]

    def printed(self) -> list[Print]:
        """The page on paper, down to the end of the lowest area that was used. Each text is on the rows that it ends
        with, those that end at the same row are one line."""
        prints: list[Print] = []
        top = 0
        for end in sorted({self._end, *(text.end for text in self._written)}):
            texts = sorted((text for text in self._written if text.end == end), key=lambda text: text.box.x)
            begin = max(top, min((text.box.y for text in texts), default=end))
            for at in range(top, begin, _BAND):
                prints.append(Print(tuple(self._rows[at : min(at + _BAND, begin)]), None))
            if texts:
                prints.append(Print(tuple(self._rows[begin:end]), _joined(texts)))
            top = max(top, end)
        return prints

    def _put(self, rows: Rows, width: int, x: int, top: int) -> Area | None:
        """Put a block on the page, `x` along the line and `top` across; where it is, None if it is nowhere."""
        inside = rows[max(0, -top) : max(0, self.depth - top)]
        top = max(0, top)
        beyond = max(0, x + width - self.length)
        width -= beyond
        if width <= 0 or not inside:
            return None
        block, box = self._turned([row >> beyond for row in inside], width, x, top)
        shift = self.width - box.x - box.width
        for y, row in enumerate(block, box.y):
            self._rows[y] |= row << shift
        return box

    def _turned(self, rows: Sequence[int], width: int, x: int, top: int) -> tuple[Sequence[int], Area]:
        """The block as it lies on the page, and where."""
        area, height = self.area, len(rows)
        right, below = area.x + area.width, area.y + area.height
        if self.direction == 0:
            return rows, Area(area.x + x, area.y + top, width, height)
        if self.direction == 2:
            turned = [reverse(row, width) for row in reversed(rows)]
            return turned, Area(right - x - width, below - top - height, width, height)
        columns = transpose(rows, width)
        if self.direction == 1:
            return columns[::-1], Area(area.x + top, below - x - width, height, width)
        return [reverse(column, height) for column in columns], Area(right - top - height, area.y + x, height, width)


def _around(boxes: Sequence[Area]) -> Area:
    x, y = min(box.x for box in boxes), min(box.y for box in boxes)
    right, below = max(box.x + box.width for box in boxes), max(box.y + box.height for box in boxes)
    return Area(x, y, right - x, below - y)


def _joined(texts: Sequence[_Written]) -> str:
    """Texts beside each other, gaps as spaces."""
    line, at = "", 0
    for text in texts:
        gap = " " if line else ""
        line += max(gap, " " * ((text.box.x - at) // _COLUMN)) + text.text
        at = text.box.x + text.box.width
    return line
