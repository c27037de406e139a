"""Refund: part of a sale, or all of it, goes back to the card that paid, on any day.

It is an advice: the money is given back at the counter, so what the host has not answered is told again, as it was, and
never reversed.
"""

from terminal import money
from terminal.flows.card import begin
from terminal.flows.card_entry import present_card
from terminal.flows.online import ask_host, carry_out
from terminal.gate import check_may_sell
from terminal.operators import gate
from terminal.slips.scanned import ask_refunded
from terminal.ui.amount_entry import ask_amount
from terminal.ui.dialogs import Stop
from terminal.ui.digits_entry import ask_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def refund(terminal: Terminal) -> None:
    """A refund. The supervisor's password before."""
    await carry_out(terminal, _refund(terminal))


async def _refund(terminal: Terminal) -> Transaction:
    await check_may_sell(terminal)
    await gate.supervisor(terminal, "refund")
    card = await present_card(terminal, "refund", 0)
    original = await ask_refunded(terminal)
    if original.card_end and not card.pan.endswith(original.card_end):
        raise Stop("do_other_card")
    await _tell_changes(terminal, original.reference)
    date = original.date or await ask_date(terminal.dialogs, "refund", "old_date")
    card.amount = await ask_amount(terminal.dialogs, "refund", most=_most(terminal, original.worth))
    if terminal.parameters.repeat_minutes:
        from terminal.flows.repeated import check_not_repeated

        await check_not_repeated(card)
    await terminal.dialogs.agreed("refund", original.reference, money.price(terminal.parameters, card.amount))
    t = begin(card)
    t.original_reference = original.reference
    t.original_date = date
    return await ask_host(terminal, t, card)


def _most(terminal: Terminal, worth: int) -> int:
    """Of what a slip says that it was worth, 0 if that is not known, and what may be given back at all."""
    limit = terminal.parameters.refund_limit
    return min(worth, limit) if worth and limit else worth or limit


async def _tell_changes(terminal: Terminal, reference: str) -> None:
    """A tip on what is given back goes to the host first: after the refund it would refuse it. Raises Stop."""
    if not terminal.journal.advices:
        return
    from terminal.journal_search import change_untold

    if change_untold(terminal.journal.history(), reference):
        from terminal.flows.stored import send_stored

        why = await send_stored(terminal)
        if why:
            raise Stop("advice_due", why)
