"""Everything with dots of its own: images, kept images, bar codes and symbols."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices import printer_bit_images as bit_images
from tillbench.host.devices.printer_actions import Action, RealtimePulse
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_memory import Graphic
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments
from tillbench.host.devices.printer_stored_graphics import graphics
from tillbench.host.devices.printer_symbols import barcode, symbol


def _raster(printer: Formatter, arguments: Arguments) -> list[Action]:
    printer.raster.clear()
    if not (printer.line.empty or printer.on_page):
        printer.complain("GS v 0: text before it in the same line, which is printed first")
    if 8 * arguments.x > printer.area:
        printer.complain(f"GS v 0: {8 * arguments.x} dots across, more than the {printer.area} of the print area")
    return printer.flush_line()


def _raster_row(printer: Formatter, chunk: Chunk) -> list[Action]:
    arguments = chunk.arguments
    row = Graphic((int.from_bytes(chunk.data, "big"),), 8 * arguments.x)
    row = row.scaled(1 + (arguments.m & 1), 1 + (arguments.m >> 1 & 1))
    note = f"[image {row.width}x{arguments.y * len(row.rows)}]" if chunk.last else None
    if not printer.on_page:
        return printer.image(row.rows, row.width, note, whole=True)
    printer.raster += row.rows
    return printer.image(tuple(printer.raster), row.width, note) if chunk.last else []


def _nothing_yet(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return []


def _extended(printer: Formatter, chunk: Chunk) -> list[Action]:
    function = chunk.arguments.function
    if function == b"k":
        return symbol(printer, chunk.data)
    if function == b"L":
        return graphics(printer, chunk.data)
    if function == b"D":
        # m, then pairs of a (which DLE DC4) and b (0 or 1 as number or digit); only the pulse can be switched here.
        pairs = zip(chunk.data[1::2], chunk.data[2::2], strict=False)
        return [RealtimePulse(bool(b & 1)) for a, b in pairs if a == 1]
    if function not in b"AEHKMN":
        printer.complain(f"GS ( {function.decode('latin-1')}: unknown function, {len(chunk.data)} bytes skipped")
    return []


def _large_graphics(printer: Formatter, chunk: Chunk) -> list[Action]:
    return graphics(printer, chunk.data)


HANDLERS: dict[str, Handler] = {
    "ESC *": bit_images.column_image,
    "FS p": bit_images.print_stored,
    "FS q": _nothing_yet,
    "GS (": _nothing_yet,
    "GS *": _nothing_yet,
    "GS /": bit_images.print_downloaded,
    "GS 8 L": _nothing_yet,
    "GS D": _nothing_yet,
    "GS Q 0": _nothing_yet,
    "GS k": barcode,
    "GS v 0": _raster,
}

PAYLOADS: dict[str, Callable[[Formatter, Chunk], list[Action]]] = {
    "ESC *": bit_images.columns,
    "FS q": bit_images.define_stored,
    "GS (": _extended,
    "GS *": bit_images.define_downloaded,
    "GS 8 L": _large_graphics,
    "GS D": bit_images.define_from_bmp,
    "GS Q 0": bit_images.variable_height,
    "GS v 0": _raster_row,
}
