"""Echo test (0820, 301): is the host there, and how long does it take?"""

import time

from terminal.host_message import call_host, tell_host
from terminal.i18n import text
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_ECHO = "301"


async def echo(terminal: Terminal) -> None:
    """Shows how long it took to connect and how long from the first byte sent to the answer, in ms. Raises Stop."""
    line_ms, host_ms, why = await timed_echo(terminal, "echo")
    if why:
        raise Stop(why)
    await terminal.dialogs.message(
        "echo",
        text("test_passed"),
        "%s %d MS" % (text("echo_line"), line_ms),
        "%s %d MS" % (text("echo_host"), host_ms),
    )


async def timed_echo(terminal: Terminal, title: str) -> "tuple[int, int, str]":
    """Milliseconds to connect and from there to the answer, and "" or why there is none that is good.

    Raises Stop when there is no line.
    """
    began = time.ticks_ms()
    link = await call_host(terminal, title)
    connected = time.ticks_ms()
    why = ""
    try:
        await tell_host(terminal, link, "0820", _ECHO, {})
    except Stop as stop:
        why = stop.why
    finally:
        await link.close()
    return time.ticks_diff(connected, began), time.ticks_diff(time.ticks_ms(), connected), why
