"""The setup menu: every setting of a terminal, for the admin, from `parameters.schema`."""

from terminal import i18n
from terminal.i18n import text
from terminal.operators import gate
from terminal.parameters import CHOICES, DIGITS, GROUPS, HOSTS, ParameterError, schema
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal


async def set_up(terminal: Terminal) -> None:
    """Asks for the admin's password, then for a group and a setting and its value, until CANCEL. Raises Stop."""
    await gate.admin(terminal, "setup")
    while True:
        group = GROUPS[await ask_choice(terminal.dialogs, "setup", [text(group) for group in GROUPS])]
        await _set_up_group(terminal, group)


async def _set_up_group(terminal: Terminal, group: str) -> None:
    names = [row[0] for row in schema() if row[1] == group]
    while True:
        try:
            chosen = await ask_choice(terminal.dialogs, group, [text("set_" + name) for name in names])
            await _ask_and_set(terminal, names[chosen])
        except Stop as stop:
            if stop.why == "cancelled":
                return
            raise


async def _ask_and_set(terminal: Terminal, name: str) -> None:
    title = "set_" + name
    value = await _ask(terminal, name, title)
    try:
        terminal.parameters.set(name, value)
    except ParameterError as wrong:
        return await terminal.dialogs.message(title, text("not_possible"), wrong.expected)
    except OSError:
        return await terminal.dialogs.message(title, text("flash_fault"))
    if name == "language":
        i18n.use(terminal.parameters.language)
    await terminal.dialogs.message(title, str(value), text("done"))


async def _ask(terminal: Terminal, name: str, title: str) -> "str | int":
    """A value that the keypad can give; letters can only be set over the link. Raises Stop."""
    from terminal.ui.digits_entry import ask_digits

    current = getattr(terminal.parameters, name)
    low, high = next((row[2], row[3]) for row in schema() if row[0] == name)
    if name in CHOICES:
        return CHOICES[name][await ask_choice(terminal.dialogs, title, list(CHOICES[name]))]
    if isinstance(current, int):
        if high == 1:
            return 1 - await ask_choice(terminal.dialogs, title, [text("yes"), text("no")])

        def out_of_range(digits: str) -> str:
            return "" if low <= int(digits) <= high else "out_of_range"

        prompt = "%d..%d" % (low, high)
        shown = str(current)
        return int(
            await ask_digits(terminal.dialogs, title, prompt, 1, len(str(high)), wrong=out_of_range, start=shown)
        )
    if name in DIGITS or name == "terminal":
        return await ask_digits(terminal.dialogs, title, "new_value", low, high, start=current)
    if name in HOSTS:
        return await ask_digits(terminal.dialogs, title, "host_keys", low, high, start=current, dots=True)
    await terminal.dialogs.message(title, current, text("over_the_link"))
    raise Stop("cancelled")
