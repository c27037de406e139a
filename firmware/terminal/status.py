"""What the idle screen says about the world: the line, the paper, the battery, what waits to be sent."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_MARKS = {None: "·", True: "↔", False: "×"}
_PAPER = {None: "·", True: "■", False: "○"}
_BATTERY = {-1: "?", 0: "!", 1: "▂", 2: "▄", 3: "▆", 4: "▇"}


def status_row(terminal: Terminal, now: str) -> str:
    """hh:mm at the left; at the right marks for line and paper and, if there are any, the number of stored advices and
    the battery."""
    marks = _MARKS[terminal.line.up] + " " + _PAPER[terminal.paper]
    battery = terminal.board.battery
    if battery is not None and battery.level >= -1:
        marks = _BATTERY[battery.level] + " " + marks
    stored = len(terminal.journal.advices) + len(terminal.journal.notices)
    if stored:
        marks = "↑%d " % stored + marks
    clock = now[8:10] + ":" + now[10:12]
    return clock + " " * (16 - len(clock) - len(marks)) + marks
