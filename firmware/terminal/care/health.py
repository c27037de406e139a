"""How the device is: what a service engineer asks after, on the screen and as JSON."""

import gc

from terminal import store
from terminal.i18n import text
from terminal.ui.pages import read_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


def health(terminal: Terminal) -> "dict[str, int]":
    """Uptime in seconds, free and used heap in bytes, free flash in bytes, transactions, and counts of what failed."""
    gc.collect()
    keypad, printer = terminal.board.keypad, terminal.board.printer
    return {
        "uptime_s": terminal.uptime_s(),
        "heap_free": gc.mem_free(),
        "heap_used": gc.mem_alloc(),
        "flash_free": store.free_bytes(terminal.board.storage),
        "transactions": terminal.journal.count,
        "line_failures": terminal.line.failures,
        "printer_faults": terminal.printer_faults,
        "keys_lost": keypad.overflows,
        "keys_refused": keypad.ghosts,
        "characters_unprintable": printer.unprintable,
    }


async def show_health(terminal: Terminal) -> None:
    """The same for a person, until ENTER or CANCEL."""
    found = health(terminal)
    hours, seconds = found["uptime_s"] // 3600, found["uptime_s"] % 3600
    lines = ["%s %d:%02d" % (text("health_uptime"), hours, seconds // 60)]
    for name in sorted(found):
        if name != "uptime_s":
            lines.append("%s %d" % (text("health_" + name), found[name]))
    await read_pages(terminal.dialogs, "health", "\n".join(lines))
