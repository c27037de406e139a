"""The layout of a slip: lines with a left and a right end, measured in dots.

A line is a tuple (left, right, style). Slips are generators of lines: a list of five hundred transactions is printed
without being held.
"""

from charset.width import cells, wrapped

from terminal.i18n import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.board import Printer
    from terminal.parameters import Parameters

    Line = tuple[str, str, int]

PLAIN = 0
BOLD = 1
DOUBLE = 2
CENTRED = 4
QR = 8
"""Style bits; of a line in style QR the left text is the content of a QR code."""


class Paper:
    """Paper of `dots` dots, on which a letter takes `narrow` of them and a hanzi `wide`."""

    def __init__(self, dots: int, narrow: int, wide: int) -> None:
        self.dots = dots
        self.narrow = narrow
        self.wide = wide
        self.columns = dots // narrow

    def width(self, text: str, style: int = PLAIN) -> int:
        """Dots that the text takes."""
        dots = cells(text, self.narrow, self.wide)
        return 2 * dots if style & DOUBLE else dots

    def rule(self) -> Line:
        """A dashed line across the paper."""
        return "-" * self.columns, "", PLAIN

    def paragraph(self, words: str, style: int = PLAIN) -> "Iterator[Line]":
        """The words on as many lines as they need."""
        dots = self.dots // 2 if style & DOUBLE else self.dots
        for line in wrapped(words, dots, self.narrow, self.wide):
            yield line, "", style

    def pair(self, name: str, value: str, style: int = PLAIN) -> "Iterator[Line]":
        """A name at the left (a key of the text table, or words that end in a colon), its value at the right.

        On two lines when they do not fit on one, on more when the value alone does not.
        """
        if not name.endswith(":"):
            name = text(name)
        if self.width(name, style) + self.narrow + self.width(value, style) <= self.dots:
            yield name, value, style
            return
        yield from self.paragraph(name, style)
        for line, _, _ in self.paragraph(value, style):
            yield "", line, style

    def signature(self) -> "Iterator[Line]":
        """Room to sign above a line."""
        for _ in range(3):
            yield "", "", PLAIN
        yield "_" * self.columns, "", PLAIN


def paper_of(printer: Printer, parameters: Parameters) -> Paper:
    """The paper in the printer, for the font that is set."""
    narrow, wide = printer.cell(parameters.printer_font)
    return Paper(printer.dots, narrow, wide)


def timestamp(digits: str) -> str:
    """YYYYMMDDhhmmss as "YYYY/MM/DD hh:mm:ss"."""
    d = digits
    return "%s/%s/%s %s:%s:%s" % (d[:4], d[4:6], d[6:8], d[8:10], d[10:12], d[12:14])


def heading(title: str, *lines: str) -> "Iterator[Line]":
    """The title of a slip (key of the text table) and lines below it, all in the middle."""
    yield text(title), "", BOLD | CENTRED
    for line in lines:
        yield line, "", CENTRED


def who(paper: Paper, parameters: Parameters) -> "Iterator[Line]":
    """Merchant and terminal: what every slip and report begins with."""
    yield paper.rule()
    yield text("slip_merchant_name"), "", PLAIN
    yield from paper.paragraph(parameters.merchant_name)
    yield from paper.pair("slip_merchant", parameters.merchant)
    yield from paper.pair("slip_terminal", parameters.terminal)
