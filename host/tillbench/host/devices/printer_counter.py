"""The commands of the serial number (GS C, GS c)."""

from __future__ import annotations

from tillbench.host.devices.printer_actions import Action
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_serial_number import MOST, SerialNumber
from tillbench.host.devices.printer_settings import Arguments, digit

_MOST_DIGITS = 5


def _layout(printer: Formatter, arguments: Arguments) -> list[Action]:
    digits, layout = arguments.n, digit(arguments.m)
    if digits > _MOST_DIGITS or layout > 2:
        printer.complain(f"GS C 0: n expected 0..{_MOST_DIGITS}, m 0..2, found {digits}, {arguments.m}")
    else:
        printer.serial_number.digits, printer.serial_number.layout = digits, layout
    return []


def _range(printer: Formatter, arguments: Arguments) -> list[Action]:
    _set(printer.serial_number, arguments.a, arguments.b, arguments.n, arguments.r)
    return []


def _set(number: SerialNumber, first: int, last: int, step: int, repeat: int) -> None:
    number.first, number.last, number.step, number.repeat, number.printed = first, last, step, repeat, 0


def _value(printer: Formatter, arguments: Arguments) -> list[Action]:
    printer.serial_number.value, printer.serial_number.printed = arguments.n, 0
    return []


def _as_text(printer: Formatter, arguments: Arguments) -> list[Action]:
    """GS C ;: range, step, repeats and value in digits; what is left empty stays."""
    number = printer.serial_number
    given = (number.first, number.last, number.step, number.repeat, number.value)
    values = [_number(text, before) for text, before in zip(arguments, given, strict=True)]
    tops = (MOST, MOST, 255, 255, MOST)
    if any(not 0 <= value <= top for value, top in zip(values, tops, strict=True)):
        printer.complain(f"GS C ;: expected numbers up to {', '.join(map(str, tops))}, found {list(arguments)}")
        return []
    _set(number, *values[:4])
    number.value = values[4]
    return []


def _number(text: bytes, before: int) -> int:
    """-1 for what is none."""
    if not text:
        return before
    return int(text) if text.isdigit() else -1


def _print(printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [action for byte in printer.serial_number.print().encode() for action in printer.character(byte)]


HANDLERS: dict[str, Handler] = {
    "GS C 0": _layout,
    "GS C 1": _range,
    "GS C 2": _value,
    "GS C ;": _as_text,
    "GS c": _print,
}
