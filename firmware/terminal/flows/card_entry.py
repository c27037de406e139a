"""How the card comes into the transaction: the cardholder presents it, and a trace number is used up for it."""

from terminal import kinds, money, number_lists
from terminal.card_reader import wait_for_card
from terminal.gate import take_stan
from terminal.ui.dialogs import Stop

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
    check_not_listed(terminal, kind, card.pan)
    return card


def check_not_listed(terminal: Terminal, kind: str, pan: str) -> None:
    """Raises Stop when the card is on the black list; giving back is allowed all the same."""
    if not kinds.gives_back(kind) and number_lists.listed(terminal.board.storage, number_lists.BLACK_LIST, pan):
        raise Stop("card_listed")
