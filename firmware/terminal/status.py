"""What the idle screen says about the world: the line, the paper, what waits to be sent."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.board import Line, Reader, Writer

_MARKS = {None: "·", True: "↔", False: "×"}
_PAPER = {None: "·", True: "■", False: "○"}


class WatchedLine:
    """The board's line; `up` says whether it could be opened the last time that it was wanted, None before that."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.up: bool | None = None
        self.failures = 0
        """Since the start."""
        self.answered = 0
        """Answers that belonged to their requests, since the start."""
        self.wishes = ""
        """Processing requests out of the host's headers that nobody has seen to yet, one digit each."""

    async def open(self) -> "tuple[Reader, Writer]":
        """As `Line.open`."""
        self.up = False
        self.failures += 1
        streams = await self._line.open()
        self.failures -= 1
        self.up = True
        return streams

    def wish(self, digit: str) -> None:
        """Takes the processing request of a header: "0" is none, and one that is known already is not taken twice."""
        if digit in "1234567" and digit not in self.wishes:
            self.wishes += digit


def status_row(time: str, line: "bool | None", paper: "bool | None", stored: int) -> str:
    """hh:mm at the left; at the right marks for line and paper and, if there are any, the number of stored advices."""
    marks = _MARKS[line] + " " + _PAPER[paper]
    if stored:
        marks = "↑%d " % stored + marks
    clock = time[8:10] + ":" + time[10:12]
    return clock + " " * (16 - len(clock) - len(marks)) + marks
