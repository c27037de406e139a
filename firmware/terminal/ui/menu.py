"""Choosing one of several: three lines at a time, by digit, or by UP and DOWN and ENTER."""

from terminal.i18n import text
from terminal.ui import keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.ui.dialogs import Dialogs

_LINES = 3
_MOST = 9


async def ask_choice(dialogs: Dialogs, title: str, choices: "list[str]") -> int:
    """Index of the chosen line (of at most nine). Raises Stop on CANCEL and when no key comes."""
    count = min(len(choices), _MOST)
    marked = 0
    while True:
        top = max(0, marked - _LINES + 1)
        lines = []
        for index in range(top, min(top + _LINES, count)):
            lines.append("%s%d %s" % (">" if index == marked else " ", index + 1, choices[index]))
        dialogs.screen.show(text(title), *lines, up=top > 0, down=top + _LINES < count)
        key = await dialogs.key(dialogs.parameters.entry_ms, "help_menu")
        if key == keys.ENTER:
            return marked
        if key == keys.UP:
            marked = max(0, marked - 1)
        elif key == keys.DOWN:
            marked = min(count - 1, marked + 1)
        elif 1 <= keys.digit(key) <= count:
            return keys.digit(key) - 1
