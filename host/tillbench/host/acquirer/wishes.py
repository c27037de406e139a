"""What the host wishes a terminal to do after its next transaction: the header's processing request, one at a time."""

from tillbench.host.acquirer.schema import Terminal

NOTHING = "0"
LOAD_PARAMETERS = "1"
SEND_STATUS = "2"
SIGN_ON_AGAIN = "3"
LOAD_CA_KEYS = "4"
LOAD_AIDS = "5"
UPDATE_SOFTWARE = "6"
LOAD_BLACKLIST = "7"
ALL = "1234567"


def wish(terminal: Terminal, what: str) -> None:
    """Remember a wish until it is met. Raises ValueError for what no digit of the header asks for."""
    if len(what) != 1 or what not in ALL:
        raise ValueError(f"processing request: expected one digit of {ALL}, found {what!r}")
    if what not in terminal.wishes:
        terminal.wishes += what


def meet(terminal: Terminal, what: str) -> None:
    """The terminal has done it."""
    terminal.wishes = terminal.wishes.replace(what, "")


def next_wish(terminal: Terminal | None) -> str:
    """The digit for the header of an answer. No message tells of new software, so that wish is told once."""
    what = terminal.facts.wishes[:1] or NOTHING if terminal else NOTHING
    if terminal and what == UPDATE_SOFTWARE:
        meet(terminal, what)
    return what
