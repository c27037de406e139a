"""The screen: four rows of sixteen cells, one frame per picture."""

from charset import width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from terminal.board import Display

COLUMNS = 16
ROWS = 4


class Screen:
    """Draws on `display`, which has `clear()`, `text(row, text, inverse=False)` and `show()`."""

    def __init__(self, display: Display) -> None:
        self._display = display
        self._shown: tuple[str, ...] = ("",)
        self.on_show: "Callable[[list[str]], None] | None" = None
        """Hears the rows of each picture."""

    def show(self, title: str, *lines: str, up: bool = False, down: bool = False) -> None:
        """A picture of an inverse title row, if there is a title, and up to three lines below it; commits one frame.

        `up` and `down` say with arrows at the ends of the title row where there is more.
        """
        if up or down:
            title = ("↑" if up else " ") + width.centred(title, COLUMNS - 2) + ("↓" if down else " ")
        self._shown = (title,) + lines  # noqa: RUF005  MicroPython has no star in a tuple
        display = self._display
        display.clear()
        if title:
            display.text(0, centred(title), inverse=True)
        row = 1
        for line in lines:
            if line:
                display.text(row, width.fitting(line, COLUMNS))
            row += 1
        display.show()
        if self.on_show is not None:
            self.on_show([centred(title)] + [width.fitting(line, COLUMNS) for line in lines])

    def fill(self, row: str, inverse: bool) -> None:
        """The same row four times; commits one frame."""
        self._display.clear()
        for number in range(ROWS):
            self._display.text(number, row, inverse=inverse)
        self._display.show()
        if self.on_show is not None:
            self.on_show([row] * ROWS)

    def shown(self) -> tuple[str, ...]:
        """What was given to the last `show`, for a message that will get out of the way again."""
        return self._shown


def centred(text: str) -> str:
    """The text in the middle of a row, padded on both sides to the whole row."""
    return width.centred(text, COLUMNS)


def right(text: str) -> str:
    """The text at the right end of a row."""
    return width.right(text, COLUMNS)
