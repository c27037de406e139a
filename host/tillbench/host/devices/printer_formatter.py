"""The printer's format program: commands and characters in, dot rows and other actions out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tillbench.host.devices import printer_codepages as codepages
from tillbench.host.devices import printer_fonts
from tillbench.host.devices.printer_actions import Action, Feed, Print
from tillbench.host.devices.printer_line import PLAIN, Line, Rows, Style, draw, frame, reverse, transpose
from tillbench.host.devices.printer_macro_memory import Macro
from tillbench.host.devices.printer_memory import Graphic, GraphicsMemory, NonVolatile
from tillbench.host.devices.printer_page import BASE_LINE, Page
from tillbench.host.devices.printer_pdf417 import Pdf417
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.devices.printer_serial_number import SerialNumber
from tillbench.host.devices.printer_transmission import Transmission

_BELOW = printer_fonts.HANZI_DOTS - BASE_LINE
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
    user_defined: bool = False
    """The characters of ESC & in place of those of the code table."""
    turned: bool = False
    """Characters lie on their side, clockwise (ESC V)."""
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
    pdf417: Pdf417 = field(default_factory=Pdf417)
    qr_module: int = 3
    qr_level: str = "L"

    @property
    def bold(self) -> bool:
        """Double strike looks the same as emphasis on a thermal printer."""
        return self.emphasized or self.double_strike


class Formatter:
    """Modes, line buffer and character generator. What cannot be done is in `errors` and, where it would have left
    something on paper, visible there as a boxed note."""

    def __init__(self, profile: PrinterProfile, nv: NonVolatile) -> None:
        self.profile = profile
        self.errors: list[WireError] = []
        self.missing_glyphs: set[str] = set()
        self.modes = Modes()
        self.line = Line()
        self.symbols: dict[int, bytes] = {}
        """Data of the two-dimensional codes to print, by cn of GS ( k."""
        self.nv = nv
        self.raster: list[int] = []
        """Rows of an image that goes on a page when it is whole (GS v 0)."""
        self.graphics: Graphic | None
        """The graphics in the print buffer (GS ( L 112)."""
        self.bit_image: Graphic | None
        """The downloaded bit image (GS *)."""
        self.downloaded: GraphicsMemory
        """Graphics up to ESC @ (GS ( L 83)."""
        self.user_glyphs: dict[tuple[str, bytes], Rows] = {}
        """By font, or "kanji", and code (ESC &, FS 2)."""
        self.transmission = Transmission()
        self.macro = Macro()
        self.serial_number: SerialNumber
        self.page: Page
        self.on_page = False
        """Page mode."""
        self._other_pitches: tuple[int, int, tuple[int, int]]
        self._wide = bytearray()
        self.offset = 0
        """Where in the stream the item in hand begins."""
        self.reset()

    def reset(self) -> None:
        """As ESC @ does: defaults, and what is in the line buffer is gone."""
        self.modes = Modes(kanji=self.profile.kanji, line_spacing=self.profile.line_spacing, area=self.profile.width)
        self.line = Line()
        self.page = Page(self.profile.width, self.profile.page_rows)
        self.on_page = False
        self._other_pitches = self._pitches
        self.graphics = self.bit_image = None
        self.user_glyphs.clear()
        self.downloaded = GraphicsMemory(self.profile.download_bytes)
        self.transmission.end()
        self.serial_number = SerialNumber()
        self._wide.clear()

    def complain(self, text: str) -> None:
        """Record what cannot be done, at the offset of the item in hand."""
        self.errors.append(WireError(self.offset, text))

    # Characters

    def character(self, byte: int) -> list[Action]:
        """Print one byte, or take it as a part of a two-byte character."""
        modes = self.modes
        if not (modes.kanji and (self._wide or byte >= 0x80)):
            own = self.user_glyphs.get((modes.font, bytes([byte]))) if modes.user_defined else None
            return self._place_narrow(codepages.decode_byte(byte, modes.code_table, modes.variant), own)
        self._wide.append(byte)
        lead = bytes(self._wide)
        length = codepages.wide_length(lead, self.profile.kanji_encoding)
        if len(lead) < max(length, 1) or (length == 2 and len(lead) == 1):
            return []
        self._wide.clear()
        text = lead.decode(self.profile.kanji_encoding, errors="replace")
        char = text if len(text) == 1 else "\N{REPLACEMENT CHARACTER}"
        return self._place_wide(char, self.user_glyphs.get(("kanji", lead)))

    def _place_narrow(self, char: str, own: Rows | None) -> list[Action]:
        font = printer_fonts.load(self.modes.font)
        glyph = own or font.glyph(char)
        if glyph is None:
            self.missing_glyphs.add(char)
            glyph = frame(font.width, font.height)
        modes = self.modes
        rows = draw(glyph, font.width, modes.spacing, modes.style, modes.bold)
        return self._place(rows, (font.width + modes.spacing) * modes.style.wide, char, modes.style)

    def _place_wide(self, char: str, own: Rows | None) -> list[Action]:
        glyph = own or printer_fonts.hanzi().glyph(char)
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
        return self._place(rows, (_KANJI_DOTS + left + right) * style.wide, char, style)

    def _place(self, rows: Rows, width: int, char: str, style: Style) -> list[Action]:
        """A character as it is drawn; on its side if that was asked for, which a page does by its direction."""
        if self.modes.turned and not self.on_page:
            on_its_side = tuple(reverse(column, len(rows)) for column in transpose(rows, width))
            return self.place(on_its_side, len(rows), char)
        return self.place(rows, width, char, _BELOW * style.high)

    def place(self, rows: Rows, width: int, text: str, below: int = 0) -> list[Action]:
        """Put a cell in the line buffer, `below` dots of it under the base line; a full line is printed first."""
        actions: list[Action] = []
        begun = self.line.x > 0 if self.on_page else not self.line.empty
        if begun and self.line.x + width > self.area:
            actions = self.print_line()
        self.line.add(rows, width, text, below)
        return actions

    def end_character(self) -> None:
        """A command comes: a character that has only half arrived is lost."""
        if self._wide:
            self.complain(f"half a two-byte character: {self._wide.hex(' ').upper()}")
            self._wide.clear()

    # Lines

    @property
    def area(self) -> int:
        """Dots of a line, from its beginning to the end of the print area."""
        return self.page.length if self.on_page else self.modes.area

    @property
    def column(self) -> int:
        """Dots of one column of the text form: the width of the font in use."""
        return printer_fonts.load(self.modes.font).width

    def print_line(self, pitch: int | None = None) -> list[Action]:
        """Print the line buffer, and feed to a pitch of `pitch` dots (default: the line spacing) where that is more
        than the line is high. On a page, nothing comes out: the next line is `pitch` dots further."""
        modes, line = self.modes, self.line
        pitch = modes.line_spacing if pitch is None else pitch
        self.line = Line()
        if self.on_page:
            self.page.develop(line, self.column)
            self.page.y += pitch
            return []
        room = modes.area - line.end
        shift = 0 if room < 0 else (0, room // 2, room)[modes.align]
        line = line.shifted(shift) if shift else line
        rows = line.compose(modes.left, modes.area, self.profile.width, modes.upside_down)
        rows += [0] * (pitch - len(rows))
        return [Print(tuple(rows), line.text(modes.left, self.column))]

    def flush_line(self) -> list[Action]:
        """Print the line buffer if there is something in it; on a page, the line goes on."""
        return [] if self.line.empty or self.on_page else self.print_line()

    def feed_lines(self, count: int) -> list[Action]:
        """Empty lines."""
        return [action for _ in range(count) for action in self.print_line()]

    def feed_dots(self, count: int) -> list[Action]:
        return [Feed(count)] if count else []

    def image(self, rows: Rows, width: int, text: str | None, whole: bool = False) -> list[Action]:
        """Dot rows after what is in the line buffer, justified in the print area: one after the other, or, so that
        they are one line of the slip, as a whole. On a page, they stand on the base line like a character.

        Args:
            text: what the slip says there; None: this is not the end of the image.
        """
        if self.on_page:
            self.line.add(rows, width, text or "")
            return []
        modes = self.modes
        room = max(0, modes.area - width)
        left = modes.left + (0, room // 2, room)[modes.align]
        shift = self.profile.width - left - width
        placed = [row << shift if shift >= 0 else row >> -shift for row in rows]
        if whole:
            return [*self.flush_line(), Print(tuple(placed), text)]
        last = len(placed) - 1
        texts = (text if number == last else None for number in range(len(placed)))
        return [*self.flush_line(), *(Print((row,), said) for row, said in zip(placed, texts, strict=True))]

    def print_graphic(self, graphic: Graphic) -> list[Action]:
        """An image that says its size on the slip."""
        return self.image(graphic.rows, graphic.width, f"[image {graphic.width}x{len(graphic.rows)}]")

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
        if self.on_page:
            self.line.add(tuple(rows), self.profile.width, f"[{note}]")
            return []
        return [*self.flush_line(), Print(tuple(rows), f"[{note}]")]

    # Pages

    def begin_page(self) -> None:
        """Page mode: an empty page, in the direction and area that were set."""
        self.on_page = True
        self.page.empty()
        self.page.turn(self.page.direction)
        self.line = Line()
        self._exchange_pitches()

    def end_page(self) -> None:
        """Standard mode: what is on the page is gone, and so is its area; the direction stays."""
        direction = self.page.direction
        self.page = Page(self.profile.width, self.profile.page_rows)
        self.page.direction = direction
        self.line = Line()
        if self.on_page:
            self.on_page = False
            self._exchange_pitches()

    def develop(self) -> None:
        """Put what is in the line buffer on the page: the next goes elsewhere, or further on in this line."""
        self.page.develop(self.line, self.column)
        x = self.line.x
        self.line = Line()
        self.line.x = x

    @property
    def _pitches(self) -> tuple[int, int, tuple[int, int]]:
        """The modes that page mode and standard mode have each for itself."""
        return self.modes.spacing, self.modes.line_spacing, self.modes.kanji_spacing

    def _exchange_pitches(self) -> None:
        modes, other = self.modes, self._other_pitches
        self._other_pitches = self._pitches
        modes.spacing, modes.line_spacing, modes.kanji_spacing = other
