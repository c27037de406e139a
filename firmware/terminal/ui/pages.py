"""Text longer than the screen, three rows at a time: help, lists, information pages."""

from charset.width import wrapped

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.screen import COLUMNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.ui.dialogs import Dialogs
    from terminal.ui.screen import Screen

_LINES = 3


class Pages:
    """`title` (key of the text table) over lines that UP and DOWN move through; a `\\n` in `body` begins a new line."""

    def __init__(self, screen: Screen, title: str, body: str) -> None:
        self._screen = screen
        self._title = title
        self._rows: list[str] = []
        for line in body.split("\n"):
            self._rows.extend(wrapped(line, COLUMNS))
        self._top = 0

    def show(self) -> None:
        """The lines from the current one on."""
        end = self._top + _LINES
        rows = self._rows[self._top : end]
        self._screen.show(text(self._title), *rows, up=self._top > 0, down=end < len(self._rows))

    def turned(self, key: int) -> bool:
        """Moves if `key` is UP or DOWN. False for every other key."""
        if key == keys.DOWN:
            # A page at a time; the last one is full.
            self._top = max(0, min(self._top + _LINES, len(self._rows) - _LINES))
        elif key == keys.UP:
            self._top = max(0, self._top - _LINES)
        else:
            return False
        self.show()
        return True


async def read_pages(dialogs: Dialogs, title: str, body: str, topic: str = "help_pages") -> None:
    """Lets a person read `body`; ENTER or CANCEL or a minute without a key ends it, other keys do nothing."""
    from terminal.ui.dialogs import Stop

    pages = Pages(dialogs.screen, title, body)
    pages.show()
    try:
        while True:
            key = await dialogs.key(dialogs.parameters.entry_ms, topic)
            if key == keys.ENTER:
                return
            pages.turned(key)
    except Stop:
        return
