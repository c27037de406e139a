"""What the idle screen says about the world: the line, the paper, the battery, what waits to be sent."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.board import Wifi

_MARKS = {None: "·", True: "↔", False: "×"}
_PAPER = {None: "·", True: "■", False: "○"}
_BATTERY = {-1: "?", 0: "!", 1: "▂", 2: "▄", 3: "▆", 4: "▇"}

_SIGNAL = "▂▄▆▇"
_WEAK_DBM = -80
_STEP_DB = 10


def signal(rssi: int) -> str:
    """A bar of four heights for dBm; a cross for 0, which is no network."""
    if not rssi:
        return "×"
    return _SIGNAL[max(0, min(3, (rssi - _WEAK_DBM) // _STEP_DB + 1))]


def carrier(terminal: Terminal) -> Wifi | None:
    """The Wi-Fi, where it carries the line to the host."""
    return None if terminal.parameters.line == "serial" else terminal.board.wifi


def status_row(terminal: Terminal, now: str) -> str:
    """hh:mm at the left; at the right marks for line and paper and, if there are any, the number of stored advices, the
    battery and the signal of the Wi-Fi, beside the line that it carries."""
    marks = _MARKS[terminal.line.up] + " " + _PAPER[terminal.paper]
    wifi = carrier(terminal)
    if wifi is not None:
        marks = signal(wifi.rssi()) + marks
    battery = terminal.board.battery
    if battery is not None and battery.level >= -1:
        marks = _BATTERY[battery.level] + " " + marks
    stored = len(terminal.journal.advices) + len(terminal.journal.notices)
    if stored:
        marks = "↑%d " % stored + marks
    clock = now[8:10] + ":" + now[10:12]
    return clock + " " * (16 - len(clock) - len(marks)) + marks
