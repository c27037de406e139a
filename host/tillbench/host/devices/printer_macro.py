"""The commands of macros (GS :, GS ^)."""

from __future__ import annotations

from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_macro_memory import LONGEST
from tillbench.host.devices.printer_parser import Item
from tillbench.host.devices.printer_settings import Arguments


def keep(printer: Formatter, item: Item) -> None:
    """What is obeyed while a macro is defined becomes a part of it."""
    if not printer.macro.hear(item):
        printer.complain(f"GS :: a macro has at most {LONGEST} bytes, the rest is not kept")


def _define(printer: Formatter, _arguments: Arguments) -> list[Action]:
    printer.macro.toggle()
    return []


def _execute(printer: Formatter, arguments: Arguments) -> list[Action]:
    if printer.macro.recording:
        printer.macro.abandon()
        printer.complain("GS ^: in the middle of a definition, which it ends: there is no macro")
        return []
    replay = printer.macro.replay(arguments.times, arguments.wait, arguments.mode)
    return [replay] if replay else []


HANDLERS: dict[str, Handler] = {"GS :": _define, "GS ^": _execute}
