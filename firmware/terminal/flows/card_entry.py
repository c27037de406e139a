"""How the card comes into the transaction: the cardholder presents it, and a trace number is used up for it."""

from terminal import money
from terminal.card_reader import wait_for_card
from terminal.gate import take_stan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.flows.card import Card


async def present_card(terminal: Terminal, kind: str, amount: int) -> Card:
    """The card, read: its number is known when this returns. `amount` 0: there is none. Raises Stop, EmvError."""
    from terminal.flows.chip import ChipCard

    await wait_for_card(terminal, kind, money.price(terminal.parameters, amount))
    terminal.dialogs.card = terminal.board.card
    card = ChipCard(terminal, kind, amount, take_stan(terminal))
    await card.read()
    return card
