"""How the device is: what a service engineer asks after, on the screen and as JSON."""

import gc

from terminal import store
from terminal.i18n import text
from terminal.ui.pages import read_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


def health(terminal: Terminal) -> "dict[str, int]":
    """Uptime in seconds, heap and flash in bytes, transactions, and counts of what failed since the start.

    Where the board counts: `flash_erases` of all blocks and `flash_worst` of the most worn one, `flash_operations` and
    bytes programmed, `flash_written`, since the start. Millivolts of the battery, if there is one, and how often its
    voltage made no sense. The Wi-Fi's signal in dBm while there is one. With the last days of the certificates where
    the line is TLS.
    """
    gc.collect()
    keypad, printer = terminal.board.keypad, terminal.board.printer
    found = {
        "uptime_s": terminal.uptime_s(),
        "heap_free": gc.mem_free(),
        "heap_used": gc.mem_alloc(),
        "flash_free": store.free_bytes(terminal.board.storage),
        "transactions": terminal.journal.count,
        "line_failures": terminal.line.failures,
        "answers_missing": terminal.line.unanswered,
        "card_faults": terminal.card_faults,
        "printer_faults": terminal.printer_faults,
        "keys_lost": keypad.overflows,
        "keys_refused": keypad.ghosts,
        "characters_unprintable": printer.unprintable,
    }
    battery = terminal.board.battery
    if battery is not None and battery.mv:
        found["battery_mv"], found["battery_faults"] = battery.mv, battery.implausible
    wifi = terminal.board.wifi
    if wifi is not None and wifi.rssi():
        found["wifi_dbm"] = wifi.rssi()
    if terminal.board.flash_wear is not None:
        worst, erases, operations, written = terminal.board.flash_wear()
        found["flash_worst"], found["flash_erases"] = worst, erases
        found["flash_operations"], found["flash_written"] = operations, written
    if terminal.parameters.line == "tls":
        from terminal.line import credentials

        days = credentials.overview(terminal)
        for name in ("authority", "certificate"):
            if days[name]:
                found[name + "_until"] = int(days[name])
    return found


async def show_health(terminal: Terminal) -> None:
    """The same for a person, until ENTER or CANCEL."""
    found = health(terminal)
    hours, seconds = found["uptime_s"] // 3600, found["uptime_s"] % 3600
    lines = ["%s %d:%02d" % (text("health_uptime"), hours, seconds // 60)]
    for name in sorted(found):
        if name != "uptime_s":
            lines.append("%s %d" % (text("health_" + name), found[name]))
    await read_pages(terminal.dialogs, "health", "\n".join(lines))
