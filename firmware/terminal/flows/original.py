"""The transaction that another one follows from: found in the journal, shown, and its card compared."""

from terminal import kinds, money
from terminal.flows.card import Card
from terminal.gate import take_stan
from terminal.i18n import text
from terminal.journal_search import adjusted, cancelled
from terminal.slips.scanned import ask_voucher
from terminal.transaction import APPROVED
from terminal.ui.dialogs import Stop
from terminal.vault import CannotUnseal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.transaction import Transaction


async def ask_original(terminal: Terminal, kind: str) -> Transaction:
    """Asks for the voucher number of what `kind` cancels, and whether that is the one. Raises Stop."""
    voucher = await ask_voucher(terminal, kind)
    original = None
    for t in terminal.journal.history():
        # A sign-on may have changed the batch number since; the journal is of one batch all the same.
        if voucher.is_of(t):
            original = t
    if original is None:
        raise Stop("no_original")
    if original.state != APPROVED or original.type != kinds.CANCELS[kind]:
        raise Stop("not_voidable", text(original.type))
    if (original.batch, original.stan) in cancelled(terminal.journal.history()):
        raise Stop("already_void")
    if (original.batch, original.stan) in adjusted(terminal.journal.history()):
        raise Stop("is_adjusted")
    shown = money.price(terminal.parameters, original.worth)
    await terminal.dialogs.agreed(kind, short(original.masked_pan), shown)
    return original


def follow(t: Transaction, original: Transaction) -> None:
    """Names the original in the record: batch and trace number, date, and the numbers of its answer."""
    t.original_stan = original.stan
    t.original_batch = original.batch
    t.original_date = original.time[4:8]
    t.original_reference = original.reference
    t.original_authorisation = original.authorisation_code


def must_be_card_of(terminal: Terminal, original: Transaction, card: Card) -> None:
    """Raises Stop unless it is the card that the original was done with."""
    if card.pan != _number_of(terminal, original)[0]:
        raise Stop("do_other_card")


def card_of(terminal: Terminal, original: Transaction, kind: str) -> Card:
    """The original's card without the card: its number as the journal has it, as if it were typed in. Raises Stop."""
    card = Card(terminal, kind, original.worth, take_stan(terminal))
    card.pan, card.expiry = _number_of(terminal, original)
    card.sequence_number = original.sequence_number
    return card


def short(masked_pan: str) -> str:
    """A number, masked or not, in fourteen cells: its first six and last four digits."""
    return masked_pan[:6] + "****" + masked_pan[-4:]


def _number_of(terminal: Terminal, original: Transaction) -> "tuple[str, str]":
    try:
        return terminal.vault.unseal(original.sealed_card, original.stan, original.batch)
    except CannotUnseal:
        raise Stop("other_master_key")
