"""The card slot as the flows see it: wait for a card, talk to it, get it out again.

What the slot's driver raises is a fault with a `reason`; here it becomes the end of the transaction with a text.
"""

import asyncio

from iso7816.errors import CardError

from terminal.i18n import text
from terminal.ui.dialogs import Stop
from terminal.ui.waits import TIMED_OUT, first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_TEXTS = {"REMOVED": "card_removed", "MUTE": "card_mute", "TIMEOUT": "card_mute"}
_BEEP_MS = 100
_BEEP_HZ = 2700


async def wait_for_card(terminal: Terminal, title: str, line: str) -> None:
    """Asks for the card and powers it up; `title` is a key of the text table.

    Raises Stop on CANCEL, when none comes, and when it stays mute.
    """
    card = terminal.board.card
    terminal.screen.show(text(title), line, text("insert_card"), text("cancel_key"))
    if not card.present():
        cancel = terminal.dialogs.cancel("help_card")
        first, _ = await first_of(terminal.parameters.card_ms, card.wait_present(), cancel)
        if first == 1:
            raise Stop("cancelled")
        if first == TIMED_OUT:
            raise Stop("timed_out")
    terminal.screen.show(text(title), line, text("reading_card"), text("please_wait"))
    try:
        await card.activate()
    except CardError as fault:
        raise _stop_for(fault)


async def exchange_with(terminal: Terminal, apdu: bytes) -> bytes:
    """One command and its response (data, SW1, SW2). Raises Stop when the card is gone or does not behave."""
    try:
        return await terminal.board.card.exchange(apdu)
    except CardError as fault:
        raise _stop_for(fault)


def _stop_for(fault: CardError) -> Stop:
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
    terminal.screen.show(text(title), lines[0], lines[1], text("remove_card"))
    pause = terminal.parameters.reminder_ms - _BEEP_MS
    while card.present():
        await terminal.board.buzzer.beep(_BEEP_MS, _BEEP_HZ)
        try:
            await asyncio.wait_for_ms(card.wait_removed(), pause)
        except asyncio.TimeoutError:
            pass
    terminal.board.keypad.flush()
