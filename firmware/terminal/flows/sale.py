"""Sale: the card pays the amount, or it does not, and nobody is left in doubt which."""

from terminal.flows.card import begin
from terminal.flows.card_entry import present_card
from terminal.flows.online import ask_host, carry_out
from terminal.gate import add_stored, check_may_sell
from terminal.ui.amount_entry import ask_amount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def sale(terminal: Terminal, first_digit: int = 0) -> None:
    """A sale, from the first digit of its amount to the second copy of its slip."""
    await carry_out(terminal, _sale(terminal, first_digit))


async def _sale(terminal: Terminal, first_digit: int) -> Transaction:
    await check_may_sell(terminal)
    amount = await ask_amount(terminal.dialogs, "sale", first_digit, terminal.parameters.sale_limit)
    card = await present_card(terminal, "sale", amount)
    if terminal.parameters.repeat_minutes:
        from terminal.flows.repeated import check_not_repeated

        await check_not_repeated(card)
    await card.authenticate()
    if card.approved_offline:
        return add_stored(terminal, begin(card))
    return await ask_host(terminal, begin(card), card)
