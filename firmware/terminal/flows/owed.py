"""What is owed to the host is settled: what may have been booked is undone, what has happened already is told again.

The record that the journal wrote before the original left is all that this needs, so it works the same way a second
after the failure and a week of power cut later. A reversal (0400) goes out under the trace number of its original and
ends with an authentic answer of 00, 12 or 25. An advice (0220) goes out as it was, to the byte, and ends with whatever
authentic answer it gets, an unclear one apart: that has to come twice. Whatever else happens the transaction stays
owed, nothing new goes out, and the screen says so; nothing is ever dropped to get going again.
"""

from terminal import kinds
from terminal.flows.message import advice_of, reversal_of, take_answer
from terminal.host_link import Unanswered, open_link
from terminal.i18n import text
from terminal.line.watched import NoLine
from terminal.response_codes import approved, ends_reversal, meaning, to_be_confirmed, unclear
from terminal.transaction import APPROVED, DECLINED, PENDING, REVERSED
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields
    from terminal.transaction import Transaction


async def settle_owed(terminal: Terminal) -> str:
    """Sends what is owed, if there is anything. Returns "" when nothing is owed now, else why it still is."""
    t = terminal.journal.pending
    if t is None:
        return ""
    if not terminal.keys.ready:
        return text("sign_on_due")
    advice = kinds.is_advice(t.type)
    terminal.screen.show(text("repeating" if advice else "reversing"), "STAN %06d" % t.stan, text("please_wait"))
    try:
        request = advice_of(terminal, t) if advice else reversal_of(terminal, t)
    except CannotUnseal:
        return text("other_master_key")

    try:
        link = await open_link(terminal.line, terminal.parameters)
    except NoLine as away:
        return text(away.why)
    try:
        answer = await link.exchange(kinds.mti(t.type) if advice else "0400", request, terminal.keys.mak)
    except Unanswered as failure:
        return text(failure.why)
    finally:
        await link.close()

    return _advice_answered(terminal, t, answer) if advice else _reversal_answered(terminal, t, answer)


def _reversal_answered(terminal: Terminal, t: Transaction, answer: Fields) -> str:
    t.reversal_code = str(answer.get(39, ""))
    if not ends_reversal(t.reversal_code):
        return meaning(t.reversal_code)
    # When this is not written down, the host will be asked once more, and say 00 again.
    return _recorded(terminal, t, REVERSED)


def _advice_answered(terminal: Terminal, t: Transaction, answer: Fields) -> str:
    before = t.response_code
    take_answer(t, answer)
    if approved(t.response_code) or (to_be_confirmed(before) and to_be_confirmed(t.response_code)):
        return _recorded(terminal, t, APPROVED)
    if not t.response_code or unclear(t.response_code):
        # The next answer is judged by it. Once: a host that never decides must not fill the flash.
        why = _recorded(terminal, t, PENDING) if t.response_code != before else ""
        return why or meaning(t.response_code)
    return _recorded(terminal, t, DECLINED)


def _recorded(terminal: Terminal, t: Transaction, state: str) -> str:
    try:
        terminal.journal.record(t, state)
    except OSError:
        return text("flash_fault")
    return ""
