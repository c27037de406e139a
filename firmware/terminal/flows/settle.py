"""Settlement: the totals of the batch beside the host's, the batch upload, the totals slip, and a new batch.

It can be cut off anywhere. What the record (`settlement.py`) says was begun goes on at the next start, or when somebody
chooses settlement again; until then nothing is sold.
"""

from terminal import money
from terminal.flows.batch_upload import BatchUpload
from terminal.flows.owed import settle_owed
from terminal.flows.stored import print_refusals, send_stored
from terminal.gate import take_stan
from terminal.host_link import Unanswered
from terminal.host_message import call_host, exchange_with_host, tell_host
from terminal.i18n import text
from terminal.response_codes import meaning
from terminal.settlement import CLOSED, DONE, END, TOTALS, UPLOAD, Settlement, field_48, settlement_totals
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields, HostLink
    from terminal.transaction import Transaction

_FLAGS = (30, 61)
"""Where they are in F48 of the answer."""
_NOT_COMPARABLE = "3"
_COMPARE = "201"
_END_BALANCED = "207"
_END_NOT_BALANCED = "202"
_SIGN_ON = "3"


async def settle(terminal: Terminal) -> None:
    """Closes the batch, or goes on with what was cut off. Raises Stop with what is in the way."""
    settlement = Settlement(terminal.journal)
    if not settlement.under_way:
        await _begin(terminal, settlement)
    await go_on(terminal, settlement)


async def go_on(terminal: Terminal, settlement: Settlement) -> None:
    """From wherever the settlement has come to, to its end. Raises Stop; what was reached by then stays reached."""
    refused: "list[Transaction]" = []
    try:
        if settlement.stage != CLOSED:
            link = await call_host(terminal, "settle")
            try:
                await _with_host(terminal, link, settlement, refused)
            finally:
                await link.close()
        settlement.close(terminal)
    except OSError:
        raise Stop("flash_fault")
    terminal.settling = False
    result = "flag_balanced" if settlement.balanced else "uploaded"
    await terminal.dialogs.message("settle", text(result), text("batch") + " %06d" % settlement.batch, text("done"))
    await print_totals(terminal, settlement)
    await print_refusals(terminal, refused)
    if terminal.parameters.auto_sign_off:
        from terminal.flows.sign_off import end_keys

        await end_keys(terminal)


async def _begin(terminal: Terminal, settlement: Settlement) -> None:
    """All that has to be in order before the first message. Raises Stop."""
    if not terminal.operator:
        raise Stop("operator_due")
    if not terminal.journal.count:
        raise Stop("batch_empty")
    if not terminal.keys.ready:
        raise Stop("sign_on_due")
    await terminal.dialogs.agreed("settle", *_totals_lines(settlement_totals(terminal.journal)))
    why = await settle_owed(terminal)
    if why:
        raise Stop(terminal.journal.owed_text, why)
    # What the host refuses now is no longer in the totals; what it does not decide is, and goes with the upload.
    why = await send_stored(terminal)
    if why and not terminal.line.up:
        raise Stop("sending_stored", why)
    try:
        settlement.begin(terminal, take_stan(terminal))
    except OSError:
        raise Stop("flash_fault")
    terminal.settling = True


async def _with_host(terminal: Terminal, link: HostLink, settlement: Settlement, refused: "list[Transaction]") -> None:
    if settlement.stage == TOTALS:
        await _compare(terminal, link, settlement)
    if settlement.stage == UPLOAD:
        await BatchUpload(terminal, link, settlement, refused).send()
        settlement.stage, settlement.stan = END, 0
        settlement.count(terminal.journal)  # without what the host has refused now
        settlement.save()
    if settlement.stage == END:
        await _end(terminal, link, settlement)


async def _compare(terminal: Terminal, link: HostLink, settlement: Settlement) -> None:
    """The totals (0500). The answer has no F39, but a flag for each side. Raises Stop, OSError."""
    more: Fields = {11: "%06d" % settlement.stan, 48: field_48(settlement.totals), 49: terminal.parameters.currency}
    more[63] = (settlement.operator + "   ")[:3]
    try:
        answer = await exchange_with_host(terminal, link, "0500", _COMPARE, more, settlement.batch)
    except Unanswered as failure:
        raise Stop(failure.why)
    code, said = str(answer.get(39, "")), str(answer.get(48, ""))
    if code:
        settlement.forget()
        terminal.settling = False
        raise Stop("answer_refused", meaning(code))
    if len(said) <= _FLAGS[1]:
        raise Stop("answer_malformed")
    settlement.flags = said[_FLAGS[0]] + said[_FLAGS[1]]
    if _NOT_COMPARABLE in settlement.flags:
        # Another batch than the host's: a sign-on brings the host's number, and then the totals can be compared.
        settlement.forget()
        terminal.settling = False
        terminal.line.wish(_SIGN_ON)
        raise Stop("not_comparable")
    settlement.whole = settlement.whole or not settlement.balanced
    settlement.stage, settlement.stan = UPLOAD, 0
    settlement.save()


async def _end(terminal: Terminal, link: HostLink, settlement: Settlement) -> None:
    """The end of the upload (0320) with the number of records. Raises Stop, OSError."""
    if not settlement.stan:
        settlement.stan = take_stan(terminal)
        settlement.save()
    function = _END_BALANCED if settlement.balanced else _END_NOT_BALANCED
    more: Fields = {11: "%06d" % settlement.stan, 48: "%04d" % settlement.sent}
    try:
        await tell_host(terminal, link, "0320", function, more, settlement.batch)
    except Stop as stop:
        if stop.why == "answer_refused":
            # The host has not counted as many records: next time all of them are uploaded again.
            settlement.stage, settlement.stan = UPLOAD, 0
            settlement.step = settlement.at = settlement.sent = 0
            settlement.save()
        raise
    settlement.stage = CLOSED
    settlement.save()


async def print_totals(terminal: Terminal, settlement: Settlement, duplicate: bool = False) -> None:
    """The totals slip; what the printer makes of it changes nothing."""
    from terminal.printing import print_slip
    from terminal.slips.paper import paper_of
    from terminal.slips.totals_slip import totals_slip

    terminal.screen.show(text("printing"), text("settle"))
    paper = paper_of(terminal.board.printer, terminal.parameters)
    await print_slip(terminal, lambda: totals_slip(terminal, paper, settlement, duplicate))


async def reprint_totals(terminal: Terminal) -> None:
    """The totals slip of the last settlement once more; a message when there is none."""
    settlement = Settlement(terminal.journal)
    if settlement.stage != DONE:
        return await terminal.dialogs.message("last_totals", text("nothing_to_print"))
    await print_totals(terminal, settlement, duplicate=True)


def _totals_lines(totals: "list[int]") -> "tuple[str, str]":
    """Two lines of the screen: number and sum of debits, and of credits."""
    debits = "%s %d %s" % (text("debits"), totals[1] + totals[5], money.decimal(totals[0] + totals[4]))
    return debits, "%s %d %s" % (text("credits"), totals[3] + totals[7], money.decimal(totals[2] + totals[6]))
