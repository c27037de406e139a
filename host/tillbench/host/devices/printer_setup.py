"""What this printer does not do: macros, counters, memory for the user.

Each is taken at its full length. What would have left something on paper, or kept something for later, is reported by
its name.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.printer_actions import Action, Answer
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import Line
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments, digit
from tillbench.protocols.escpos import BY_NAME

_QUIET = (
    "GS C 0", "GS C 1", "GS C 2", "GS C ;", "GS g 0", "GS z 0", "ESC U", "ESC (", "FS (",
)  # fmt: skip
"""Settings with nothing to show for them here."""
_REPORTED = ("FS g 1", "FS g 2", "GS :", "GS ^", "GS c")
_HARMLESS = {"ESC (": b"A", "FS (": b"ACE"}
"""Functions of extended commands that only set something: beeper, fonts, code conversion, cutting."""


def _quiet(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return []


def _reported(name: str) -> Handler:
    def handle(printer: Formatter, _arguments: Arguments) -> list[Action]:
        printer.complain(f"{name}: {BY_NAME[name].title.lower()}: not supported by this printer")
        return []

    return handle


def _line_beginning(printer: Formatter, arguments: Arguments) -> list[Action]:
    """GS T: what is in the line buffer is printed, or with n = 0 forgotten."""
    if digit(arguments.n):
        return printer.flush_line()
    printer.line = Line()
    return []


def _maintenance_counter(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return [Answer(b"_0\0")]


def _dropped(_printer: Formatter, _chunk: Chunk) -> list[Action]:
    return []


def _extended(printer: Formatter, chunk: Chunk) -> list[Action]:
    name = chunk.command.name
    function = chunk.arguments.function
    if function not in _HARMLESS[name]:
        printer.complain(f"{name} {function.decode('latin-1')}: unknown function, {len(chunk.data)} bytes skipped")
    return []


HANDLERS: dict[str, Handler] = {
    **{name: _quiet for name in _QUIET},
    **{name: _reported(name) for name in _REPORTED},
    "GS T": _line_beginning,
    "GS g 2": _maintenance_counter,
}
PAYLOADS: dict[str, Callable[[Formatter, Chunk], list[Action]]] = {
    **{name: _dropped for name in ("FS g 1",)},
    "ESC (": _extended,
    "FS (": _extended,
}
