"""Asking for a component of a key: 32 hexadecimal digits, of which nothing is ever shown.

They go from the keypad's ring into the caller's buffer and nowhere else. The keypad has no letters: UP before a digit
from 1 to 6 makes A to F of it.
"""

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.screen import COLUMNS, right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Events
    from terminal.ui.dialogs import Dialogs

_LETTERS = 6


async def ask_component(dialogs: Dialogs, events: Events, title: str, prompt: str, key: bytearray) -> None:
    """Fills `key` with two digits a byte; `title` is a key of the text table, `prompt` ready words.

    CLEAR takes the last digit back, ENTER is heard when all are there. The bench is told to mask key events meanwhile.
    Raises Stop on CANCEL and when no key comes; the caller wipes the buffer on every path.
    """
    most = 2 * len(key)
    entered = 0
    letter = False
    hint = "hex_keys"
    events.pin_entry(True)
    try:
        dialogs.keypad.flush()
        while True:
            stars = "*" * min(entered, COLUMNS - 6)
            dialogs.screen.show(text(title), prompt, right(stars + " %d/%d" % (entered, most)), text(hint))
            pressed = await dialogs.key(dialogs.parameters.entry_ms, "help_component")
            hint = "hex_keys"
            digit = keys.digit(pressed)
            if pressed == keys.UP:
                letter = not letter
            elif pressed == keys.ENTER:
                if entered == most:
                    return
                hint = "too_short"
            elif pressed == keys.CLEAR:
                letter = False
                if entered:
                    entered -= 1
                    _put(key, entered, 0)
            elif entered < most and (0 <= digit if not letter else 1 <= digit <= _LETTERS):
                _put(key, entered, digit + 9 if letter else digit)
                letter = False
                entered += 1
            if letter:
                hint = "hex_letters"
    finally:
        events.pin_entry(False)


def _put(key: bytearray, at: int, nibble: int) -> None:
    shift = 0 if at & 1 else 4
    key[at >> 1] = key[at >> 1] & (0xF0 if at & 1 else 0x0F) | nibble << shift
