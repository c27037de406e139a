"""Testing the device's parts, one after the other, with a person who says what is to be seen and heard."""

from terminal.i18n import text
from terminal.ui import keys
from terminal.ui.dialogs import Stop
from terminal.ui.menu import ask_choice
from terminal.ui.screen import COLUMNS
from terminal.ui.waits import TIMED_OUT, first_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_BEEP_MS = 200
_BEEP_HZ = 2700
_KEYS = b"1234567890*#"
_NAMED = (
    (keys.CLEAR, "CLEAR"),
    (keys.ENTER, "ENTER"),
    (keys.MENU, "MENU"),
    (keys.FN, "FN"),
    (keys.UP, "UP"),
    (keys.DOWN, "DOWN"),
    (keys.FEED, "FEED"),
)
_LEDS = ("green", "yellow", "red", "blue")


async def self_test(terminal: Terminal) -> None:
    """Lets a person choose a part and tests it, until CANCEL. Raises Stop."""
    names = [name for name, _ in _TESTS]
    while True:
        chosen = await ask_choice(terminal.dialogs, "self_test", [text(name) for name in names])
        try:
            await _TESTS[chosen][1](terminal)
        except Stop as stop:
            if stop.why == "timed_out":
                raise
            if stop.why != "cancelled":
                await terminal.dialogs.message(_TESTS[chosen][0], text("not_done"), text(stop.why), stop.detail)


async def screen_test(terminal: Terminal) -> None:
    """All dots dark, all lit, stripes: a dead row or column shows in one of them."""
    for rows in ((" " * COLUMNS, False), (" " * COLUMNS, True), ("# " * (COLUMNS // 2), False)):
        terminal.screen.fill(*rows)
        await terminal.dialogs.pause(terminal.parameters.entry_ms)


async def keypad_test(terminal: Terminal) -> bool:
    """Every key once: those that were not pressed yet are on the screen. CANCEL, pressed last, ends the test.

    True when all of them came.
    """
    dialogs = terminal.dialogs
    missing = [chr(code) for code in _KEYS]
    missing.extend([name for _, name in _NAMED])
    while missing:
        digits = "".join([name for name in missing if len(name) == 1])
        others = " ".join([name for name in missing if len(name) > 1])
        terminal.screen.show(text("test_keypad"), digits, others[:COLUMNS], text("cancel_key"))
        first, key = await first_of(dialogs.parameters.entry_ms, terminal.board.keypad.get())
        if first == TIMED_OUT or key == keys.CANCEL:
            await dialogs.message("test_keypad", text("not_done"), digits, others[:COLUMNS])
            return False
        name = dict(_NAMED).get(key) or chr(key)
        if name in missing:
            missing.remove(name)
    await dialogs.message("test_keypad", text("test_passed"))
    return True


async def printer_test(terminal: Terminal) -> bool:
    """Prints the test slip; False when the printer failed and somebody gave up."""
    from terminal.printing import print_slip
    from terminal.slips.paper import paper_of
    from terminal.slips.test_slip import test_slip

    terminal.screen.show(text("test_printer"), text("printing"))
    paper = paper_of(terminal.board.printer, terminal.parameters)
    return await print_slip(terminal, lambda: test_slip(terminal, paper))


async def _card(terminal: Terminal) -> None:
    """A card goes in, answers to reset, and comes out again."""
    from binascii import hexlify

    from iso7816.errors import CardError

    dialogs, card = terminal.dialogs, terminal.board.card
    terminal.screen.show(text("test_card"), text("insert_card"), "", text("cancel_key"))
    if not card.present():
        cancel = dialogs.cancel("help_card")
        first, _ = await first_of(terminal.parameters.card_ms, card.wait_present(), cancel)
        if first != 0:
            raise Stop("cancelled")
    try:
        atr = hexlify(await card.activate()).decode().upper()
        shown = ("ATR " + atr[:12], atr[12 : 12 + COLUMNS])
    except CardError as fault:
        shown = (text("card_fault"), fault.reason)
    card.deactivate()
    terminal.screen.show(text("test_card"), shown[0], shown[1], text("remove_card"))
    await card.wait_removed()
    terminal.board.keypad.flush()


async def _sound(terminal: Terminal) -> None:
    terminal.screen.show(text("test_sound"), text("test_listen"))
    for name in _LEDS:
        terminal.board.leds.set(name, True)
        await terminal.board.buzzer.beep(_BEEP_MS, _BEEP_HZ)
        terminal.board.leds.set(name, False)
    await terminal.dialogs.message("test_sound", text("done"))


async def _printer_state(terminal: Terminal) -> None:
    from terminal.care.printer_state import printer_state

    await printer_state(terminal)


async def _line(terminal: Terminal) -> None:
    from terminal.line.diagnosis import line_test

    await line_test(terminal)


_TESTS = (
    ("test_screen", screen_test),
    ("test_keypad", keypad_test),
    ("test_printer", printer_test),
    ("test_card", _card),
    ("test_sound", _sound),
    ("test_line", _line),
    ("printer_state", _printer_state),
)
