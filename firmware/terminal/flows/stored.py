"""Store and forward: what has happened without the host, or after its answer, is told to it.

Advices (0220) and script notices (0620) wait in the journal, oldest first. Each goes out as its record has it, the same
every time, until there is an authentic answer that says whether the host has taken it; only then the next one goes.
"""

from terminal import kinds
from terminal.flows.message import advice_of, notice_of
from terminal.host_link import Unanswered, open_link
from terminal.i18n import text
from terminal.line.watched import NoLine
from terminal.response_codes import approved, meaning, undecided
from terminal.transaction import APPROVED, DECLINED
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields, HostLink
    from terminal.transaction import Transaction


async def send_stored(terminal: Terminal, notices_only: bool = False) -> str:
    """Tells the host all that waits, script notices first. Returns "" when nothing waits any more, else why it does.

    What the host refuses waits no longer: it is declined, and a slip says so.
    """
    journal = terminal.journal
    if not journal.notices and (notices_only or not journal.advices):
        return ""
    if not terminal.keys.ready:
        return text("sign_on_due")
    refused: list[Transaction] = []
    why = await _send(terminal, notices_only, refused)
    await print_refusals(terminal, refused)
    return why


async def _send(terminal: Terminal, notices_only: bool, refused: "list[Transaction]") -> str:
    journal = terminal.journal
    try:
        link = await open_link(terminal.line, terminal.parameters)
    except NoLine as away:
        return text(away.why)
    try:
        while journal.notices:
            await _tell(terminal, link, journal.at(journal.notices[0]), True)
        while journal.advices and not notices_only:
            t = journal.at(journal.advices[0])
            if await _tell(terminal, link, t, False) == DECLINED:
                refused.append(t)
    except Unanswered as failure:
        return text(failure.why)
    except _StillWaits as why:
        return str(why.args[0])
    except CannotUnseal:
        return text("other_master_key")
    except OSError:
        return text("flash_fault")
    finally:
        await link.close()
    return ""


class _StillWaits(Exception):
    """The host has not decided; the argument is a line for the screen."""


async def _tell(terminal: Terminal, link: HostLink, t: Transaction, notice: bool) -> str:
    """Sends one message and writes down what was answered; the state that follows. Raises Unanswered, _StillWaits."""
    stan = t.notice_stan if notice else t.stan
    terminal.screen.show(text("sending_stored"), "STAN %06d" % stan, text("please_wait"))
    fields: Fields = notice_of(terminal, t) if notice else advice_of(terminal, t)
    answer = await link.exchange("0620" if notice else kinds.mti(t.type), fields, terminal.keys.mak)
    code = str(answer.get(39, ""))
    if undecided(code):
        raise _StillWaits(meaning(code))
    if notice:
        terminal.journal.notified(t, code)
        return ""
    t.response_code = code
    state = APPROVED if approved(code) else DECLINED
    terminal.journal.told(t, state, code, str(answer.get(37, "")).strip())
    return state


async def print_refusals(terminal: Terminal, refused: "list[Transaction]") -> None:
    """A fault slip of each advice that the host does not take: the shop has to know, it has handed out the goods."""
    if refused:
        from terminal.printing import print_fault_slip

        for t in refused:
            await terminal.dialogs.message("advice_refused", "STAN %06d" % t.stan, meaning(t.response_code))
            await print_fault_slip(terminal, t, "advice_refused")
