"""The questions before a door: a password, and what follows from a right or a wrong one."""

import time

from terminal.i18n import text
from terminal.operators.roster import ADMIN, LENGTHS, OPERATOR_LENGTH, SUPERVISOR, is_weak
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.operators.roster import Roster


async def supervisor(terminal: Terminal, title: str) -> None:
    """Lets the supervisor pass, and nobody else. Raises Stop."""
    await _pass(terminal, title, SUPERVISOR, "supervisor_password")


async def admin(terminal: Terminal, title: str) -> None:
    """Lets the admin pass, and nobody else. Raises Stop."""
    await _pass(terminal, title, ADMIN, "admin_password")


async def operator(terminal: Terminal, title: str) -> str:
    """Asks for a number and its password; the number of the operator who may work now. Raises Stop."""
    from terminal.ui.digits_entry import ask_digits

    def unknown(number: str) -> str:
        return "" if terminal.roster.has(number) and number != ADMIN else "no_operator"

    number = await ask_digits(terminal.dialogs, title, "operator_number", 2, 2, wrong=unknown, topic="help_operator")
    await _pass(terminal, title, number, "password")
    return number


async def _pass(terminal: Terminal, title: str, number: str, prompt: str) -> None:
    from crypto.wiping import wipe

    from terminal.ui.password_entry import LONGEST, ask_password

    roster = terminal.roster
    _refuse_while_locked(terminal, number)
    length = LENGTHS.get(number, OPERATOR_LENGTH)
    password = bytearray(LONGEST)
    while True:
        try:
            size = await ask_password(terminal.dialogs, terminal.board.events, title, prompt, password, length)
            right = roster.check(number, memoryview(password)[:size])
        except OSError:
            raise Stop("flash_fault")
        finally:
            wipe(password)
        if right:
            break
        _refuse_while_locked(terminal, number)
        await terminal.dialogs.message(title, text("wrong_password"))
    if roster.has_default(number) and terminal.parameters.change_defaults:
        await terminal.dialogs.message(title, text("default_password"), text("choose_another"))
        await new_password(terminal, title, number)


def _refuse_while_locked(terminal: Terminal, number: str) -> None:
    """Raises Stop while a number is locked: from the last attempt that was too much, or from the start after it."""
    roster: Roster = terminal.roster
    if roster.wrong_attempts(number) < terminal.parameters.password_tries:
        return
    now = time.ticks_ms()
    since = roster.locked_since.setdefault(number, now)
    if time.ticks_diff(now, since) < terminal.parameters.lock_ms:
        raise Stop("password_locked")
    del roster.locked_since[number]
    roster.forgive(number)


async def new_password(terminal: Terminal, title: str, number: str) -> None:
    """Asks for a new password twice and keeps it. Raises Stop."""
    from crypto.wiping import wipe

    from terminal.ui.password_entry import LONGEST, ask_password

    length = LENGTHS.get(number, OPERATOR_LENGTH)
    dialogs, events = terminal.dialogs, terminal.board.events
    password, again = bytearray(LONGEST), bytearray(LONGEST)
    first = memoryview(password)[:length]
    try:
        while True:
            if await ask_password(dialogs, events, title, "new_password", password, length) != length:
                await dialogs.message(title, text("password_length") + " %d" % length)
            elif is_weak(first):
                await dialogs.message(title, text("password_weak"), text("choose_another"))
            else:
                await ask_password(dialogs, events, title, "password_again", again, length)
                if again == password:
                    break
                await dialogs.message(title, text("passwords_differ"))
            wipe(password)
            wipe(again)
        terminal.roster.set_password(number, first)
    except OSError:
        raise Stop("flash_fault")
    finally:
        wipe(password)
        wipe(again)
    await dialogs.message(title, text("password_changed"))
