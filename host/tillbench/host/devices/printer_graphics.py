"""Images: raster, column and buffered graphics. What cannot be drawn leaves a boxed note on paper, so that a slip never
lacks one unseen."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.printer_actions import Action, RealtimePulse
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import stretch
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments
from tillbench.host.devices.printer_symbols import barcode, symbol

_COLUMN_MODES = {0: (2, 3), 1: (1, 3), 32: (2, 1), 33: (1, 1)}
"""m of ESC * to the scale across and down: 8-dot modes have a third of the vertical density."""


def _raster(printer: Formatter, arguments: Arguments) -> list[Action]:
    if not printer.line.empty:
        printer.complain("GS v 0: text before it in the same line, which is printed first")
    if 8 * arguments.x > printer.modes.area:
        printer.complain(f"GS v 0: {8 * arguments.x} dots across, more than the {printer.modes.area} of the print area")
    return printer.flush_line()


def _raster_row(printer: Formatter, chunk: Chunk) -> list[Action]:
    arguments = chunk.arguments
    across, down = 1 + (arguments.m & 1), 1 + (arguments.m >> 1 & 1)
    dots = 8 * arguments.x
    row = stretch(int.from_bytes(chunk.data, "big"), dots, across)
    note = f"[image {dots * across}x{arguments.y * down}]" if chunk.last else None
    return [printer.image_rows(row, dots * across, down, note)]


def _column_image(printer: Formatter, arguments: Arguments) -> list[Action]:
    if arguments.m not in _COLUMN_MODES:
        printer.complain(f"ESC *: m expected 0, 1, 32 or 33, found {arguments.m}")
    return []


def _columns(printer: Formatter, chunk: Chunk) -> list[Action]:
    arguments = chunk.arguments
    if arguments.m not in _COLUMN_MODES:
        return []
    across, down = _COLUMN_MODES[arguments.m]
    high = 24 if arguments.m >= 32 else 8
    step = high // 8
    columns = [int.from_bytes(chunk.data[at : at + step], "big") for at in range(0, len(chunk.data), step)]
    rows = []
    for number in range(high):
        bits = 0
        for column in columns:
            bits = bits << 1 | (column >> (high - 1 - number) & 1)
        rows += [stretch(bits, len(columns), across)] * down
    width = len(columns) * across
    return printer.place(tuple(rows), width, f"[image {width}x{len(rows)}]")


def _stored_image(printer: Formatter, _arguments: Arguments) -> list[Action]:
    printer.complain("printing a stored image is not supported by this printer")
    return printer.boxed("stored image not drawn")


def _nothing_yet(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return []


def _ignored(_printer: Formatter, _chunk: Chunk) -> list[Action]:
    return []


def _extended(printer: Formatter, chunk: Chunk) -> list[Action]:
    function = chunk.arguments.function
    if function == b"k":
        return symbol(printer, chunk.data)
    if function == b"L":
        return _graphics(printer, chunk)
    if function == b"D":
        # m, then pairs of a (which DLE DC4) and b (0 or 1 as number or digit); only the pulse can be switched here.
        pairs = zip(chunk.data[1::2], chunk.data[2::2], strict=False)
        return [RealtimePulse(bool(b & 1)) for a, b in pairs if a == 1]
    if function not in b"AEHKMN":
        printer.complain(f"GS ( {function.decode('latin-1')}: unknown function, {len(chunk.data)} bytes skipped")
    return []


def _graphics(printer: Formatter, chunk: Chunk) -> list[Action]:
    """GS ( L m fn ..: fn 112 stores a raster (a, bx, by, c, xL xH, yL yH, rows), fn 50 prints it."""
    data = chunk.data
    function = data[1] if len(data) > 1 else 0
    if function == 112 and len(data) >= 10:
        across, down = data[3], data[4]
        width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        size = -(-width // 8)
        raw = [int.from_bytes(data[10 + size * n : 10 + size * (n + 1)], "big") for n in range(height)]
        rows = [stretch(row >> (8 * size - width), width, across) for row in raw for _ in range(down)]
        printer.graphics = (tuple(rows), width * across)
    elif function in (2, 50) and printer.graphics:
        rows_stored, width = printer.graphics
        printer.graphics = None
        note = f"[image {width}x{len(rows_stored)}]"
        last = len(rows_stored) - 1
        pieces = [
            printer.image_rows(row, width, 1, note if number == last else None)
            for number, row in enumerate(rows_stored)
        ]
        return [*printer.flush_line(), *pieces]
    elif function not in (2, 48, 49, 50):
        printer.complain(f"GS ( L: function {function} is not supported by this printer")
    return []


HANDLERS: dict[str, Handler] = {
    "ESC *": _column_image,
    "FS p": _stored_image,
    "GS (": _nothing_yet,
    "GS *": _nothing_yet,
    "GS /": _stored_image,
    "GS 8 L": _nothing_yet,
    "GS k": barcode,
    "GS v 0": _raster,
}

PAYLOADS: dict[str, Callable[[Formatter, Chunk], list[Action]]] = {
    "ESC *": _columns,
    "GS (": _extended,
    "GS *": _ignored,
    "GS 8 L": _graphics,
    "GS v 0": _raster_row,
}
