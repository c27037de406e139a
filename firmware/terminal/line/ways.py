"""To the host, phase by phase: name, connection, TLS, each with its time; or the serial line, which has no phases."""

import asyncio

from micropython import const

from terminal.line.watched import NoLine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.board import Line, Reader, Writer

_LOOK_MS = const(200)


async def open_way(terminal: Terminal) -> "tuple[Reader, Writer]":
    """An open line the way that the settings name. Raises NoLine, which says in which phase it ended."""
    p = terminal.parameters
    if p.line == "serial":
        from terminal.line.serial_frames import open_serial

        return open_serial(terminal)
    host, port = destination(terminal)
    await on_a_network(terminal)
    if p.line == "tcp":
        return await connect(terminal, resolve(terminal.board.line, host), port)
    from terminal.line.secured import check_ready, handshake

    check_ready(terminal)
    return await handshake(terminal, await connect(terminal, resolve(terminal.board.line, host), port))


async def on_a_network(terminal: Terminal) -> None:
    """Waits at most `connect_ms` for a Wi-Fi that was left a moment ago, or was just switched on. Raises NoLine."""
    board = terminal.board
    if board.line.address():
        return
    if board.wifi is not None and board.wifi.name:
        for _ in range(terminal.parameters.connect_ms // _LOOK_MS):
            await asyncio.sleep_ms(_LOOK_MS)
            if board.line.address():
                return
    raise NoLine("no_network", board.wifi.label if board.wifi is not None else "")


def destination(terminal: Terminal) -> "tuple[str, int]":
    """Host and port of the settings, or those that the board was provisioned with."""
    p, line = terminal.parameters, terminal.board.line
    return p.host or line.host, p.port or line.port


def resolve(line: Line, host: str) -> str:
    """The address of a name. Raises NoLine."""
    try:
        return line.resolve(host)
    except OSError:
        raise NoLine("name_unknown", host)


async def connect(terminal: Terminal, address: str, port: int) -> "tuple[Reader, Writer]":
    """A TCP connection, within `connect_ms`. Raises NoLine."""
    try:
        return await asyncio.wait_for_ms(terminal.board.line.open(address, port), terminal.parameters.connect_ms)
    except (asyncio.TimeoutError, OSError):
        raise NoLine("no_line")
