"""The printer's format program: commands and characters in, dot rows and other actions out."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tillbench.host.devices import printer_codepages as codepages
from tillbench.host.devices import printer_fonts
from tillbench.host.devices.printer_actions import Action, Feed, Print
from tillbench.host.devices.printer_line import PLAIN, Line, Rows, Style, draw, frame
from tillbench.host.devices.printer_profile import PrinterProfile

_KANJI_DOTS = printer_fonts.HANZI_DOTS
_TAB = 8


@dataclass(frozen=True)
class WireError:
    """Something in the byte stream that the printer could not obey. `offset` counts received bytes from 0."""

    offset: int
    text: str

    def __str__(self) -> str:
        return f"offset {self.offset}: {self.text}"


@dataclass
class Modes:
    """What ESC @ resets."""

    font: str = "A"
    style: Style = PLAIN
    emphasized: bool = False
    double_strike: bool = False
    spacing: int = 0
    code_table: int = 0
    variant: int = 0
    kanji: bool = True
    kanji_style: Style = PLAIN
    kanji_spacing: tuple[int, int] = (0, 0)
    line_spacing: int = 30
    align: int = 0
    left: int = 0
    area: int = 384
    upside_down: bool = False
    tabs: tuple[int, ...] = tuple(range(_TAB, 33, _TAB))
    selected: bool = True
    barcode_height: int = 162
    barcode_width: int = 3
    """Dots of a narrow element."""
    barcode_text: int = 0
    """1 above, 2 below, 3 both."""
    barcode_font: str = "A"
    qr_module: int = 3
    qr_level: str = "L"

    @property
    def bold(self) -> bool:
        """Double strike looks the same as emphasis on a thermal printer."""
        return self.emphasized or self.double_strike


class Formatter:
    """Modes, line buffer and character generator. What cannot be done is in `errors` and, where it would have left
    something on paper, visible there as a boxed note."""

    def __init__(self, profile: PrinterProfile) -> None:
        self.profile = profile
        self.errors: list[WireError] = []
        self.missing_glyphs: set[str] = set()
        self.modes = Modes()
        self.line = Line()
        self.symbol = b""
        """Data of the two-dimensional code to print (GS ( k)."""
        self.graphics: tuple[Rows, int] | None = None
        """Dot rows and width of the stored graphics (GS ( L)."""
        self._wide = bytearray()
        self.offset = 0
        """Where in the stream the item in hand begins."""
        self.reset()

    def reset(self) -> None:
        """As ESC @ does: defaults, and what is in the line buffer is gone."""
        self.modes = Modes(kanji=self.profile.kanji, line_spacing=self.profile.line_spacing, area=self.profile.width)
        self.line = Line()
        self._wide.clear()

    def complain(self, text: str) -> None:
        """Record what cannot be done, at the offset of the item in hand."""
        self.errors.append(WireError(self.offset, text))

    # Characters

    def character(self, byte: int) -> list[Action]:
        """Print one byte, or take it as a part of a two-byte character."""
        modes = self.modes
        if not (modes.kanji and (self._wide or byte >= 0x80)):
            return self._place_narrow(codepages.decode_byte(byte, modes.code_table, modes.variant))
        self._wide.append(byte)
        lead = bytes(self._wide)
        length = codepages.wide_length(lead, self.profile.kanji_encoding)
        if len(lead) < max(length, 1) or (length == 2 and len(lead) == 1):
            return []
        self._wide.clear()
        text = lead.decode(self.profile.kanji_encoding, errors="replace")
        return self._place_wide(text if len(text) == 1 else "\N{REPLACEMENT CHARACTER}")

    def _place_narrow(self, char: str) -> list[Action]:
        font = printer_fonts.load(self.modes.font)
        glyph = font.glyph(char)
        if glyph is None:
            self.missing_glyphs.add(char)
            glyph = frame(font.width, font.height)
        modes = self.modes
        rows = draw(glyph, font.width, modes.spacing, modes.style, modes.bold)
        return self.place(rows, (font.width + modes.spacing) * modes.style.wide, char)

    def _place_wide(self, char: str) -> list[Action]:
        glyph = printer_fonts.hanzi().glyph(char)
        if glyph is None:
            self.missing_glyphs.add(char)
            glyph = frame(_KANJI_DOTS, _KANJI_DOTS)
        modes = self.modes
        size = modes.kanji_style
        style = replace(
            size,
            inverse=modes.style.inverse,
            wide=max(size.wide, modes.style.wide),
            high=max(size.high, modes.style.high),
        )
        left, right = modes.kanji_spacing
        rows = draw(glyph, _KANJI_DOTS, left + right, style, modes.bold)
        return self.place(rows, (_KANJI_DOTS + left + right) * style.wide, char)

    def place(self, rows: Rows, width: int, text: str) -> list[Action]:
        """Put a cell in the line buffer; a full line is printed first."""
        actions: list[Action] = []
        if self.line.x + width > self.modes.area and not self.line.empty:
            actions = self.print_line()
        self.line.add(rows, width, text)
        return actions

    def end_character(self) -> None:
        """A command comes: a character that has only half arrived is lost."""
        if self._wide:
            self.complain(f"half a two-byte character: {self._wide.hex(' ').upper()}")
            self._wide.clear()

    # Lines

    @property
    def column(self) -> int:
        """Dots of one column of the text form: the width of the font in use."""
        return printer_fonts.load(self.modes.font).width

    def print_line(self, pitch: int | None = None) -> list[Action]:
        """Print the line buffer, and feed to a pitch of `pitch` dots (default: the line spacing) where that is more
        than the line is high."""
        modes, line = self.modes, self.line
        self.line = Line()
        room = modes.area - line.end
        shift = 0 if room < 0 else (0, room // 2, room)[modes.align]
        line = line.shifted(shift) if shift else line
        rows = line.compose(modes.left, modes.area, self.profile.width, modes.upside_down)
        pitch = modes.line_spacing if pitch is None else pitch
        rows += [0] * (pitch - len(rows))
        return [Print(tuple(rows), line.text(modes.left, self.column))]

    def flush_line(self) -> list[Action]:
        """Print the line buffer if there is something in it."""
        return [] if self.line.empty else self.print_line()

    def feed_lines(self, count: int) -> list[Action]:
        """Empty lines."""
        return [action for _ in range(count) for action in self.print_line()]

    def feed_dots(self, count: int) -> list[Action]:
        return [Feed(count)] if count else []

    def image_rows(self, row: int, width: int, high: int, text: str | None) -> Print:
        """A row of image dots, justified in the print area, `high` times."""
        modes = self.modes
        room = max(0, modes.area - width)
        left = modes.left + (0, room // 2, room)[modes.align]
        shift = self.profile.width - left - width
        row = row << shift if shift >= 0 else row >> -shift
        return Print((row,) * high, text)

    def boxed(self, note: str) -> list[Action]:
        """A note on paper in place of something that cannot be drawn."""
        font = printer_fonts.load("A")
        line = Line()
        columns = self.profile.width // font.width - 2
        for char in f" {note} "[:columns]:
            line.add(font.glyph(char) or frame(font.width, font.height), font.width, char)
        inside = line.compose(font.width, line.x, self.profile.width, False)
        full = (1 << self.profile.width) - 1
        edge = 0b11 << (self.profile.width - 2) | 0b11
        rows = [full] * 2 + [edge] * 4 + [row | edge for row in inside] + [edge] * 4 + [full] * 2 + [0] * 6
        return [*self.flush_line(), Print(tuple(rows), f"[{note}]")]
