"""GS ( L and GS 8 L: graphics in the print buffer, and graphics that are kept under a key code and printed later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from construct import Construct, ConstructError
from tillbench.host.devices.printer_actions import Action, Answer
from tillbench.host.devices.printer_formatter import Formatter
from tillbench.host.devices.printer_memory import Graphic, GraphicsMemory
from tillbench.protocols import escpos_graphics as layout

_KEYS_OF_A_BLOCK = 40
_FIRST_KEY, _LAST_KEY = 0x20, 0x7E

Memory = Callable[[Formatter], GraphicsMemory]
Function = Callable[[Formatter, int, Any], list[Action]]


def graphics(printer: Formatter, data: bytes) -> list[Action]:
    """Obey m fn and what follows."""
    if len(data) < 2:
        printer.complain(f"GS ( L: m and fn expected, found {len(data)} bytes")
        return []
    head = layout.HEAD.parse(data)
    number = head.fn + 48 if head.fn < 5 else head.fn
    if number not in _FUNCTIONS:
        printer.complain(f"GS ( L: function {head.fn} is not supported by this printer, {len(data)} bytes skipped")
        return []
    parameters, function = _FUNCTIONS[number]
    try:
        arguments = parameters.parse(head.parameters) if parameters else None
    except ConstructError:
        printer.complain(f"GS ( L {number}: {len(head.parameters)} bytes of parameters are not those of it")
        return []
    return function(printer, number, arguments)


def _nv(printer: Formatter) -> GraphicsMemory:
    return printer.nv.graphics


def _downloaded(printer: Formatter) -> GraphicsMemory:
    return printer.downloaded


def _number(identifier: int, count: Callable[[Formatter], int]) -> Function:
    def tell(printer: Formatter, _number: int, _arguments: Any) -> list[Action]:
        return [Answer(layout.answer(identifier, b"%d" % count(printer)))]

    return tell


def _density(_printer: Formatter, _number: int, _arguments: Any) -> list[Action]:
    """Function 49: this printer has one density."""
    return []


def _print_buffered(printer: Formatter, _number: int, _arguments: Any) -> list[Action]:
    graphic, printer.graphics = printer.graphics, None
    return printer.print_graphic(graphic) if graphic else []


def _buffer(make: Callable[[bytes, int, int], Graphic], size: Callable[[Any], int]) -> Function:
    def store(printer: Formatter, number: int, arguments: Any) -> list[Action]:
        expected = size(arguments)
        if len(arguments.dots) != expected:
            printer.complain(f"GS ( L {number}: {expected} bytes of dots expected, found {len(arguments.dots)}")
            return []
        graphic = make(arguments.dots, arguments.width, arguments.height).scaled(arguments.x, arguments.y)
        buffered = printer.graphics
        same = buffered and (buffered.width, len(buffered.rows)) == (graphic.width, len(graphic.rows))
        printer.graphics = graphic.over(buffered) if buffered and same else graphic
        return []

    return store


def _define(memory: Memory, make: Callable[[bytes, int, int], Graphic], size: Callable[[Any], int]) -> Function:
    def define(printer: Formatter, number: int, arguments: Any) -> list[Action]:
        plane = 1 + size(arguments)
        data = arguments.planes
        if len(data) != plane * arguments.colours or not data:
            printer.complain(
                f"GS ( L {number}: {arguments.colours} colours of {plane} bytes expected, found {len(data)} bytes"
            )
            return []
        planes = [
            make(data[at + 1 : at + plane], arguments.width, arguments.height) for at in range(0, len(data), plane)
        ]
        graphic = planes[0]
        for other in planes[1:]:
            graphic = graphic.over(other)
        keep(printer, f"GS ( L {number}", memory(printer), arguments.key, graphic)
        return []

    return define


def keep(printer: Formatter, name: str, memory: GraphicsMemory, key: bytes, graphic: Graphic) -> None:
    """Keep a graphic under its key code; `name` is the command that is told why it cannot."""
    if not all(_FIRST_KEY <= byte <= _LAST_KEY for byte in key):
        printer.complain(f"{name}: key code of bytes 20 to 7E expected, found {key.hex(' ').upper()}")
        return
    try:
        memory.define(key, graphic)
    except ValueError as error:
        printer.complain(f"{name}: key code {key.decode()}: {error}")


def _print(memory: Memory) -> Function:
    def print_kept(printer: Formatter, number: int, arguments: Any) -> list[Action]:
        graphic = memory(printer).get(arguments.key)
        if graphic is None:
            return _no_graphic(printer, number, arguments.key)
        if not (arguments.x in (1, 2) and arguments.y in (1, 2)):
            printer.complain(f"GS ( L {number}: x and y expected 1 or 2, found {arguments.x} and {arguments.y}")
            return []
        return printer.print_graphic(graphic.scaled(arguments.x, arguments.y))

    return print_kept


def _no_graphic(printer: Formatter, number: int, key: bytes) -> list[Action]:
    printer.complain(f"GS ( L {number}: no graphics have the key code {key.decode('latin-1')!r}")
    return []


def _delete(memory: Memory) -> Function:
    def delete(printer: Formatter, number: int, arguments: Any) -> list[Action]:
        return [] if memory(printer).delete(arguments.key) else _no_graphic(printer, number, arguments.key)

    return delete


def _delete_all(memory: Memory) -> Function:
    def delete(printer: Formatter, _number: int, _arguments: Any) -> list[Action]:
        memory(printer).clear()
        return []

    return delete


def _list_keys(memory: Memory, identifier: int) -> Function:
    def tell(printer: Formatter, _number: int, _arguments: Any) -> list[Action]:
        keys = memory(printer).keys
        blocks = [keys[at : at + _KEYS_OF_A_BLOCK] for at in range(0, len(keys), _KEYS_OF_A_BLOCK)] or [[]]
        more = [layout.MORE] * (len(blocks) - 1) + [layout.LAST]
        return printer.transmission.begin(
            [
                layout.answer(identifier, bytes((status,)) + b"".join(block))
                for status, block in zip(more, blocks, strict=True)
            ]
        )

    return tell


def _memory_functions(first: int, memory: Memory, keys: int) -> dict[int, tuple[Construct | None, Function]]:
    """The six functions that NV memory has from 64 and download memory from 80."""
    return {
        first: (layout.KEY_LIST, _list_keys(memory, keys)),
        first + 1: (layout.DELETE_ALL, _delete_all(memory)),
        first + 2: (layout.DELETE, _delete(memory)),
        first + 3: (layout.DEFINE, _define(memory, Graphic.from_rows, layout.raster_bytes)),
        first + 4: (layout.DEFINE, _define(memory, Graphic.from_columns, layout.column_bytes)),
        first + 5: (layout.PRINT, _print(memory)),
    }


_FUNCTIONS: dict[int, tuple[Construct | None, Function]] = {
    48: (None, _number(layout.CAPACITY, lambda printer: printer.nv.graphics.capacity)),
    49: (None, _density),
    50: (None, _print_buffered),
    51: (None, _number(layout.LEFT, lambda printer: printer.nv.graphics.left)),
    52: (None, _number(layout.LEFT_DOWNLOADED, lambda printer: printer.downloaded.left)),
    **_memory_functions(64, _nv, layout.KEYS),
    **_memory_functions(80, _downloaded, layout.KEYS_DOWNLOADED),
    112: (layout.BUFFER, _buffer(Graphic.from_rows, layout.raster_bytes)),
    113: (layout.BUFFER, _buffer(Graphic.from_columns, layout.column_bytes)),
}
