"""The commands that print, feed, cut or answer, in the order of the command table."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.printer_actions import (
    Action,
    Answer,
    AnswerDrawer,
    AnswerPaper,
    AutomaticStatus,
    Cut,
    Heating,
    Pulse,
)
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_settings import Arguments, digit

Handler = Callable[[Formatter, Arguments], list[Action]]

HANDLERS: dict[str, Handler] = {}

_ID_BYTES = {1: 0x20, 2: 0x02, 3: 0x10}
"""GS I 1..3: model, type (cutter fitted), version."""
_ID_TEXTS = {65: "1.0", 66: "tillbench", 67: "", 68: "0"}
"""GS I 65..68: firmware, maker, model (empty: as in the profile), serial number."""
_PARTIAL_CUTS = (1, 49, 66, 98, 104)


def _on(*names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for name in names:
            HANDLERS[name] = handler
        return handler

    return register


@_on("LF")
def _line_feed(printer: Formatter, _arguments: Arguments) -> list[Action]:
    return printer.print_line()


@_on("ESC 7")
def _heating(_printer: Formatter, arguments: Arguments) -> list[Action]:
    return [Heating(arguments.dots, arguments.time, arguments.interval)]


@_on("ESC @")
def _initialize(printer: Formatter, _arguments: Arguments) -> list[Action]:
    printer.reset()
    return [AutomaticStatus(0)]


@_on("ESC J")
def _feed_dots(printer: Formatter, arguments: Arguments) -> list[Action]:
    if printer.line.empty and not printer.on_page:
        return printer.feed_dots(arguments.n)
    return printer.print_line(pitch=arguments.n)


@_on("ESC d")
def _feed_lines(printer: Formatter, arguments: Arguments) -> list[Action]:
    first = printer.flush_line()
    return first + printer.feed_lines(max(0, arguments.n - len(first)))


@_on("ESC i")
def _full_cut(printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [*printer.flush_line(), Cut("full")]


@_on("ESC m")
def _partial_cut(printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [*printer.flush_line(), Cut("partial")]


@_on("ESC p")
def _pulse(_printer: Formatter, arguments: Arguments) -> list[Action]:
    return [Pulse(5 if digit(arguments.m) & 1 else 2)]


@_on("ESC u")
def _drawer_status(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [AnswerDrawer()]


@_on("ESC v")
def _paper_status(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [AnswerPaper()]


@_on("GS I")
def _identify(printer: Formatter, arguments: Arguments) -> list[Action]:
    number = digit(arguments.n)
    if number in _ID_BYTES:
        return [Answer(bytes([_ID_BYTES[number]]))]
    if arguments.n not in _ID_TEXTS:
        printer.complain(f"GS I: this printer has no ID number {arguments.n}")
        return []
    text = _ID_TEXTS[arguments.n] or printer.profile.model
    return [Answer(b"_" + text.encode("ascii") + b"\0")]


@_on("GS V")
def _cut(printer: Formatter, arguments: Arguments) -> list[Action]:
    kind = "partial" if arguments.m in _PARTIAL_CUTS else "full"
    actions = printer.flush_line()
    if arguments.m in (0, 1, 48, 49):
        return [*actions, Cut(kind)]
    if arguments.m in (65, 66, 97, 98, 103, 104):
        return [*actions, Cut(kind, to_blade=True, rows=arguments.n)]
    printer.complain(f"GS V: m expected 0, 1, 48, 49, 65, 66, 97, 98, 103 or 104, found {arguments.m}")
    return actions


@_on("GS a")
def _automatic_status(_printer: Formatter, arguments: Arguments) -> list[Action]:
    return [AutomaticStatus(arguments.n)]


@_on("GS r")
def _status(printer: Formatter, arguments: Arguments) -> list[Action]:
    if digit(arguments.n) == 1:
        return [AnswerPaper()]
    if digit(arguments.n) == 2:
        return [AnswerDrawer()]
    printer.complain(f"GS r: n expected 1 or 2, found {arguments.n}")
    return []
