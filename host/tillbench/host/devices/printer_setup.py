"""What only sets or keeps something: the user's memory, counters of wear, and what has nothing to show for it here.

Functions of extended commands that nobody knows are reported by their name.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.printer_actions import Action, Answer, AnswerCounter, ResetCounter
from tillbench.host.devices.printer_commands import Handler
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_line import Line
from tillbench.host.devices.printer_parser import Chunk
from tillbench.host.devices.printer_settings import Arguments, digit
from tillbench.host.devices.printer_wear import COUNTERS, RESETTABLE

_QUIET = (
    "GS z 0", "ESC U", "ESC (", "FS (",
)  # fmt: skip
"""Settings with nothing to show for them here."""
_LEAST, _MOST_READ = 32, 80
"""Of the user's memory: least value of a byte, most bytes of an answer."""
_HARMLESS = {"ESC (": b"A", "FS (": b"ACE"}
"""Functions of extended commands that only set something: beeper, fonts, code conversion, cutting."""


def _quiet(_printer: Formatter, _arguments: Arguments) -> list[Action]:
    return []


def _line_beginning(printer: Formatter, arguments: Arguments) -> list[Action]:
    """GS T: what is in the line buffer is printed, or with n = 0 forgotten."""
    if digit(arguments.n):
        return printer.flush_line()
    printer.line = Line()
    return []


def _tell_counter(printer: Formatter, arguments: Arguments) -> list[Action]:
    return _of_counter(printer, "GS g 2", AnswerCounter, arguments)


def _reset_counter(printer: Formatter, arguments: Arguments) -> list[Action]:
    return _of_counter(printer, "GS g 0", ResetCounter, arguments)


def _of_counter(
    printer: Formatter, name: str, action: type[AnswerCounter | ResetCounter], arguments: Arguments
) -> list[Action]:
    numbers = COUNTERS if action is AnswerCounter else RESETTABLE
    if digit(arguments.m) == 0 and arguments.counter in numbers:
        return [action(arguments.counter)]
    expected = ", ".join(map(str, numbers))
    printer.complain(f"{name}: m expected 0, a counter of {expected}, found {arguments.m}, {arguments.counter}")
    return []


def _write(printer: Formatter, chunk: Chunk) -> list[Action]:
    """FS g 1."""
    memory, at = printer.nv.user, chunk.arguments.address
    if digit(chunk.arguments.m) or at + len(chunk.data) > len(memory) or any(byte < _LEAST for byte in chunk.data):
        printer.complain(
            f"FS g 1: m expected 0, bytes of 32 and more within {len(memory)}, found m {chunk.arguments.m}, "
            f"{len(chunk.data)} from {at} on"
        )
    else:
        memory[at : at + len(chunk.data)] = chunk.data
    return []


def _read(printer: Formatter, arguments: Arguments) -> list[Action]:
    """FS g 2."""
    memory, at, size = printer.nv.user, arguments.address, arguments.n
    if digit(arguments.m) or not 0 < size <= _MOST_READ or at + size > len(memory):
        printer.complain(
            f"FS g 2: m expected 0, 1 to {_MOST_READ} bytes within {len(memory)}, found m {arguments.m}, "
            f"{size} from {at} on"
        )
        return []
    return [Answer(b"_" + bytes(memory[at : at + size]) + b"\0")]


def _extended(printer: Formatter, chunk: Chunk) -> list[Action]:
    name = chunk.command.name
    function = chunk.arguments.function
    if function not in _HARMLESS[name]:
        printer.complain(f"{name} {function.decode('latin-1')}: unknown function, {len(chunk.data)} bytes skipped")
    return []


HANDLERS: dict[str, Handler] = {
    **{name: _quiet for name in _QUIET},
    "GS T": _line_beginning,
    "FS g 1": _quiet,
    "FS g 2": _read,
    "GS g 0": _reset_counter,
    "GS g 2": _tell_counter,
}
PAYLOADS: dict[str, Callable[[Formatter, Chunk], list[Action]]] = {
    "FS g 1": _write,
    "ESC (": _extended,
    "FS (": _extended,
}
