"""Bar codes (`GS k`) and two-dimensional codes (`GS ( k`).

Linear codes and QR codes are drawn; PDF417 and the others are taken in whole and leave a boxed note with their data.
"""

from __future__ import annotations

from tillbench.host.devices import printer_fonts
from tillbench.host.devices.barcodes import ENCODERS, Bars
from tillbench.host.devices.printer_actions import Action, Answer, Print
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import Line, stretch
from tillbench.host.devices.printer_settings import Arguments, digit

BARCODES = (
    "UPC-A", "UPC-E", "EAN13", "EAN8", "CODE39", "ITF", "CODABAR",
    "CODE93", "CODE128", "GS1-128", "GS1 DATABAR", "GS1 DATABAR", "GS1 DATABAR", "GS1 DATABAR",
)  # fmt: skip
"""m of GS k form A, from 0; form B from 65."""
SYMBOLS = {
    48: "PDF417",
    49: "QR code",
    50: "MaxiCode",
    51: "GS1 DataBar",
    52: "Composite",
    53: "Aztec",
    54: "DataMatrix",
}
"""cn of GS ( k."""
_QR = 49
_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}
_WIDE = {2: 5, 3: 8, 4: 10, 5: 13, 6: 15}
"""Dots of a wide element by those of a narrow one (GS w)."""
_ABOVE, _BELOW = 1, 2
_MOST_DATA = 7089


def barcode(printer: Formatter, arguments: Arguments) -> list[Action]:
    """GS k: the code with its text above or below, centred in it; needs a line of its own."""
    number = arguments.m - 65 if arguments.m >= 65 else arguments.m
    name = BARCODES[number] if number < len(BARCODES) and (arguments.m < 7 or arguments.m >= 65) else None
    if name is None:
        printer.complain(f"GS k: no bar code has the number {arguments.m}")
        return printer.boxed(f"bar code {arguments.m} not drawn")
    shown = arguments.data.decode("ascii", "replace")
    if name not in ENCODERS:
        printer.complain(f"GS k: {name} is not drawn by this printer")
        return printer.boxed(f"{name} not drawn: {shown}")
    try:
        bars = ENCODERS[name](arguments.data)
        return _draw(printer, name, bars)
    except ValueError as error:
        printer.complain(f"GS k: {name}: {error}")
        return printer.boxed(f"{name} not drawn: {shown}")


def _draw(printer: Formatter, name: str, bars: Bars) -> list[Action]:
    """Raises ValueError if it is wider than the print area."""
    modes = printer.modes
    thin = modes.barcode_width
    row = width = 0
    for index, element in enumerate(bars.widths):
        dots = thin if element == "n" else _WIDE[thin] if element == "w" else thin * int(element)
        row = row << dots | ((1 << dots) - 1 if index % 2 == 0 else 0)
        width += dots
    if width > modes.area:
        raise ValueError(f"{width} dots across, more than the {modes.area} of the print area")
    rows = [row] * modes.barcode_height
    text = _text_rows(printer, bars.text, width)
    if modes.barcode_text & _ABOVE:
        rows = [*text, *rows]
    if modes.barcode_text & _BELOW:
        rows = [*rows, *text]
    return [*printer.flush_line(), _placed(printer, rows, width, f"[{name}: {bars.text}]")]


def _text_rows(printer: Formatter, text: str, width: int) -> list[int]:
    """The characters under the bars; cut off at the edges of the code where they are wider than it."""
    font = printer_fonts.load(printer.modes.barcode_font)
    line = Line()
    line.x = max(0, (width - font.width * len(text)) // 2)
    for char in text:
        line.add(font.glyph(char) or (0,) * font.height, font.width, char)
    return [0] * 2 + line.compose(0, width, width, False)


def _placed(printer: Formatter, rows: list[int], width: int, text: str) -> Print:
    return Print(tuple(printer.image_rows(row, width, 1, None).rows[0] for row in rows), text)


def symbol(printer: Formatter, data: bytes) -> list[Action]:
    """GS ( k cn fn [m data]: fn 80 stores, 81 prints, 82 answers the size, the others set sizes and levels."""
    code, function = data[0] if data else 0, data[1] if len(data) > 1 else 0
    name = SYMBOLS.get(code)
    if name is None:
        printer.complain(f"GS ( k: no symbol has the number {code}, {len(data)} bytes skipped")
    elif function == 80:
        printer.symbol = data[3:]
    elif function == 81:
        return _print_symbol(printer, code, name)
    elif code == _QR:
        return _qr_setting(printer, function, data[2:])
    return []


def _qr_setting(printer: Formatter, function: int, arguments: bytes) -> list[Action]:
    n = arguments[0] if arguments else 0
    if function == 65:
        if digit(n) not in (1, 2):
            printer.complain(f"GS ( k: QR model expected 49 or 50, found {n}")
    elif function == 67 and 1 <= n <= 16:
        printer.modes.qr_module = n
    elif function == 69 and n in _LEVELS:
        printer.modes.qr_level = _LEVELS[n]
    elif function == 82:
        matrix = _matrix(printer)
        side = len(matrix or ()) * printer.modes.qr_module
        answer = f"{side}\x1f{side}\x1f1\x1f{0 if matrix else 1}"
        return [Answer(b"76" + answer.encode() + b"\0")]
    else:
        printer.complain(f"GS ( k: QR function {function} with {n} is not known")
    return []


def _print_symbol(printer: Formatter, code: int, name: str) -> list[Action]:
    data = printer.symbol.decode("utf-8", "replace")
    if code != _QR:
        printer.complain(f"GS ( k: {name} is not drawn by this printer")
        return printer.boxed(f"{name} not drawn: {data}")
    matrix = _matrix(printer)
    dots = printer.modes.qr_module
    if matrix is None:
        printer.complain(f"GS ( k: {len(printer.symbol)} bytes fit in no QR code at level {printer.modes.qr_level}")
        return printer.boxed("QR code not drawn")
    width = len(matrix) * dots
    if width > printer.modes.area:
        printer.complain(f"GS ( k: QR code of {width} dots across, more than the {printer.modes.area} of the area")
        return printer.boxed("QR code not drawn: wider than the paper")
    rows = [stretch(int("".join(str(cell & 1) for cell in line), 2), len(line), dots) for line in matrix]
    drawn = [row for row in rows for _ in range(dots)]
    return [*printer.flush_line(), _placed(printer, drawn, width, f"[QR code: {data}]")]


def _matrix(printer: Formatter) -> tuple[bytearray, ...] | None:
    """The modules of the stored data as a QR code, without a quiet zone; None where there is none."""
    import segno  # only where a slip has one

    if not 0 < len(printer.symbol) <= _MOST_DATA:
        return None
    try:
        code = segno.make_qr(printer.symbol, error=printer.modes.qr_level, boost_error=False)
    except segno.DataOverflowError:
        return None
    return tuple(code.matrix)
