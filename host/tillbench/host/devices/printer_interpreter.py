"""One item of the stream after the other, obeyed by the formatter."""

from __future__ import annotations

from tillbench.host.devices import printer_commands, printer_graphics, printer_settings
from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_parser import Chunk, Invoke, Item, Text, Unknown

_HANDLERS = printer_commands.HANDLERS | printer_graphics.HANDLERS
_WHILE_DESELECTED = ("ESC =", "ESC @")


def execute(printer: Formatter, item: Item) -> list[Action]:
    """Obey one item; return what the mechanism has to do for it."""
    printer.offset = item.offset
    if not printer.modes.selected and not (isinstance(item, Invoke) and item.command.name in _WHILE_DESELECTED):
        return []
    if isinstance(item, Text):
        return printer.character(item.byte)
    printer.end_character()
    if isinstance(item, Invoke):
        return _invoke(printer, item)
    if isinstance(item, Chunk):
        return printer_graphics.PAYLOADS[item.command.name](printer, item)
    assert isinstance(item, Unknown)
    printer.complain(f"unknown command {item.data.hex(' ').upper()}")
    return []


def _invoke(printer: Formatter, item: Invoke) -> list[Action]:
    name = item.command.name
    if name in printer_settings.SETTINGS:
        printer_settings.SETTINGS[name](printer, item.arguments)
        return []
    return _HANDLERS[name](printer, item.arguments)
