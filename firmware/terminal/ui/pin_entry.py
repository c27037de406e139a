"""Asking for a PIN.

The digits go from the keypad's ring, which forgets them as they are read, into the caller's buffer and nowhere else:
no text is ever made of them, the screen gets asterisks, and the bench is told to mask key events meanwhile.
"""

import time

from crypto.wiping import wipe

from terminal import money
from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.screen import centred, right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs


async def ask_pin(dialogs: Dialogs, events: Events, amount: int, pin: bytearray) -> int:
    """Number of digits entered into `pin` (ASCII; the buffer has room for the longest PIN that is allowed).

    0 when ENTER alone was pressed, where the settings allow that (`pin_bypass`). CLEAR starts again; ENTER on too few
    digits says so and goes on asking. Between two entries `pin_interval_ms` pass, so nobody can try many. Raises Stop
    on CANCEL and when no key comes. The caller wipes the buffer on every path.
    """
    parameters = dialogs.parameters
    longest = min(parameters.pin_longest, len(pin))
    length = 0
    hint = "pin_bypass_keys" if parameters.pin_bypass else "pin_keys"
    await _keep_interval(dialogs)
    events.pin_entry(True)
    try:
        dialogs.keypad.flush()
        while True:
            dialogs.screen.show(
                text("enter_pin"), right(money.price(parameters, amount)), centred("*" * length), text(hint)
            )
            key = await dialogs.key(parameters.pin_ms, "help_pin")
            hint = "pin_keys"
            if key == keys.ENTER:
                if length >= parameters.pin_shortest or (parameters.pin_bypass and not length):
                    return length
                hint = "pin_too_short" if length else "pin_required"
            elif key == keys.CLEAR:
                wipe(pin)
                length = 0
            elif keys.digit(key) >= 0 and length < longest:
                pin[length] = key
                length += 1
    finally:
        events.pin_entry(False)
        dialogs.pin_asked_ms = time.ticks_ms()


async def _keep_interval(dialogs: Dialogs) -> None:
    """Waits until the last PIN entry is long enough ago; keys are forgotten, but CANCEL. Raises Stop."""
    asked, interval = dialogs.pin_asked_ms, dialogs.parameters.pin_interval_ms
    while asked is not None:
        gone = time.ticks_diff(time.ticks_ms(), asked)
        # A negative difference is an entry so long ago (days) that the ticks have gone round.
        if not 0 <= gone < interval:
            return
        dialogs.screen.show(text("enter_pin"), "", text("please_wait"))
        try:
            await dialogs.key(interval - gone)
        except Stop as stop:
            if stop.why != "timed_out":
                raise
