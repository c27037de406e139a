"""Asking for a password. Like a PIN it goes into the caller's buffer and nowhere else."""

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.screen import right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs

LONGEST = 8


async def ask_password(
    dialogs: Dialogs, events: Events, title: str, prompt: str, password: bytearray, shortest: int = 1
) -> int:
    """Number of digits entered into `password` (ASCII, up to its size), shown as asterisks.

    CLEAR takes the last digit back. The bench is told to mask key events meanwhile. Raises Stop on CANCEL and when no
    key comes; the caller wipes the buffer on every path.
    """
    entered = 0
    hint = "digits_keys"
    events.pin_entry(True)
    try:
        while True:
            dialogs.screen.show(text(title), text(prompt), right("*" * entered), text(hint))
            key = await dialogs.key(dialogs.parameters.entry_ms, "help_password")
            hint = "digits_keys"
            if key == keys.ENTER:
                if entered >= shortest:
                    return entered
                hint = "too_short"
            elif key == keys.CLEAR and entered:
                entered -= 1
                password[entered] = 0
            elif keys.digit(key) >= 0 and entered < len(password):
                password[entered] = key
                entered += 1
    finally:
        events.pin_entry(False)
