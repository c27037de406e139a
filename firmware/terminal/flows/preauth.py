"""Pre-authorisation: an amount is held on the card, and let go or taken later, also by another terminal of the shop.

What follows from it names it by card, date and authorisation code, because its trace number may be unknown here.
"""

from terminal import kinds, money
from terminal.flows.card import begin
from terminal.flows.card_entry import present_card
from terminal.flows.online import ask_host, carry_out
from terminal.flows.original import short
from terminal.gate import add_stored, check_may_sell, check_may_store
from terminal.operators import gate
from terminal.ui.amount_entry import ask_amount
from terminal.ui.digits_entry import ask_date, ask_digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.flows.card import Card
    from terminal.transaction import Transaction

_CODE = 6
"""Digits of F38."""


async def preauth(terminal: Terminal) -> None:
    """Holds an amount."""
    await carry_out(terminal, _preauth(terminal))


async def preauth_void(terminal: Terminal) -> None:
    """Lets a held amount go. The supervisor's password before."""
    await carry_out(terminal, _preauth_void(terminal))


async def completion(terminal: Terminal) -> None:
    """Takes a held amount, or about as much."""
    await carry_out(terminal, _completion(terminal))


async def completion_advice(terminal: Terminal) -> None:
    """Takes a held amount without asking: the host is told of it later."""
    await carry_out(terminal, _completion_advice(terminal))


async def _preauth(terminal: Terminal) -> Transaction:
    await check_may_sell(terminal)
    amount = await ask_amount(terminal.dialogs, "preauth", most=terminal.parameters.sale_limit)
    card = await present_card(terminal, "preauth", amount)
    await card.authenticate()
    return await ask_host(terminal, begin(card), card)


async def _preauth_void(terminal: Terminal) -> Transaction:
    await check_may_sell(terminal)
    await gate.supervisor(terminal, "preauth_void")
    return await _follow_preauth(terminal, "preauth_void")


async def _completion(terminal: Terminal) -> Transaction:
    await check_may_sell(terminal)
    return await _follow_preauth(terminal, "completion")


async def _completion_advice(terminal: Terminal) -> Transaction:
    check_may_store(terminal)
    card, t = await _ask_preauth(terminal, "completion_advice")
    await terminal.dialogs.agreed(t.type, short(t.masked_pan), money.price(terminal.parameters, card.amount))
    return add_stored(terminal, t)


async def _follow_preauth(terminal: Terminal, kind: str) -> Transaction:
    card, t = await _ask_preauth(terminal, kind)
    return await ask_host(terminal, t, card)


async def _ask_preauth(terminal: Terminal, kind: str) -> "tuple[Card, Transaction]":
    """Card, date, code and amount of the pre-authorisation, and the record of what follows from it. Raises Stop."""
    card = await present_card(terminal, kind, 0)
    date = await ask_date(terminal.dialogs, kind, "old_date")
    code = await ask_digits(terminal.dialogs, kind, "old_code", _CODE, _CODE)
    card.amount = await ask_amount(terminal.dialogs, kind)
    if terminal.parameters.completion_pin and not kinds.is_advice(kind):
        await card.ask_pin()
    t = begin(card)
    t.original_date = date
    t.original_authorisation = code
    return card, t
