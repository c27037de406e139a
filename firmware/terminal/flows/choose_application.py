"""Which application on the card: the only one, or the one that the cardholder chooses."""

from binascii import unhexlify

from emv.errors import EmvError

from terminal.i18n import text
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.kernel import Kernel
    from emv.selection import Candidate

    from terminal.app import Terminal
    from terminal.flows.card import Card


async def open_application(card: Card, kernel: Kernel, transaction_type: int, account_type: int | None) -> None:
    """Selects an application and starts it (GET PROCESSING OPTIONS); one that the card refuses now is passed over.

    `transaction_type` is 9C, `account_type` 5F57. Raises Stop when the card has nothing that is accepted here, and on
    CANCEL.
    """
    terminal = card.terminal
    date, time = unhexlify(card.time[2:8]), unhexlify(card.time[8:14])
    await kernel.candidates()
    while kernel.remaining:
        candidate = await _choose(terminal, kernel.remaining)
        terminal.screen.show(text(card.kind), candidate.label, text("reading_card"), text("please_wait"))
        if not await kernel.select(candidate):
            continue
        try:
            await kernel.initiate(card.amount, 0, transaction_type, date, time, card.stan, account_type)
        except EmvError as fault:
            if fault.reason != "RESELECT":
                raise
        else:
            return
    raise Stop("card_not_accepted")


async def _choose(terminal: Terminal, candidates: list[Candidate]) -> Candidate:
    if len(candidates) == 1 and not candidates[0].needs_confirmation:
        return candidates[0]
    labels = [candidate.label for candidate in candidates]
    return candidates[await ask_choice(terminal.dialogs, "choose_app", labels)]
