"""Echo test (0820, 301): is the host there, and how long does it take?"""

import time

from terminal.host_message import call_host, tell_host
from terminal.i18n import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

ECHO = "301"


async def echo(terminal: Terminal) -> None:
    """Shows how long it took to connect and how long from the first byte sent to the answer, in ms. Raises Stop."""
    began = time.ticks_ms()
    link = await call_host(terminal, "echo")
    connected = time.ticks_ms()
    try:
        await tell_host(terminal, link, "0820", ECHO, {})
    finally:
        await link.close()
    answered = time.ticks_ms()
    await terminal.dialogs.message(
        "echo",
        text("test_passed"),
        "%s %d MS" % (text("echo_line"), time.ticks_diff(connected, began)),
        "%s %d MS" % (text("echo_host"), time.ticks_diff(answered, connected)),
    )
