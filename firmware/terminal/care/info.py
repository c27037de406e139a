"""Terminal information: what the help desk asks for first."""

from terminal.i18n import text
from terminal.ui.pages import read_pages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def show_info(terminal: Terminal) -> None:
    """Merchant and terminal number, batch, trace number and version, until ENTER or CANCEL."""
    from terminal.app import VERSION

    p = terminal.parameters
    lines = [
        p.merchant_name,
        p.merchant,
        p.terminal + " B%06d" % terminal.counters.batch,
        "%s %06d" % (text("trace"), terminal.counters.stan),
        "VERSION " + VERSION,
        text("test_note"),
    ]
    await read_pages(terminal.dialogs, "info", "\n".join(lines))
