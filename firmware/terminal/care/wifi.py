"""Wi-Fi, set up at the terminal: look for networks, choose one, enter its pass phrase, join it; leave it again."""

import asyncio

from crypto.wiping import wipe
from micropython import const

from terminal.i18n import text
from terminal.operators import gate
from terminal.status import signal
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice
from terminal.ui.pages import read_pages
from terminal.ui.text_entry import ask_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.board import Network, Wifi

_TITLE = "wifi"
_MOST = const(8)
_NAME_CELLS = const(11)
_LONGEST_NAME = const(32)
_SHORTEST_KEY = const(8)
_LONGEST_KEY = const(63)
_REASONS = {
    "not_found": "wifi_not_found",
    "wrong_key": "wifi_wrong_key",
    "refused": "wifi_refused",
    "no_address": "wifi_no_address",
    "no_answer": "wifi_no_answer",
    "radio": "wifi_radio",
}


async def join_network(terminal: Terminal) -> None:
    """Joins a network that the admin chooses. Raises Stop."""
    await gate.admin(terminal, _TITLE)
    await choose_and_join(terminal)


async def be_in_a_network(terminal: Terminal) -> None:
    """For the commissioning: nothing if the terminal is in its network, or comes back to it; else as above."""
    from terminal.line.watched import NoLine
    from terminal.line.ways import on_a_network

    wifi = _wifi(terminal)
    if wifi.name:
        terminal.screen.show(text(_TITLE), wifi.label, text("wifi_joining"))
    try:
        await on_a_network(terminal)
    except NoLine:
        await join_network(terminal)


async def choose_and_join(terminal: Terminal) -> None:
    """Networks by their signal, a pass phrase where one is needed, and how it went. Raises Stop."""
    name, label, is_open = await _choose(terminal)
    while not await _try(terminal, name, label, is_open):
        pass


async def _try(terminal: Terminal, name: bytes, label: str, is_open: bool) -> bool:
    """False if the pass phrase was wrong, which has been said. Raises Stop."""
    dialogs, events = terminal.dialogs, terminal.board.events
    key = bytearray(_LONGEST_KEY)
    try:
        size = 0
        if not is_open:
            size = await ask_text(dialogs, events, "wifi_key", label, key, _SHORTEST_KEY, len(key), secret=True)
        why = await _joined(terminal, name, label, memoryview(key)[:size])
    finally:
        wipe(key)
    if not why:
        await dialogs.message(_TITLE, label, _wifi(terminal).address(), text("done"))
    elif why == "wrong_key" and not is_open:
        await dialogs.message(_TITLE, label, text(_REASONS[why]))
        return False
    else:
        raise Stop(_REASONS[why], label)
    return True


async def show_status(terminal: Terminal) -> None:
    """Network, address and signal, until ENTER or CANCEL."""
    wifi = _wifi(terminal)
    lines = [wifi.label or text("wifi_none")]
    if wifi.name:
        address = wifi.address()
        lines.append(address or text("no_network"))
        if wifi.rssi():
            lines.append("%s %d DBM" % (text("wifi_signal"), wifi.rssi()))
    await read_pages(terminal.dialogs, _TITLE, "\n".join(lines))


async def forget_network(terminal: Terminal) -> None:
    """Leaves the network, and its pass phrase is gone; the admin has to agree. Raises Stop."""
    wifi = _wifi(terminal)
    if not wifi.name:
        raise Stop("wifi_none")
    await gate.admin(terminal, _TITLE)
    await terminal.dialogs.agreed("wifi_forget", wifi.label)
    try:
        await terminal.line.let_go()
        wifi.forget()
    except OSError:
        raise Stop("flash_fault")
    await terminal.dialogs.message("wifi_forget", text("done"))


def _wifi(terminal: Terminal) -> Wifi:
    if terminal.board.wifi is None:
        raise Stop("wifi_none")
    return terminal.board.wifi


async def _choose(terminal: Terminal) -> "tuple[bytes, str, bool]":
    """The name of a network, as it is shown too, and whether it is open. Raises Stop."""
    dialogs = terminal.dialogs
    found: "list[Network]" = []
    while True:
        dialogs.screen.show(text(_TITLE), text("wifi_searching"), "", text("please_wait"))
        await asyncio.sleep_ms(0)
        try:
            found = [network for network in _wifi(terminal).scan() if network.usable][:_MOST]
        except OSError:
            await dialogs.message(_TITLE, text("wifi_radio"))
        lines = [_row(network) for network in found]
        if len(lines) < _MOST:
            lines.append(text("wifi_again"))
        lines.append(text("wifi_other"))
        chosen = await ask_choice(dialogs, _TITLE, lines)
        if chosen < len(found):
            network = found[chosen]
            if network.is_open:
                await dialogs.agreed(_TITLE, network.label, text("wifi_open"), topic="help_wifi_open")
            return network.name, network.label, network.is_open
        if chosen == len(lines) - 1:
            return await _hidden(terminal)


async def _hidden(terminal: Terminal) -> "tuple[bytes, str, bool]":
    """One that does not tell its name. Raises Stop."""
    name = bytearray(_LONGEST_NAME)
    size = await ask_text(terminal.dialogs, terminal.board.events, "wifi_other", text("wifi_name"), name, 1, len(name))
    is_open = await ask_choice(terminal.dialogs, "wifi_key", [text("yes"), text("no")]) == 1
    return bytes(name[:size]), str(name[:size], "ascii"), is_open


def _row(network: Network) -> str:
    from charset import width

    name = width.fitting(network.label, _NAME_CELLS)
    return name + " " * (_NAME_CELLS + 1 - width.cells(name)) + signal(network.rssi)


async def _joined(terminal: Terminal, name: bytes, label: str, key: memoryview) -> str:
    """As `Wifi.join`. Raises Stop."""
    terminal.screen.show(text(_TITLE), label, text("wifi_joining"), text("please_wait"))
    try:
        await terminal.line.let_go()
        return await _wifi(terminal).join(name, key)
    except OSError:
        raise Stop("flash_fault")
