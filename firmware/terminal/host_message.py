"""Messages that are about the terminal and not about a transaction: network management (0800, 0820), totals, uploads.

They carry no MAC and no money, so all that can go wrong with one is that there is no answer, or one that says no.
"""

from terminal.host_link import Unanswered, open_link
from terminal.i18n import text
from terminal.response_codes import approved, meaning
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields, HostLink

_TYPE = "00"


async def call_host(terminal: Terminal, title: str) -> HostLink:
    """An open line; `title` (key of the text table) is on the screen meanwhile. Raises Stop."""
    terminal.screen.show(text(title), text("connecting"))
    link = await open_link(terminal.line, terminal.parameters)
    terminal.screen.show(text(title), text("waiting"))
    return link


async def exchange_with_host(
    terminal: Terminal, link: HostLink, mti: str, function: str, more: Fields, batch: int = 0
) -> Fields:
    """The answer to a message with the network code `function` (F60.3) and the fields `more`. Raises Unanswered.

    `batch`: of what the message is about, 0 for the one that is open.
    """
    request: Fields = {
        41: terminal.parameters.terminal,
        42: terminal.parameters.merchant,
        60: _TYPE + "%06d" % (batch or terminal.counters.batch) + function,
    }
    request.update(more)
    return await link.exchange(mti, request)


async def tell_host(
    terminal: Terminal, link: HostLink, mti: str, function: str, more: Fields, batch: int = 0
) -> Fields:
    """The same, for a message that the host approves of. Raises Stop when it does not, or says nothing."""
    try:
        answer = await exchange_with_host(terminal, link, mti, function, more, batch)
    except Unanswered as failure:
        raise Stop(failure.why)
    code = str(answer.get(39, ""))
    if not approved(code):
        raise Stop("answer_refused", meaning(code))
    return answer
