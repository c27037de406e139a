"""Bar codes (`GS k`) and two-dimensional codes (`GS ( k`).

Linear codes, PDF417 and QR codes are drawn; the others are taken in whole and leave a boxed note with their data.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices import printer_fonts
from tillbench.host.devices.barcodes import ENCODERS, Bars
from tillbench.host.devices.printer_actions import Action, Answer
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import Line
from tillbench.host.devices.printer_memory import Graphic
from tillbench.host.devices.printer_settings import Arguments, digit
from tillbench.protocols import escpos_graphics

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
_PDF417, _QR = 48, 49
_SIZE_OF = {_PDF417: 0x2F, _QR: 0x36}
"""Identifiers of the answers to function 82."""
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
    if width > printer.area:
        raise ValueError(f"{width} dots across, more than the {printer.area} of the print area")
    rows = [row] * modes.barcode_height
    text = _text_rows(printer, bars.text, width)
    if modes.barcode_text & _ABOVE:
        rows = [*text, *rows]
    if modes.barcode_text & _BELOW:
        rows = [*rows, *text]
    return printer.image(tuple(rows), width, f"[{name}: {bars.text}]", whole=True)


def _text_rows(printer: Formatter, text: str, width: int) -> list[int]:
    """The characters under the bars; cut off at the edges of the code where they are wider than it."""
    font = printer_fonts.load(printer.modes.barcode_font)
    line = Line()
    line.x = max(0, (width - font.width * len(text)) // 2)
    for char in text:
        line.add(font.glyph(char) or (0,) * font.height, font.width, char)
    return [0] * 2 + line.compose(0, width, width, False)


def symbol(printer: Formatter, data: bytes) -> list[Action]:
    """GS ( k cn fn [m data]: fn 80 stores, 81 prints, 82 answers the size, the others set sizes and levels."""
    code, function = data[0] if data else 0, data[1] if len(data) > 1 else 0
    name = SYMBOLS.get(code)
    if name is None:
        printer.complain(f"GS ( k: no symbol has the number {code}, {len(data)} bytes skipped")
    elif function == 80:
        printer.symbols[code] = data[3:]
    elif function == 81:
        return _print_symbol(printer, code, name)
    elif function == 82 and code in _DRAWN:
        return [Answer(_size(printer, code))]
    elif code == _PDF417:
        if not printer.modes.pdf417.set(function, data[2:]):
            printer.complain(f"GS ( k: PDF417 function {function} with {_listed(data[2:])} is not known")
    elif code == _QR:
        _qr_setting(printer, function, data[2:])
    return []


def _listed(arguments: bytes) -> str:
    return " ".join(map(str, arguments)) or "nothing"


def _qr_setting(printer: Formatter, function: int, arguments: bytes) -> None:
    n = arguments[0] if arguments else 0
    if function == 65:
        if digit(n) not in (1, 2):
            printer.complain(f"GS ( k: QR model expected 49 or 50, found {n}")
    elif function == 67 and 1 <= n <= 16:
        printer.modes.qr_module = n
    elif function == 69 and n in _LEVELS:
        printer.modes.qr_level = _LEVELS[n]
    else:
        printer.complain(f"GS ( k: QR function {function} with {n} is not known")


def _print_symbol(printer: Formatter, code: int, name: str) -> list[Action]:
    stored = printer.symbols.get(code, b"")
    data = stored.decode("utf-8", "replace")
    if code not in _DRAWN:
        printer.complain(f"GS ( k: {name} is not drawn by this printer")
        return printer.boxed(f"{name} not drawn: {data}")
    try:
        graphic = _DRAWN[code](printer, stored)
    except ValueError as error:
        printer.complain(f"GS ( k: {name}: {error}")
        return printer.boxed(f"{name} not drawn")
    return printer.image(graphic.rows, graphic.width, f"[{name}: {data}]", whole=True)


def _size(printer: Formatter, code: int) -> bytes:
    """Dots across and down, 1, and whether it cannot be printed."""
    try:
        graphic = _DRAWN[code](printer, printer.symbols.get(code, b""))
    except ValueError:
        graphic = Graphic((), 0)
    fields = (graphic.width, len(graphic.rows), 1, int(not graphic.rows))
    return escpos_graphics.answer(_SIZE_OF[code], "\x1f".join(map(str, fields)).encode())


def _pdf417(printer: Formatter, data: bytes) -> Graphic:
    return printer.modes.pdf417.draw(data, printer.area)


def _qr(printer: Formatter, data: bytes) -> Graphic:
    """Raises ValueError if there is no data, too much, or too little paper."""
    import segno  # only where a slip has one

    modes = printer.modes
    if not 0 < len(data) <= _MOST_DATA:
        raise ValueError(f"1 to {_MOST_DATA} bytes expected, found {len(data)}")
    try:
        matrix = segno.make_qr(data, error=modes.qr_level, boost_error=False).matrix
    except segno.DataOverflowError:
        raise ValueError(f"{len(data)} bytes fit in no QR code at level {modes.qr_level}") from None
    rows = tuple(int("".join(str(cell & 1) for cell in line), 2) for line in matrix)
    graphic = Graphic(rows, len(rows)).scaled(modes.qr_module, modes.qr_module)
    if graphic.width > printer.area:
        raise ValueError(f"{graphic.width} dots across, more than the {printer.area} of the print area")
    return graphic


_DRAWN: dict[int, Callable[[Formatter, bytes], Graphic]] = {_PDF417: _pdf417, _QR: _qr}
