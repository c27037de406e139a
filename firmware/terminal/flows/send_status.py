"""The terminal's state for its host (0820, 362): what a service engineer would ask after, in field 62."""

from terminal.care.health import health
from terminal.host_message import call_host, tell_host

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_STATUS = "362"


async def send_status(terminal: Terminal) -> None:
    """Sends version and health figures as `name=value`, separated by blanks. Raises Stop."""
    from terminal.app import VERSION

    found = health(terminal)
    words = ["version=" + VERSION]
    for name in sorted(found):
        words.append("%s=%d" % (name, found[name]))
    link = await call_host(terminal, "send_status")
    try:
        await tell_host(terminal, link, "0820", _STATUS, {62: " ".join(words).encode()})
    finally:
        await link.close()
