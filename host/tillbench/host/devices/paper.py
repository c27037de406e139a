"""Paper: a roll that runs out, the printed strip, and the slips that the cutter makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from tillbench.host.devices.printer_profile import DOTS_PER_MM


@dataclass(frozen=True)
class PrintedLine:
    """One line on paper. `top` counts dot rows from the start of the strip."""

    text: str
    top: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Receipt:
    """What one cut has taken off the strip (or, for `Printer.uncut`, what hangs out of the printer)."""

    width: int
    """Dots."""
    rows: tuple[int, ...]
    lines: tuple[PrintedLine, ...]
    cut: str = ""
    """"full", "partial" or "" when not cut."""

    @property
    def text(self) -> str:
        """The lines as text, without empty lines at the end."""
        return "\n".join(line.text for line in self.lines).rstrip()

    @property
    def image(self) -> Image.Image:
        """Black on white, one pixel a dot, mode "1"."""
        row_bytes = -(-self.width // 8)
        pad = row_bytes * 8 - self.width
        data = b"".join((row << pad).to_bytes(row_bytes, "big") for row in self.rows)
        return Image.frombytes("1", (self.width, len(self.rows)), data, "raw", "1;I")

    def png(self, path: str | Path) -> Path:
        """Write the image; make the folder if need be."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.image.save(target, format="PNG")
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
        inside = [line for line in self.lines[self._cut_lines :] if line.top + len(line.rows) <= at]
        through = [line for line in self.lines[self._cut_lines :] if line.top < at < line.top + len(line.rows)]
        receipt = Receipt(self.width, tuple(self.rows[self._cut_at : at]), tuple(inside), kind)
        self._cut_at = at
        self._cut_lines += len(inside)
        self.receipts.append(receipt)
        return receipt, through

    def uncut(self) -> Receipt:
        """What has been printed since the last cut."""
        return Receipt(self.width, tuple(self.rows[self._cut_at :]), tuple(self.lines[self._cut_lines :]))
