"""The guided commissioning: what an installer does between unpacking a terminal and its first customer, in order.

Each step says what it is; ENTER does it, DOWN passes over one that the terminal can do without, UP goes back, CANCEL
leaves. What comes next is on flash before it begins, so the guide goes on there after a power cut, a week or a
coffee. A step that fails says why, and is there again.
"""

from terminal.care.progress import STEPS
from terminal.i18n import text
from terminal.status import carrier
from terminal.ui import keys
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_TITLE = "commission"


async def begin_again(terminal: Terminal) -> None:
    """From the first step, for the admin. Raises Stop."""
    from terminal.operators import gate

    await gate.admin(terminal, _TITLE)
    await _go_to(terminal, 0)
    await commission(terminal)


async def commission(terminal: Terminal) -> None:
    """The steps from the one that is next. Raises Stop when somebody leaves, or nobody comes."""
    progress = terminal.progress
    while progress.under_way:
        step = progress.step
        key = await _ask(terminal, step)
        if key == keys.UP:
            await _go_to(terminal, max(0, step - 1))
        elif key == keys.DOWN or await _done(terminal, step):
            await _go_to(terminal, step + 1)
    await terminal.dialogs.message(_TITLE, text("commissioned"))


async def _ask(terminal: Terminal, step: int) -> int:
    """ENTER, UP or DOWN; DOWN only for a step that may be passed over."""
    may_pass = _may_pass(terminal, STEPS[step])
    hint = text("step_keys" if may_pass else "step_must_keys")
    title = text(_TITLE) + " %d/%d" % (step + 1, len(STEPS))
    with_wifi = STEPS[step] == "test_line" and carrier(terminal) is not None
    terminal.screen.show(title, text(STEPS[step]), text("with_wifi") if with_wifi else "", hint)
    while True:
        key = await terminal.dialogs.key(terminal.parameters.entry_ms, "help_commission")
        if key in (keys.ENTER, keys.UP) or (key == keys.DOWN and may_pass):
            return key


def _may_pass(terminal: Terminal, name: str) -> bool:
    """False for what nothing works without and is not there yet."""
    if name == "load_key":
        return terminal.has_master_key
    return name != "sign_on" or terminal.keys.ready


async def _done(terminal: Terminal, step: int) -> bool:
    """True when the step came to its end. CANCEL in the middle of it goes back to the guide."""
    try:
        await _DEEDS[STEPS[step]](terminal)
    except Stop as stop:
        if stop.why != "cancelled":
            await terminal.dialogs.message(STEPS[step], text("not_done"), text(stop.why), stop.detail)
        return False
    return True


async def _go_to(terminal: Terminal, step: int) -> None:
    try:
        terminal.progress.go_to(step)
    except OSError:
        raise Stop("flash_fault")


async def _language(terminal: Terminal) -> None:
    from terminal.care.language import choose_language

    await choose_language(terminal)


async def _date(terminal: Terminal) -> None:
    from terminal.ui.digits_entry import ask_day, ask_time

    now = terminal.clock.now()
    day = await ask_day(terminal.dialogs, "date", "date_day", now[:8])
    terminal.clock.set(day + await ask_time(terminal.dialogs, "date", "date_time", now[8:12]))


async def _screen(terminal: Terminal) -> None:
    from terminal.care.self_test import screen_test

    await screen_test(terminal)
    await terminal.dialogs.agreed("test_screen", text("test_seen"))


async def _keypad(terminal: Terminal) -> None:
    from terminal.care.self_test import keypad_test

    if not await keypad_test(terminal):
        raise Stop("cancelled")


async def _printer(terminal: Terminal) -> None:
    from terminal.care.self_test import printer_test

    if not await printer_test(terminal):
        raise Stop("printer_fault")


async def _shop(terminal: Terminal) -> None:
    """Merchant and terminal number, by the admin. They name what is in the journal: that goes first."""
    from terminal.operators import gate
    from terminal.ui.digits_entry import ask_digits

    p = terminal.parameters
    await gate.admin(terminal, "setup_shop")
    merchant = await ask_digits(terminal.dialogs, "setup_shop", "set_merchant", 15, 15, start=p.merchant)
    number = await ask_digits(terminal.dialogs, "setup_shop", "set_terminal", 8, 8, start=p.terminal)
    if (merchant, number) == (p.merchant, p.terminal):
        return
    if terminal.journal.count:
        raise Stop("settle_first")
    try:
        p.change({"merchant": merchant, "terminal": number})
    except OSError:
        raise Stop("flash_fault")


async def _line(terminal: Terminal) -> None:
    from terminal.line.diagnosis import line_test

    if carrier(terminal) is not None:
        from terminal.care.wifi import be_in_a_network

        await be_in_a_network(terminal)
    await line_test(terminal)


async def _key(terminal: Terminal) -> None:
    from terminal.care.load_key import load_master_key

    await load_master_key(terminal)


async def _echo(terminal: Terminal) -> None:
    from terminal.flows.echo import echo

    await echo(terminal)


async def _sign_on(terminal: Terminal) -> None:
    await terminal.sign_on()
    if not terminal.keys.ready:
        raise Stop("cancelled")


async def _test_sale(terminal: Terminal) -> None:
    await terminal.sale()


_DEEDS = {
    "language": _language,
    "date": _date,
    "test_screen": _screen,
    "test_keypad": _keypad,
    "test_printer": _printer,
    "setup_shop": _shop,
    "test_line": _line,
    "load_key": _key,
    "echo": _echo,
    "sign_on": _sign_on,
    "test_sale": _test_sale,
}
