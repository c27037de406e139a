"""Tip and adjustment: a sale of this batch becomes worth something else. The host is told of it later."""

from terminal import money
from terminal.flows.card import begin
from terminal.flows.online import carry_out
from terminal.flows.original import card_of, follow, short
from terminal.gate import add_stored, check_may_store
from terminal.journal_search import adjusted, cancelled, refunded
from terminal.slips.scanned import ask_voucher
from terminal.transaction import APPROVED
from terminal.ui.amount_entry import ask_amount
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction

_ADJUSTABLE = ("sale", "offline_sale")


async def tip(terminal: Terminal) -> None:
    """A tip on a sale, up to `tip_percent` of what was authorised."""
    await carry_out(terminal, _tip(terminal))


async def adjustment(terminal: Terminal) -> None:
    """Another amount for a sale, at most `adjust_percent` more than was authorised."""
    await carry_out(terminal, _adjustment(terminal))


async def _tip(terminal: Terminal) -> Transaction:
    original, now, most = await _ask_original(terminal, "tip", terminal.parameters.tip_percent)
    if most <= now:
        raise Stop("no_tip")
    added = await ask_amount(terminal.dialogs, "tip", most=most - now)
    return await _change(terminal, "tip", original, now, now + added, added)


async def _adjustment(terminal: Terminal) -> Transaction:
    original, now, most = await _ask_original(terminal, "adjustment", terminal.parameters.adjust_percent)
    amount = await ask_amount(terminal.dialogs, "adjustment", most=most)
    if amount == now:
        raise Stop("nothing_changes")
    return await _change(terminal, "adjustment", original, now, amount, 0)


async def _ask_original(terminal: Terminal, kind: str, percent: int) -> "tuple[Transaction, int, int]":
    """The sale, what it is worth now, and the most that it may become worth. Raises Stop."""
    check_may_store(terminal)
    voucher = await ask_voucher(terminal, kind)
    original = None
    for t in terminal.journal.history():
        if voucher.is_of(t):
            original = t
    if original is None:
        raise Stop("no_original")
    place = (original.batch, original.stan)
    if original.state != APPROVED or original.type not in _ADJUSTABLE:
        raise Stop("not_adjustable")
    if place in cancelled(terminal.journal.history()):
        raise Stop("already_void")
    if original.reference and refunded(terminal.journal.history(), original.reference):
        raise Stop("not_adjustable")
    now = adjusted(terminal.journal.history()).get(place, original.worth)
    await terminal.dialogs.agreed(kind, short(original.masked_pan), money.price(terminal.parameters, now))
    return original, now, original.worth + original.worth * percent // 100


async def _change(
    terminal: Terminal, kind: str, original: Transaction, now: int, amount: int, added: int
) -> Transaction:
    """Shows the new amount, and puts it into the journal when that is agreed to."""
    await terminal.dialogs.agreed(kind, short(original.masked_pan), money.price(terminal.parameters, amount))
    card = card_of(terminal, original, kind)
    card.amount = amount
    t = begin(card)
    follow(t, original)
    t.original_reference = ""
    if original.type == "offline_sale":
        # Its date is the one on which the host has heard of it, and that is not known here.
        t.original_date = ""
    t.original_amount = now
    t.tip = added
    return add_stored(terminal, t)
