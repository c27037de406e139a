"""What the idle screen says about the world: the line, the paper, what waits to be sent."""

_MARKS = {None: "·", True: "↔", False: "×"}
_PAPER = {None: "·", True: "■", False: "○"}


def status_row(time: str, line: "bool | None", paper: "bool | None", stored: int) -> str:
    """hh:mm at the left; at the right marks for line and paper and, if there are any, the number of stored advices."""
    marks = _MARKS[line] + " " + _PAPER[paper]
    if stored:
        marks = "↑%d " % stored + marks
    clock = time[8:10] + ":" + time[10:12]
    return clock + " " * (16 - len(clock) - len(marks)) + marks
