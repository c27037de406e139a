"""One item of the stream after the other, obeyed by the formatter."""

from __future__ import annotations

from dataclasses import replace

from tillbench.host.devices import (
    printer_commands,
    printer_counter,
    printer_graphics,
    printer_macro,
    printer_page_mode,
    printer_settings,
    printer_setup,
    printer_user_glyphs,
)
from tillbench.host.devices.printer_actions import Action, AwaitButton, Pause, Replay
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_parser import Chunk, Invoke, Item, Text, Unknown
from tillbench.protocols.escpos import name_of

_HANDLERS = {
    **printer_commands.HANDLERS,
    **printer_counter.HANDLERS,
    **printer_graphics.HANDLERS,
    **printer_macro.HANDLERS,
    **printer_page_mode.HANDLERS,
    **printer_setup.HANDLERS,
    **printer_user_glyphs.HANDLERS,
}
_PAYLOADS = printer_graphics.PAYLOADS | printer_setup.PAYLOADS | printer_user_glyphs.PAYLOADS
_LONGEST_OPCODE = 3
_WHILE_DESELECTED = ("ESC =", "ESC @")


def execute(printer: Formatter, item: Item) -> list[Action]:
    """Obey one item; return what the mechanism has to do for it."""
    printer.offset = item.offset
    if not printer.modes.selected and not (isinstance(item, Invoke) and item.command.name in _WHILE_DESELECTED):
        return []
    if not (isinstance(item, Invoke) and item.command.name in printer_macro.HANDLERS):
        printer_macro.keep(printer, item)
    return _obeyed(printer, item)


def again(printer: Formatter, replay: Replay) -> list[Action]:
    """What there is to do for a macro: once, and then the rest of its times."""
    actions: list[Action] = [Pause(replay.wait_us)] if replay.wait_us else []
    if replay.by_hand:
        actions.append(AwaitButton())
    for item in replay.items:
        actions += _obeyed(printer, item)
    return [*actions, replace(replay, times=replay.times - 1)] if replay.times > 1 else actions


def _obeyed(printer: Formatter, item: Item) -> list[Action]:
    if isinstance(item, Text):
        return printer.character(item.byte)
    printer.end_character()
    if isinstance(item, Invoke):
        return _invoke(printer, item)
    if isinstance(item, Chunk):
        return [] if _is_refused(printer, item.command.name) else _PAYLOADS[item.command.name](printer, item)
    assert isinstance(item, Unknown)
    answers = printer.transmission.heard(item.data)
    if answers is not None:
        return answers
    more = f" that never ends, given up after {item.size} bytes" if item.size > _LONGEST_OPCODE else ""
    printer.complain(f"unknown command {name_of(item.data)}{more}")
    return []


def _invoke(printer: Formatter, item: Invoke) -> list[Action]:
    name = item.command.name
    printer.transmission.end()
    if _is_refused(printer, name):
        printer.complain(f"{name}: not obeyed in page mode")
        return []
    if name in printer_settings.SETTINGS:
        printer_settings.SETTINGS[name](printer, item.arguments)
        return []
    return _HANDLERS[name](printer, item.arguments)


def _is_refused(printer: Formatter, name: str) -> bool:
    return printer.on_page and name in printer_page_mode.NOT_ON_A_PAGE
