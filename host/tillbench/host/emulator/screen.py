"""The terminal's screen as the host sees it: pixels of the panel model, text by glyph match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.devices.colour_panel import ColourPanel
from tillbench.host.devices.glyph_reader import pixel_hash, read_screen
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.screen_png import picture_png, save_screen, screen_png
from tillbench.host.devices.text_art import half_blocks


@dataclass(frozen=True, slots=True)
class Shown:
    """A committed frame.

    Attributes:
        number: as the device counts them since its start.
        at_us: virtual time.
        pixels: 64 rows of 128 bytes, 1 = lit.
        rows: four rows of text, read from the pixels.
    """

    number: int
    at_us: int
    pixels: bytes
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """The rows, one a line, without trailing blanks."""
        return "\n".join(row.rstrip() for row in self.rows)

    @property
    def hash(self) -> str:
        """Fingerprint of the pixels."""
        return pixel_hash(self.pixels)

    def art(self) -> str:
        """The pixels as characters, 128 columns wide."""
        return half_blocks(self.pixels)

    def save(self, path: Path) -> None:
        """Write a PNG."""
        save_screen(path, self.pixels)


class Screen:
    """Every frame since the start. A frame that no glyph matches shows U+FFFD."""

    def __init__(self, panel: Panel | ColourPanel, now: Callable[[], int]) -> None:
        self._panel = panel
        self._now = now
        self.frames: list[Shown] = []
        self.listeners: list[Callable[[Shown], None]] = []

    def committed(self, number: int) -> None:
        """The device has committed frame `number`: read it off the glass."""
        pixels = self._panel.pixels()
        shown = Shown(number, self._now(), pixels, tuple(read_screen(pixels).rows))
        self.frames.append(shown)
        for listener in self.listeners:
            listener(shown)

    @property
    def now(self) -> Shown:
        """What is on the glass at this moment."""
        pixels = self._panel.pixels()
        number = self.frames[-1].number if self.frames else 0
        return Shown(number, self._now(), pixels, tuple(read_screen(pixels).rows))

    @property
    def text(self) -> str:
        """Its text."""
        return self.now.text

    def png(self, scale: int) -> bytes:
        """What is on the glass at this moment, every pixel `scale` times as large: of a colour panel all of it, in its
        colours."""
        if isinstance(self._panel, ColourPanel):
            return picture_png(self._panel.image(), scale)
        return screen_png(self._panel.pixels(), scale)
