"""Asking for a PIN.

The digits go from the keypad's ring, which forgets them as they are read, into the caller's buffer and nowhere else:
no text is ever made of them, the screen gets asterisks, and the bench is told to mask key events meanwhile.
"""

from terminal import money
from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.screen import centred, right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs


async def ask_pin(dialogs: Dialogs, events: Events, amount: int, pin: bytearray) -> int:
    """Number of digits entered into `pin` (ASCII; the buffer has room for the longest PIN that is allowed).

    CLEAR starts again; ENTER on too few digits says so and goes on asking, but on none at all it is 0 if `pin_bypass`.
    Raises Stop on CANCEL and when no key comes. The caller wipes the buffer on every path.
    """
    parameters = dialogs.parameters
    longest = min(parameters.pin_longest, len(pin))
    length = 0
    hint = "pin_keys"
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


def wipe(buffer: bytearray) -> None:
    """Overwrites the buffer with zeros, in place."""
    for i in range(len(buffer)):
        buffer[i] = 0
