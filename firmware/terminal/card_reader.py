"""The card slot as the flows see it: talk to the card, get it out again.

What the slot's driver raises is a fault with a `reason`; here it becomes the end of the transaction with a text.
"""

import asyncio

from iso7816.errors import CardError

from terminal.i18n import text
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_TEXTS = {"REMOVED": "card_removed", "MUTE": "card_mute", "TIMEOUT": "card_mute"}
_BEEP_MS = 100
_BEEP_HZ = 2700


async def exchange_with(terminal: Terminal, apdu: bytes) -> bytes:
    """One command and its response (data, SW1, SW2). Raises Stop when the card is gone or does not behave."""
    try:
        return await terminal.board.card.exchange(apdu)
    except CardError as fault:
        raise stop_for(fault)


def stop_for(fault: CardError) -> Stop:
    """What a fault of the card means for the transaction."""
    return Stop(_TEXTS.get(fault.reason, "card_fault"), fault.reason)


async def remove_card(terminal: Terminal, title: str, *lines: str) -> None:
    """Shows how it ended until the card is out, with a beep every `reminder_ms`.

    Without a card in the slot it is an ordinary message: until a key, at most `message_ms`.
    """
    card = terminal.board.card
    card.deactivate()
    if not card.present():
        await terminal.dialogs.message(title, *lines)
        return
    await wait_until_out(terminal, title, lines[0], lines[1])


async def wait_until_out(terminal: Terminal, title: str, *lines: str) -> None:
    """Asks for the card to be taken, with a beep every `reminder_ms`, until it is."""
    card = terminal.board.card
    terminal.screen.show(text(title), lines[0], lines[1], text("remove_card"))
    pause = terminal.parameters.reminder_ms - _BEEP_MS
    while card.present():
        await terminal.board.buzzer.beep(_BEEP_MS, _BEEP_HZ)
        try:
            await asyncio.wait_for_ms(card.wait_removed(), pause)
        except asyncio.TimeoutError:
            pass
    terminal.board.keypad.flush()
