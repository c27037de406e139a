"""Void: a sale of this batch is taken back as a whole, or a completion.

What came of the original is not written into its record: the void's own record names it, so both change with one write.
"""

from terminal.flows.card import begin
from terminal.flows.card_entry import present_card
from terminal.flows.online import ask_host, carry_out
from terminal.flows.original import ask_original, card_of, follow, must_be_card_of
from terminal.gate import check_may_sell
from terminal.operators import gate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def void(terminal: Terminal) -> None:
    """Takes a sale back. The supervisor's password before."""
    await carry_out(terminal, _void(terminal, "void"))


async def completion_void(terminal: Terminal) -> None:
    """Takes the completion of a pre-authorisation back. The supervisor's password before."""
    await carry_out(terminal, _void(terminal, "completion_void"))


async def _void(terminal: Terminal, kind: str) -> Transaction:
    await check_may_sell(terminal)
    await gate.supervisor(terminal, kind)
    original = await ask_original(terminal, kind)
    if terminal.parameters.void_card:
        card = await present_card(terminal, kind, original.worth)
        must_be_card_of(terminal, original, card)
    else:
        card = card_of(terminal, original, kind)
    if terminal.parameters.void_pin:
        await card.ask_pin()
    t = begin(card)
    follow(t, original)
    return await ask_host(terminal, t, card)
