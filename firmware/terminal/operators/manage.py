"""What the supervisor does about operators, and an operator about the own password."""

from terminal.i18n import text
from terminal.operators import gate
from terminal.operators.roster import LENGTHS, MOST
from terminal.ui.dialogs import Stop
from terminal.ui.digits_entry import ask_digits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def add_operator(terminal: Terminal) -> None:
    """A new number and its first password. The supervisor's password before. Raises Stop."""
    title = "operator_add"
    await gate.supervisor(terminal, title)
    if len(terminal.roster.numbers()) - len(LENGTHS) >= MOST:
        raise Stop("operators_full")

    def taken(number: str) -> str:
        return "operator_taken" if terminal.roster.has(number) else ""

    number = await ask_digits(terminal.dialogs, title, "operator_number", 2, 2, wrong=taken, topic="help_operator")
    await gate.new_password(terminal, title, number)


async def remove_operator(terminal: Terminal) -> None:
    """Takes a number off. The supervisor's password before. Raises Stop."""
    title = "operator_del"
    await gate.supervisor(terminal, title)

    def wrong(number: str) -> str:
        return "" if terminal.roster.has(number) and number not in LENGTHS else "no_operator"

    number = await ask_digits(terminal.dialogs, title, "operator_number", 2, 2, wrong=wrong, topic="help_operator")
    await terminal.dialogs.agreed(title, text("operator_number") + " " + number)
    try:
        terminal.roster.remove(number)
    except OSError:
        raise Stop("flash_fault")
    await terminal.dialogs.message(title, text("done"))


async def list_operators(terminal: Terminal) -> None:
    """All numbers, until ENTER or CANCEL."""
    from terminal.ui.pages import read_pages

    await read_pages(terminal.dialogs, "operator_list", " ".join(terminal.roster.numbers()))


async def change_password(terminal: Terminal) -> None:
    """An operator's own password: the old one, then a new one twice. Raises Stop."""
    title = "password_new"
    number = await gate.operator(terminal, title)
    await gate.new_password(terminal, title, number)


async def sign_in(terminal: Terminal) -> None:
    """An operator begins to work. Raises Stop."""
    terminal.operator = await gate.operator(terminal, "operator_in")
    terminal.locked = False


async def sign_out(terminal: Terminal) -> None:
    """The operator goes; if the settings ask for one, nothing is sold before the next."""
    terminal.operator = ""
    await terminal.dialogs.message("operator_out", text("done"))


async def lock(terminal: Terminal) -> None:
    """Nobody works here until the operator's password is entered."""
    terminal.locked = True


async def unlock(terminal: Terminal) -> None:
    """The password of the operator who is signed on, or the supervisor's number and password. Raises Stop."""
    number = await gate.operator(terminal, "locked")
    if number not in (terminal.operator, "00"):
        raise Stop("other_operator")
    terminal.locked = False
