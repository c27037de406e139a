"""What people do at the keypad: CANCEL everywhere, nothing at all, too little, the wrong thing, too fast."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import shop


@pytest.fixture
def till_options(till_options: Options) -> Options:
    """Keys that bounce."""
    return replace(till_options, fast_keys=False)


def at_amount(terminal: Terminal) -> None:
    terminal.press("1 2 3")
    shop.wait(terminal, "RMB 1.23")


def at_card(terminal: Terminal) -> None:
    shop.key_in(terminal)


def at_application(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.insert("unionpay-confirm")
    shop.wait(terminal, "APPLICATION")


def at_pin(terminal: Terminal) -> None:
    shop.key_in(terminal)
    assert "ENTER PIN" in shop.present(terminal)


def at_half_a_pin(terminal: Terminal) -> None:
    at_pin(terminal)
    terminal.press("1 2 3")


SCREENS = [at_amount, at_card, at_application, at_pin, at_half_a_pin]


def check_nothing_was_asked(terminal: Terminal) -> None:
    assert [e.mti for e in terminal.acquirer.journal()] == ["0800"]
    assert shop.movements(terminal) == []
    shop.check_next_sale(terminal)


def leave_idle(terminal: Terminal) -> None:
    """The card out, if there is one, and the idle screen."""
    if terminal.card.inserted:
        assert "REMOVE CARD" in terminal.screen.text
        terminal.card.remove()
    shop.idle(terminal)


def test_cancel_at_every_screen(terminal: Terminal) -> None:
    for reach in SCREENS:
        reach(terminal)
        terminal.press("CANCEL")
        assert "CANCELLED" in shop.wait(terminal, "NOT APPROVED"), reach.__name__
        leave_idle(terminal)
    check_nothing_was_asked(terminal)


def test_nobody_does_anything_at_any_screen(terminal: Terminal) -> None:
    for reach in SCREENS:
        reach(terminal)
        before = terminal.clock.now_s
        assert "TIME IS OVER" in shop.wait(terminal, "NOT APPROVED"), reach.__name__
        seconds = 30 if reach is at_card else 60
        assert seconds - 2 < terminal.clock.now_s - before <= seconds + 1, reach.__name__
        leave_idle(terminal)
    check_nothing_was_asked(terminal)


def test_menu_is_left_by_cancel_and_by_time(terminal: Terminal) -> None:
    terminal.press("MENU")
    shop.wait(terminal, "VOID")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.menu("MANAGEMENT")
    shop.wait(terminal, "SIGN ON")
    terminal.press("CANCEL")
    shop.wait(terminal, "MENU")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.menu("MANAGEMENT")
    shop.wait(terminal, "SIGN ON")
    terminal.clock.advance(61)
    assert shop.IDLE in terminal.screen.text
    terminal.menu("MANAGEMENT", "TERMINAL INFO")
    shop.wait(terminal, "898110053110001")
    terminal.press("DOWN")
    shop.wait(terminal, "12345678")
    terminal.clock.advance(61)
    assert shop.IDLE in terminal.screen.text
    check_nothing_was_asked(terminal)


def test_message_goes_by_itself_or_by_a_key(terminal: Terminal) -> None:
    for keys in ("", "ENTER"):
        shop.key_in(terminal)
        terminal.press("CANCEL")
        shop.wait(terminal, "CANCELLED")
        before = terminal.clock.now_s
        if keys:
            terminal.press(keys)
        shop.idle(terminal)
        assert (terminal.clock.now_s - before < 1) == bool(keys)


def test_keys_that_mean_nothing_change_nothing(terminal: Terminal) -> None:
    terminal.press("0 UP DOWN FEED * #")
    terminal.clock.advance(1)
    assert shop.IDLE in terminal.screen.text, "an amount does not begin with zero"
    terminal.press("1 * 2 UP # 3 DOWN FEED MENU 4 ENTER")
    shop.wait(terminal, "INSERT CARD")
    terminal.press("1 ENTER MENU UP")
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "ENTER PIN")
    terminal.press("1 * 2 # 3 UP 4 MENU 5 FEED 6 ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -1234)]


def test_help_comes_over_any_question_and_goes_again(terminal: Terminal) -> None:
    terminal.press("FN")
    shop.wait(terminal, "begin a sale")
    terminal.press("DOWN")
    shop.wait(terminal, "everything else")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.press("1 2 FN")
    shop.wait(terminal, "HELP")
    terminal.press("CANCEL")
    assert "RMB 0.12" in shop.wait(terminal, "AMOUNT")
    terminal.press("3 4 ENTER")
    shop.wait(terminal, "INSERT CARD")
    terminal.press("FN")
    shop.wait(terminal, "Insert the card")
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "ENTER PIN")
    terminal.press("1 2 FN")
    shop.wait(terminal, "HELP")
    terminal.press("ENTER")
    assert "       **\n" in shop.wait(terminal, "ENTER PIN")
    terminal.press("3 4 5 6 ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -1234)]


def test_help_is_left_by_time_and_the_question_stands(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.press("FN")
    shop.wait(terminal, "HELP")
    assert "TIME IS OVER" in shop.wait(terminal, "NOT APPROVED")
    shop.idle(terminal)


def test_the_idle_clock_goes_on(terminal: Terminal) -> None:
    before = terminal.screen.text.split("\n")[2].split()[0]
    terminal.clock.advance(61)
    after = terminal.screen.text.split("\n")[2].split()[0]
    minutes = [int(time[:2]) * 60 + int(time[3:]) for time in (before, after)]
    assert (minutes[1] - minutes[0]) % 1440 == 1


def test_the_idle_screen_tells_of_line_and_paper(terminal: Terminal) -> None:
    assert terminal.screen.text.split("\n")[2].endswith("↔ ·")
    shop.line(terminal).up = False
    shop.finish(terminal, shop.decide(terminal))
    assert terminal.screen.text.split("\n")[2].endswith("× ·")
    shop.line(terminal).up = True
    shop.sell(terminal)
    assert terminal.screen.text.split("\n")[2].endswith("↔ ■")


def test_amount_is_corrected(terminal: Terminal) -> None:
    terminal.press("9 9 CLEAR ENTER")
    shop.wait(terminal, "NOT ZERO")
    terminal.press("5 0 ENTER")
    assert "RMB 0.50" in shop.wait(terminal, "INSERT CARD")
    shop.present(terminal)
    shop.enter_pin(terminal)
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -50)]


def test_amount_of_too_many_digits_stays_at_the_largest(terminal: Terminal) -> None:
    terminal.press("1 2 3 4 5 6 7 8 9 9 9")
    assert "RMB 1234567.89" in shop.wait(terminal, "RMB 1234567.89")
    terminal.clock.advance(1)
    assert "1234567.89" in terminal.screen.text


def test_pin_too_short_too_long_and_corrected(terminal: Terminal) -> None:
    at_pin(terminal)
    terminal.press("ENTER")
    shop.wait(terminal, "PIN REQUIRED")
    terminal.press("1 2 3 ENTER")
    shop.wait(terminal, "TOO FEW DIGITS")
    terminal.press("CLEAR 9 9 9 9 9 9 9 9 9 9 9 9 9 9")
    assert "*" * 12 in terminal.screen.text
    assert "*" * 13 not in terminal.screen.text
    terminal.press("CLEAR")
    assert "*" not in terminal.screen.text
    terminal.press("1 2 3 4 5 6 ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -1234)]


def test_keys_typed_ahead_are_no_pin(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.insert(shop.UNIONPAY)
    terminal.press("9 9 9 9")
    shop.wait(terminal, "ENTER PIN")
    assert "*" not in terminal.screen.text
    terminal.press("1 2 3 4 5 6 ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved


def test_three_keys_at_once_enter_nothing(terminal: Terminal) -> None:
    """1, 3 and 7 close a rectangle of the matrix: 9 would be seen too."""
    at_amount(terminal)
    keypad = terminal.emulator.keypad
    for key in ("1", "3", "7"):
        keypad.hold(key)
    terminal.clock.advance(0.5)
    for key in ("1", "3", "7"):
        keypad.release(key)
    terminal.clock.advance(0.5)
    assert "9" not in terminal.screen.text
    terminal.press("CLEAR 5 0 0 ENTER")
    assert "RMB 5.00" in shop.wait(terminal, "INSERT CARD")


def test_fast_typing_enters_the_whole_amount_and_pin(terminal: Terminal) -> None:
    """The next key goes down while the last one is still held, as fast typists do."""
    keypad, bench = terminal.emulator.keypad, terminal.emulator.bench

    def type_fast(keys: str) -> None:
        until = keypad.type(keys, hold_us=70_000, gap_us=-10_000)
        bench.run_until(lambda: bench.clock.now >= until, 60, "the keys")

    terminal.screen.turn_page()
    type_fast("1 2 3 4 ENTER")
    assert "RMB 12.34" in shop.wait(terminal, "INSERT CARD")
    shop.present(terminal)
    type_fast("1 2 3 4 5 6 ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -1234)]


def test_stuck_key_does_not_type_on(terminal: Terminal) -> None:
    at_amount(terminal)
    terminal.emulator.keypad.stick("7")
    terminal.clock.advance(20)
    assert "RMB 12.37" in terminal.screen.text
    terminal.emulator.keypad.unstick("7")
    terminal.press("CANCEL")
    shop.wait(terminal, "CANCELLED")
    shop.idle(terminal)
    shop.check_next_sale(terminal)


def test_cancel_comes_too_late_once_the_host_is_asked(terminal: Terminal) -> None:
    at_pin(terminal)
    terminal.acquirer.rules.delay("0200", us=5_000_000)
    shop.enter_pin(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    terminal.press("CANCEL CANCEL ENTER")
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert shop.movements(terminal) == [("sale", -1234)]
