"""What is plugged in, and which board of the map that is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tillbench.host.boards import firmware
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort, NoBoard, Port, usb_ports
from tillbench.host.emulator.link import LinkLost


def overview(
    boards: dict[str, Board], *, ask: bool, listing: Callable[[], Iterable[Port]] = usb_ports
) -> Iterator[str]:
    """A line for each port, then one for each board of the map that is on none."""
    ports = list(listing())
    missing = dict(boards)
    for port in ports:
        owner = next((board for board in missing.values() if _is_on(board, port)), None)
        if owner is not None:
            del missing[owner.name]
        named = f"{owner.name} ({owner.chip or 'any chip'})" if owner else "not in the map"
        line = f"{port.device}  {named}  {port.bridge}  serial number {port.serial_number or 'none'}"
        yield f"{line}  {_asked(owner or Board(port.device, port=port.device), listing)}" if ask else line
    for board in missing.values():
        where = f"port {board.port}" if board.port else f"serial number {board.serial_number}"
        if board.port and ask:  # a port of no USB device
            yield f"{board.port}  {board.name} ({board.chip or 'any chip'})  {_asked(board, listing)}"
        else:
            yield f"{board.name}: not plugged in ({where})"
    if not ports and not missing:
        yield "no serial port of a USB device, and no board map: plug a board in; docs/boards.md has the cables' traps"


def _is_on(board: Board, port: Port) -> bool:
    if board.serial_number is not None:
        return board.serial_number == port.serial_number
    return board.port == port.device


def _asked(board: Board, listing: Callable[[], Iterable[Port]]) -> str:
    try:
        with BoardPort(board, listing).wire("tillbench board list") as wire:
            found = firmware.ask(wire)
    except (NoBoard, LinkLost) as error:
        return f"no MicroPython answers ({error})"
    expected = "" if board.mac in (None, found.mac) else f", expected {board.mac}: another board than the map says"
    return f"{found.machine}, MicroPython {found.version}, MAC {found.mac or 'none'}{expected}"
