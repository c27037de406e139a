"""Balance inquiry: what is left on the card's account, on the screen and nowhere else.

It moves nothing, so nothing is owed when no answer comes. The journal hears of it only when the issuer has sent scripts
to the card: the host has to be told what became of them.
"""

from terminal.flows.card import begin
from terminal.flows.card_entry import present_card
from terminal.flows.online import ask_host, carry_out
from terminal.gate import check_may_sell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def balance(terminal: Terminal) -> None:
    """Asks the issuer, with the whole EMV transaction of a chip and the PIN of a stripe."""
    await carry_out(terminal, _balance(terminal))


async def _balance(terminal: Terminal) -> Transaction:
    await check_may_sell(terminal)
    card = await present_card(terminal, "balance", 0)
    await card.authenticate()
    return await ask_host(terminal, begin(card), card)
