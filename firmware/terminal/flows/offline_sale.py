"""Offline sale: the bank has said yes by telephone, and the host is told of it later."""

from terminal import money
from terminal.flows.card import Card, begin
from terminal.flows.card_entry import check_not_listed
from terminal.flows.online import carry_out
from terminal.flows.original import short
from terminal.gate import add_stored, check_may_store, take_stan
from terminal.ui.amount_entry import ask_amount
from terminal.ui.digits_entry import ask_digits, ask_expiry, ask_pan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction

_CODE = 6
"""Digits of F38."""


async def offline_sale(terminal: Terminal) -> None:
    """An offline sale, from the card number to the second copy of its slip."""
    await carry_out(terminal, _offline_sale(terminal))


async def _offline_sale(terminal: Terminal) -> Transaction:
    check_may_store(terminal)
    dialogs, title = terminal.dialogs, "offline_sale"
    pan = await ask_pan(dialogs, terminal.board.events, title)
    check_not_listed(terminal, title, pan)
    expiry = await ask_expiry(dialogs, title)
    code = await ask_digits(dialogs, title, "auth_code", _CODE, _CODE)
    amount = await ask_amount(dialogs, title, most=terminal.parameters.offline_limit)
    await dialogs.agreed(title, short(pan), money.price(terminal.parameters, amount))
    card = Card(terminal, title, amount, take_stan(terminal))
    card.pan, card.expiry = pan, expiry
    t = begin(card)
    t.authorisation_code = code
    return add_stored(terminal, t)
