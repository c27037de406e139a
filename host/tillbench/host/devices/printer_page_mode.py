"""The commands of page mode. Outside of it ESC T and ESC W are kept for it, and the others do nothing."""

from __future__ import annotations

from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import Line
from tillbench.host.devices.printer_page import Area
from tillbench.host.devices.printer_settings import Arguments, digit

NOT_ON_A_PAGE = frozenset(("ESC L", "ESC i", "ESC m", "FS p", "FS q", "GS T", "GS V"))
"""Commands that are not obeyed in page mode."""


def _select(printer: Formatter, _arguments: Arguments) -> list[Action]:
    if printer.line.empty:
        printer.begin_page()
    else:
        printer.complain("ESC L: only obeyed at the beginning of a line")
    return []


def _leave(printer: Formatter, _arguments: Arguments) -> list[Action]:
    """ESC S: back to standard mode, the page is forgotten."""
    if printer.on_page:
        printer.end_page()
    return []


def _print(printer: Formatter, _arguments: Arguments) -> list[Action]:
    """ESC FF: the page stays, to be printed again or added to."""
    if not printer.on_page:
        return []
    printer.develop()
    return [*printer.page.printed()]


def _print_and_leave(printer: Formatter, arguments: Arguments) -> list[Action]:
    """FF; in standard mode a line feed."""
    if not printer.on_page:
        return printer.print_line()
    actions = _print(printer, arguments)
    printer.end_page()
    return actions


def _cancel(printer: Formatter, _arguments: Arguments) -> list[Action]:
    if printer.on_page:
        printer.develop()
        printer.page.clear()
    return []


def _direction(printer: Formatter, arguments: Arguments) -> list[Action]:
    direction = digit(arguments.n)
    if direction > 3:
        printer.complain(f"ESC T: direction expected 0 to 3, found {arguments.n}")
        return []
    if printer.on_page:
        printer.develop()
        printer.line = Line()
    printer.page.turn(direction)
    return []


def _area(printer: Formatter, arguments: Arguments) -> list[Action]:
    if printer.on_page:
        printer.develop()
    try:
        printer.page.select(Area(arguments.x, arguments.y, arguments.dx, arguments.dy))
    except ValueError as error:
        printer.complain(f"ESC W: {error}")
    else:
        if printer.on_page:
            printer.line = Line()
    return []


def _absolute(printer: Formatter, arguments: Arguments) -> list[Action]:
    return _move(printer, "GS $", arguments.n)


def _relative(printer: Formatter, arguments: Arguments) -> list[Action]:
    return _move(printer, "GS \\", printer.page.y + arguments.n)


def _move(printer: Formatter, name: str, y: int) -> list[Action]:
    if not printer.on_page:
        return []
    if 0 <= y <= printer.page.depth:
        printer.develop()
        printer.page.y = y
    else:
        printer.complain(f"{name}: a position in the area of {printer.page.depth} dots expected, found {y}")
    return []


HANDLERS: dict[str, Handler] = {
    "CAN": _cancel,
    "ESC FF": _print,
    "ESC L": _select,
    "ESC S": _leave,
    "ESC T": _direction,
    "ESC W": _area,
    "FF": _print_and_leave,
    "GS $": _absolute,
    "GS \\": _relative,
}
