"""The line test: layer by layer from the terminal's own network to an answer of the host, with the time of each."""

import time

from terminal.i18n import text
from terminal.line.watched import close
from terminal.ui.dialogs import Stop
from terminal.ui.pages import read_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.app import Terminal
    from terminal.board import Reader, Writer

_TITLE = "test_line"


async def line_test(terminal: Terminal) -> None:
    """Shows every layer that works, then the result. In training too it is the real line that is tested.

    Raises Stop for the layer that does not, with the last one that did as its detail.
    """
    passed: list[str] = []
    try:
        await terminal.line.let_go()
        streams = await terminal.line.watched(_way_to_host(terminal, passed))
        await _echo(terminal, streams, passed)
    except Stop as stop:
        raise Stop(stop.why, stop.detail or (passed[-1] if passed else ""))
    await read_pages(terminal.dialogs, _TITLE, "\n".join([text("test_passed")] + passed))  # noqa: RUF005  no star


async def _way_to_host(terminal: Terminal, passed: "list[str]") -> "tuple[Reader, Writer]":
    """An open line; a row for each layer below it. Raises Stop."""
    from terminal.line.ways import connect, destination, on_a_network, resolve

    p, line = terminal.parameters, terminal.board.line
    if p.line == "serial":
        from terminal.line.serial_frames import open_serial

        ends = open_serial(terminal)
        passed.append("%s %d" % (text("layer_serial"), p.baud))
        return ends
    if p.line == "tls":
        from terminal.line.secured import check_ready

        check_ready(terminal)
    wifi = terminal.board.wifi
    if wifi is not None and wifi.name and not wifi.address():
        terminal.screen.show(text(_TITLE), wifi.label, text("wifi_joining"))
    await on_a_network(terminal)
    if wifi is not None:
        passed.append(wifi.label)
        _passed(terminal, passed, "wifi_signal", "%d DBM" % wifi.rssi())
    _passed(terminal, passed, "layer_network", line.address())
    host, port = destination(terminal)
    began = time.ticks_ms()
    address = resolve(line, host)
    _passed(terminal, passed, "layer_name", _since(began))
    passed.append(address)
    began = time.ticks_ms()
    streams = await connect(terminal, address, port)
    _passed(terminal, passed, "layer_tcp", _since(began))
    if p.line == "tls":
        from terminal.line.secured import handshake

        began = time.ticks_ms()
        streams = await handshake(terminal, streams)
        _passed(terminal, passed, "layer_tls", _since(began))
    return streams


async def _echo(terminal: Terminal, streams: "tuple[Reader, Writer]", passed: "list[str]") -> None:
    """The host itself. Raises Stop."""
    from terminal.flows.echo import ECHO
    from terminal.host_link import HostLink
    from terminal.host_message import tell_host

    link = HostLink(streams[0], streams[1], terminal.parameters, terminal.line)
    began = time.ticks_ms()
    try:
        await tell_host(terminal, link, "0820", ECHO, {})
    finally:
        await close(streams[1])
    _passed(terminal, passed, "layer_echo", _since(began))


def _since(began: "Any") -> str:
    return "%d MS" % time.ticks_diff(time.ticks_ms(), began)


def _passed(terminal: Terminal, passed: "list[str]", layer: str, *what: str) -> None:
    passed.append(" ".join((text(layer),) + what))  # noqa: RUF005  no star on the device
    terminal.screen.show(text(_TITLE), *passed[-3:])
