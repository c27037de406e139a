"""Paper: a roll that runs out, the printed strip, and the slips that the cutter makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw
from tillbench.host.devices.printer_profile import DOTS_PER_MM

_TABLE, _SHADOW, _PAPER, _INK = (186, 189, 193), (150, 153, 158), (252, 250, 244), (38, 38, 44)


@dataclass(frozen=True)
class PrintedLine:
    """One line on paper. `top` counts dot rows from the start of the strip."""

    text: str
    top: int
    rows: tuple[int, ...]

    @property
    def ink(self) -> tuple[int, int]:
        """First dot row with ink and the first below all ink, counted from the start of the strip."""
        inked = [number for number, row in enumerate(self.rows) if row]
        return (self.top + inked[0], self.top + inked[-1] + 1) if inked else (self.top, self.top)


@dataclass(frozen=True)
class Receipt:
    """What one cut has taken off the strip (or, for `Printer.uncut`, what hangs out of the printer)."""

    width: int
    """Dots."""
    rows: tuple[int, ...]
    lines: tuple[PrintedLine, ...]
    cut: str = ""
    """"full", "partial", "torn" (by hand) or "" when not cut."""

    @property
    def text(self) -> str:
        """The lines as text, without the empty lines before and after (those are how far the blade is away)."""
        return "\n".join(line.text for line in self.lines).strip("\n").rstrip()

    @property
    def image(self) -> Image.Image:
        """Black on white, one pixel a dot, mode "1"."""
        row_bytes = -(-self.width // 8)
        pad = row_bytes * 8 - self.width
        data = b"".join((row << pad).to_bytes(row_bytes, "big") for row in self.rows)
        return Image.frombytes("1", (self.width, len(self.rows)), data, "raw", "1;I")

    def png(self, path: str | Path) -> Path:
        """Write the image; make the folder if need be."""
        return _save(self.image, path)

    def photo(self, path: str | Path) -> Path:
        """Write a picture of the slip as a piece of paper on a table: margins, cut edges, warm white."""
        margin, edge = 4 * DOTS_PER_MM, 8
        width, height = self.width + 2 * margin, len(self.rows) + 2 * margin
        picture = Image.new("RGB", (width + 2 * margin, height + 2 * margin), _TABLE)
        draw = ImageDraw.Draw(picture)
        left, top, right, bottom = margin, margin, margin + width, margin + height
        upper = [(x, top + (edge if x // edge % 2 else 0)) for x in range(left, right + 1, edge)]
        lower = [(x, bottom - (edge if x // edge % 2 else 0)) for x in range(right, left - 1, -edge)]
        draw.polygon([(x + 5, y + 5) for x, y in upper + lower], fill=_SHADOW)
        draw.polygon(upper + lower, fill=_PAPER)
        dots = self.image.convert("L").point(lambda value: 255 - value)
        picture.paste(_INK, (left + margin, top + margin), dots)
        return _save(picture, path)


def _save(image: Image.Image, path: str | Path) -> Path:
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    image.save(target, format="PNG")
    return target


@dataclass
class Roll:
    """The paper supply, in dot rows."""

    left: int = 30_000 * DOTS_PER_MM


@dataclass
class Strip:
    """What comes out of the printer, row by row, with the lines printed on it."""

    width: int
    rows: list[int] = field(default_factory=list)
    lines: list[PrintedLine] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    _cut_at: int = 0
    _cut_lines: int = 0

    @property
    def length(self) -> int:
        """Dot rows since the printer was made."""
        return len(self.rows)

    def feed(self, rows: Sequence[int]) -> None:
        self.rows += rows

    def add_line(self, text: str, rows: Sequence[int]) -> PrintedLine:
        """Print `rows` that read `text`."""
        line = PrintedLine(text, len(self.rows), tuple(rows))
        self.rows += rows
        self.lines.append(line)
        return line

    def cut(self, at: int, kind: str) -> tuple[Receipt, list[PrintedLine]]:
        """Cut at dot row `at` of the strip, not above the last cut.

        Returns:
            The slip, and the lines that the blade went through (they count as part of what stays).
        """
        at = max(at, self._cut_at)
        uncut = self.lines[self._cut_lines :]
        inside = [line for line in uncut if line.ink[1] <= at]
        through = [line for line in uncut if line.ink[0] < at < line.ink[1]]
        receipt = Receipt(self.width, tuple(self.rows[self._cut_at : at]), tuple(inside), kind)
        self._cut_at = at
        self._cut_lines += len(inside)
        self.receipts.append(receipt)
        return receipt, through

    def uncut(self) -> Receipt:
        """What has been printed since the last cut."""
        return Receipt(self.width, tuple(self.rows[self._cut_at :]), tuple(self.lines[self._cut_lines :]))
