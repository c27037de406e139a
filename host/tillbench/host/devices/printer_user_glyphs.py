"""User-defined characters (ESC &, ESC %, ESC ?) and kanji (FS 2, FS ?): kept up to ESC @."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices import printer_fonts
from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_memory import Graphic
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments

_DOTS = 24
"""Rows of a definition, in three bytes a column; a lower font takes the upper ones."""


def _define(printer: Formatter, arguments: Arguments) -> list[Action]:
    if arguments.y != 3 or not 0x20 <= arguments.first <= arguments.last <= 0x7E:
        printer.complain(
            f"ESC &: 3 bytes a column and codes 20 to 7E expected, found {arguments.y}, "
            f"{arguments.first:02X} to {arguments.last:02X}"
        )
    return []


def _defined(printer: Formatter, chunk: Chunk) -> list[Action]:
    """One of the characters."""
    arguments, width = chunk.arguments, chunk.data[0]
    code = arguments.first + chunk.index
    font = printer_fonts.load(printer.modes.font)
    if arguments.y != 3 or not 0x20 <= code <= 0x7E:
        return []
    if width > font.width:
        printer.complain(f"ESC &: {code:02X}: {width} dots across, font {printer.modes.font} has {font.width}")
        return []
    rows = Graphic.from_columns(chunk.data[1:], width, _DOTS).rows[: font.height]
    printer.user_glyphs[printer.modes.font, bytes([code])] = tuple(row << font.width - width for row in rows)
    return []


def _select(printer: Formatter, arguments: Arguments) -> list[Action]:
    printer.modes.user_defined = bool(arguments.n & 1)
    return []


def _cancel(printer: Formatter, arguments: Arguments) -> list[Action]:
    printer.user_glyphs.pop((printer.modes.font, bytes([arguments.n])), None)
    return []


def _nothing_yet(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return []


def _kanji_defined(printer: Formatter, chunk: Chunk) -> list[Action]:
    rows = Graphic.from_columns(chunk.data, _DOTS, _DOTS).rows
    printer.user_glyphs["kanji", bytes(chunk.arguments.code)] = rows
    return []


def _kanji_cancelled(printer: Formatter, arguments: Arguments) -> list[Action]:
    printer.user_glyphs.pop(("kanji", bytes(arguments.code)), None)
    return []


HANDLERS: dict[str, Handler] = {
    "ESC %": _select,
    "ESC &": _define,
    "ESC ?": _cancel,
    "FS 2": _nothing_yet,
    "FS ?": _kanji_cancelled,
}
PAYLOADS: dict[str, Callable[[Formatter, Chunk], list[Action]]] = {"ESC &": _defined, "FS 2": _kanji_defined}
