"""The commands that set a mode and move nothing, in the order of the command table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tillbench.host.devices.printer_codepages import CODE_TABLES, INTERNATIONAL
from tillbench.host.devices.printer_formatter import Formatter

Arguments = Any
Setting = Callable[[Formatter, Arguments], None]

SETTINGS: dict[str, Setting] = {}


def _on(*names: str) -> Callable[[Setting], Setting]:
    def register(setting: Setting) -> Setting:
        for name in names:
            SETTINGS[name] = setting
        return setting

    return register


def digit(value: int) -> int:
    """Many arguments may be given as a number or as its ASCII digit."""
    return value - 48 if 48 <= value <= 57 else value


# Accepted, with nothing to show for it on this printer: panel and sensor switches, buzzer, density,
# real-time commands (obeyed when they came in), and CR.
@_on("CR", "DLE EOT", "DLE ENQ", "DLE DC4", "ESC B", "ESC c 0", "ESC c 3", "ESC c 4", "ESC c 5", "DC2 #", "FS C")
@_on("GS P", "GS b", "GS |")
def _nothing(_printer: Formatter, _arguments: Arguments) -> None:
    pass


@_on("HT")
def _tab(printer: Formatter, _arguments: Arguments) -> None:
    width = (printer.column + printer.modes.spacing) * printer.modes.style.wide
    stops = [stop * width for stop in printer.modes.tabs if printer.line.x < stop * width < printer.area]
    if stops:
        printer.line.x = stops[0]


@_on("ESC SP")
def _spacing(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.spacing = arguments.n


@_on("ESC !")
def _print_modes(printer: Formatter, arguments: Arguments) -> None:
    n = arguments.n
    printer.modes.font = "B" if n & 0x01 else "A"
    printer.modes.emphasized = bool(n & 0x08)
    printer.modes.style = replace(
        printer.modes.style,
        high=2 if n & 0x10 else 1,
        wide=2 if n & 0x20 else 1,
        underline=(printer.modes.style.underline or 1) if n & 0x80 else 0,
    )


@_on("ESC $")
def _absolute_position(printer: Formatter, arguments: Arguments) -> None:
    if arguments.n <= printer.area:
        printer.line.x = arguments.n


@_on("ESC \\")
def _relative_position(printer: Formatter, arguments: Arguments) -> None:
    if 0 <= printer.line.x + arguments.n <= printer.area:
        printer.line.x += arguments.n


@_on("ESC -")
def _underline(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.style = replace(printer.modes.style, underline=min(digit(arguments.n), 2))


@_on("ESC 2")
def _default_line_spacing(printer: Formatter, _arguments: Arguments) -> None:
    printer.modes.line_spacing = printer.profile.line_spacing


@_on("ESC 3")
def _line_spacing(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.line_spacing = arguments.n


@_on("ESC =")
def _select(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.selected = bool(arguments.n & 1)


@_on("ESC D")
def _tab_stops(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.tabs = tuple(arguments.stops)


@_on("ESC E")
def _emphasized(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.emphasized = bool(arguments.n & 1)


@_on("ESC G")
def _double_strike(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.double_strike = bool(arguments.n & 1)


@_on("ESC M")
def _font(printer: Formatter, arguments: Arguments) -> None:
    number = digit(arguments.n)
    if number > 1:
        printer.complain(f"ESC M: font expected 0 or 1, found {number}")
        return
    printer.modes.font = "AB"[number]


@_on("ESC R")
def _international(printer: Formatter, arguments: Arguments) -> None:
    if arguments.n not in INTERNATIONAL:
        printer.complain(f"ESC R: character set expected 0..{max(INTERNATIONAL)}, found {arguments.n}")
        return
    printer.modes.variant = arguments.n


@_on("ESC V")
def _turned(printer: Formatter, arguments: Arguments) -> None:
    if digit(arguments.n) > 2:
        printer.complain(f"ESC V: n expected 0, 1 or 2, found {arguments.n}")
    else:
        printer.modes.turned = digit(arguments.n) > 0


@_on("ESC r")
def _one_colour(printer: Formatter, arguments: Arguments) -> None:
    if digit(arguments.n):
        printer.complain(f"ESC r: this printer has one colour (n = {arguments.n})")


@_on("ESC a")
def _justify(printer: Formatter, arguments: Arguments) -> None:
    where = digit(arguments.n)
    if where > 2:
        printer.complain(f"ESC a: justification expected 0, 1 or 2, found {where}")
    elif not (printer.line.empty or printer.on_page):
        printer.complain("ESC a: only obeyed at the beginning of a line")
    else:
        printer.modes.align = where


@_on("ESC {")
def _upside_down(printer: Formatter, arguments: Arguments) -> None:
    if not (printer.line.empty or printer.on_page):
        printer.complain("ESC {: only obeyed at the beginning of a line")
    else:
        printer.modes.upside_down = bool(arguments.n & 1)


@_on("ESC t")
def _code_table(printer: Formatter, arguments: Arguments) -> None:
    if arguments.n not in CODE_TABLES:
        printer.complain(f"ESC t: code table {arguments.n} is not in this printer")
        return
    printer.modes.code_table = arguments.n


@_on("FS &")
def _kanji_on(printer: Formatter, _arguments: Arguments) -> None:
    printer.modes.kanji = True


@_on("FS .")
def _kanji_off(printer: Formatter, _arguments: Arguments) -> None:
    printer.modes.kanji = False


@_on("FS !")
def _kanji_modes(printer: Formatter, arguments: Arguments) -> None:
    n = arguments.n
    printer.modes.kanji_style = replace(
        printer.modes.kanji_style,
        wide=2 if n & 0x04 else 1,
        high=2 if n & 0x08 else 1,
        underline=(printer.modes.kanji_style.underline or 1) if n & 0x80 else 0,
    )


@_on("FS -")
def _kanji_underline(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.kanji_style = replace(printer.modes.kanji_style, underline=min(digit(arguments.n), 2))


@_on("FS S")
def _kanji_spacing(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.kanji_spacing = (arguments.left, arguments.right)


@_on("FS W")
def _kanji_quadruple(printer: Formatter, arguments: Arguments) -> None:
    times = 2 if arguments.n & 1 else 1
    printer.modes.kanji_style = replace(printer.modes.kanji_style, wide=times, high=times)


@_on("GS !")
def _size(printer: Formatter, arguments: Arguments) -> None:
    wide, high = (arguments.n >> 4 & 7) + 1, (arguments.n & 7) + 1
    printer.modes.style = replace(printer.modes.style, wide=wide, high=high)


@_on("GS B")
def _inverse(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.style = replace(printer.modes.style, inverse=bool(arguments.n & 1))


@_on("GS L")
def _left_margin(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.left = min(arguments.n, printer.profile.width)
    printer.modes.area = min(printer.modes.area, printer.profile.width - printer.modes.left)


@_on("GS W")
def _print_area(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.area = min(arguments.n, printer.profile.width - printer.modes.left)


@_on("GS H")
def _barcode_text(printer: Formatter, arguments: Arguments) -> None:
    if digit(arguments.n) > 3:
        printer.complain(f"GS H: n expected 0 to 3, found {arguments.n}")
        return
    printer.modes.barcode_text = digit(arguments.n)


@_on("GS f")
def _barcode_font(printer: Formatter, arguments: Arguments) -> None:
    printer.modes.barcode_font = "B" if digit(arguments.n) == 1 else "A"


@_on("GS h")
def _barcode_height(printer: Formatter, arguments: Arguments) -> None:
    if arguments.n:
        printer.modes.barcode_height = arguments.n
    else:
        printer.complain("GS h: height of 0 dots")


@_on("GS w")
def _barcode_width(printer: Formatter, arguments: Arguments) -> None:
    if not 2 <= arguments.n <= 6:
        printer.complain(f"GS w: 2 to 6 dots expected, found {arguments.n}")
        return
    printer.modes.barcode_width = arguments.n
