"""The menus, as data: what there is to choose, and what it does.

An entry is a key of the text table and a function of the terminal. Every entry does what it says: one whose flow is not
there yet is not there either. Flows are imported by the function that starts them, and by nobody else.
"""

from terminal.i18n import text
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable

    from terminal.app import Terminal

    Entry = tuple[str, Callable[[Terminal], Awaitable[Any]]]


async def open_menu(terminal: Terminal, title: str, entries: "tuple[Entry, ...]") -> bool:
    """Lets a person choose, and does it. False when CANCEL leads back to where the menu was opened.

    Raises Stop when no key comes.
    """
    names = [text(name) for name, _ in entries]
    while True:
        try:
            chosen = await ask_choice(terminal.dialogs, title, names)
        except Stop as stop:
            if stop.why == "cancelled":
                return False
            raise
        if await entries[chosen][1](terminal) is not False:
            return True


async def main_menu(terminal: Terminal) -> bool:
    """What MENU and ENTER open on the idle screen."""
    return await open_menu(terminal, "menu", MAIN)


async def _sale(terminal: Terminal) -> None:
    await terminal.sale()


async def _sign_on(terminal: Terminal) -> None:
    await terminal.sign_on()


async def _info(terminal: Terminal) -> None:
    from terminal.care.info import show_info

    await show_info(terminal)


async def _reprint(terminal: Terminal) -> None:
    from terminal.reprint import reprint_last

    await reprint_last(terminal)


async def _reprint_any(terminal: Terminal) -> None:
    from terminal.reprint import reprint_any

    await reprint_any(terminal)


async def _codes(terminal: Terminal) -> None:
    from terminal.care.code_lookup import look_up_code

    await look_up_code(terminal)


async def _language(terminal: Terminal) -> None:
    from terminal.care.language import choose_language

    await choose_language(terminal)


async def _print(terminal: Terminal) -> bool:
    return await open_menu(terminal, "print", PRINT)


async def _manage(terminal: Terminal) -> bool:
    return await open_menu(terminal, "manage", MANAGE)


MAIN = (
    ("sale", _sale),
    ("print", _print),
    ("manage", _manage),
)
PRINT = (
    ("reprint", _reprint),
    ("reprint_any", _reprint_any),
)
MANAGE = (
    ("sign_on", _sign_on),
    ("info", _info),
    ("code_lookup", _codes),
    ("language", _language),
)
