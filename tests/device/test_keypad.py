"""The keypad driver with its model: every press once, in order, whatever contacts and fingers do."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tillbench.host.devices.keypad import KeypadModel
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

ROWS = ["P32", "P33", "P25", "P26", "P27"]
COLS = ["P14", "P12", "P13", "P15"]
CODES = {
    **{digit: ord(digit) for digit in "0123456789*#"},
    "CANCEL": 0x18,
    "CLEAR": 0x08,
    "ENTER": 0x0D,
    "MENU": 0x81,
    "FN": 0x82,
    "UP": 0x83,
    "DOWN": 0x84,
    "FEED": 0x87,
}
IDLE = {"overflows": 0, "ghosts": 0, "stuck": b"", "ring": bytes(16)}

MakeKeypad = Callable[..., KeypadModel]


@pytest.fixture
def make_keypad(bench: Bench) -> MakeKeypad:
    def make(seed: int = 1, *, bounce: bool = True) -> KeypadModel:
        model = KeypadModel(bench.clock, bench.nets, ROWS, COLS, random.Random(seed), bounce=bounce)
        bench.call("ui_probe:wait", 0)  # the driver is scanning
        return model

    return make


@pytest.fixture
def keypad(make_keypad: MakeKeypad) -> KeypadModel:
    return make_keypad()


def codes(bench: Bench, count: int, timeout_ms: int = 2000) -> list[int]:
    """What the driver reports until the time is over; `count` one more than expected proves that there is no more."""
    return [code for code, _ in bench.call("ui_probe:keys", count, timeout_ms)]


def expected(text: str) -> list[int]:
    return [CODES[key] for key in text.split()]


def at_ms(bench: Bench, ms: float, fn: Callable[[], object]) -> None:
    bench.clock.after(int(ms * 1000), lambda: (fn(), None)[1])


def test_every_key_has_its_code(bench: Bench, keypad: KeypadModel) -> None:
    assert set(keypad.captions) == set(CODES)
    keypad.type(" ".join(keypad.captions))
    assert codes(bench, 21, 10_000) == [CODES[caption] for caption in keypad.captions]
    assert bench.call("ui_probe:state") == IDLE


@pytest.mark.parametrize("seed", range(10))
def test_bouncing_contacts_give_one_event_a_press(bench: Bench, make_keypad: MakeKeypad, seed: int) -> None:
    keypad = make_keypad(seed)
    keypad.type("1 1 2 5 5 0 CLEAR ENTER 9 9 9")
    assert codes(bench, 12, 10_000) == expected("1 1 2 5 5 0 CLEAR ENTER 9 9 9")


def test_a_press_is_reported_after_20_ms_at_rest_and_soon(bench: Bench, make_keypad: MakeKeypad) -> None:
    make_keypad(bounce=False).press("5")
    [(code, ms)] = bench.call("ui_probe:keys", 1)
    assert code == CODES["5"]
    assert 20 <= ms <= 30


def test_no_contact_shorter_than_20_ms_is_a_press(bench: Bench, make_keypad: MakeKeypad) -> None:
    keypad = make_keypad(bounce=False)
    for hold_us in range(1000, 20_001, 500):
        keypad.press("5", hold_us)
        assert codes(bench, 1, 100) == [], f"held for {hold_us} us"


def test_every_contact_longer_than_30_ms_is_a_press(bench: Bench, make_keypad: MakeKeypad) -> None:
    keypad = make_keypad(bounce=False)
    for hold_us in range(30_000, 40_001, 700):
        keypad.press("5", hold_us)
        assert codes(bench, 2, 120) == expected("5"), f"held for {hold_us} us"


def test_contacts_that_chatter_without_rest_are_no_press(bench: Bench, keypad: KeypadModel) -> None:
    for at in range(0, 600, 30):
        at_ms(bench, at, lambda: bench.nets.close("P33", "P12"))
        at_ms(bench, at + 15, lambda: bench.nets.open("P33", "P12"))
    assert codes(bench, 1, 1000) == []


def test_a_held_key_does_not_repeat(bench: Bench, keypad: KeypadModel) -> None:
    keypad.press("7", 5_000_000)
    assert codes(bench, 2, 6000) == expected("7")


def test_held_and_stuck_keys_are_known(bench: Bench, keypad: KeypadModel) -> None:
    keypad.hold("FEED")
    bench.call("ui_probe:wait", 9_000)
    assert 8_900 <= bench.call("ui_probe:held", CODES["FEED"]) <= 9_000
    assert bench.call("ui_probe:held", CODES["5"]) == 0
    assert bench.call("ui_probe:state")["stuck"] == b""
    bench.call("ui_probe:wait", 1_100)
    assert bench.call("ui_probe:state")["stuck"] == bytes([CODES["FEED"]])
    keypad.release("FEED")
    bench.call("ui_probe:wait", 100)
    assert bench.call("ui_probe:state")["stuck"] == b""
    assert bench.call("ui_probe:held", CODES["FEED"]) == 0


def test_other_keys_work_beside_a_stuck_one(bench: Bench, keypad: KeypadModel) -> None:
    keypad.stick("FEED")
    bench.call("ui_probe:wait", 100)
    keypad.type("1 2 3 ENTER")
    assert codes(bench, 6, 4000) == expected("FEED 1 2 3 ENTER")


@pytest.mark.parametrize("text", ["1 5 9 MENU", "1 2 3 CANCEL", "1 4 7 * FN", "1 2 1 2", "0 ENTER 8 UP"])
def test_fast_typing_rolls_over_two_keys(bench: Bench, keypad: KeypadModel, text: str) -> None:
    keypad.type(text, hold_us=90_000, gap_us=-40_000)
    assert codes(bench, 6, 3000) == expected(text)


def test_a_key_pressed_and_lifted_within_another(bench: Bench, keypad: KeypadModel) -> None:
    keypad.press("1", 300_000)
    at_ms(bench, 100, lambda: keypad.press("9", 80_000))
    assert codes(bench, 3, 1000) == expected("1 9")


def test_typing_too_fast_loses_keys_but_invents_none(bench: Bench, make_keypad: MakeKeypad) -> None:
    for seed in range(5):
        keypad = make_keypad(seed)
        keypad.type("1 2 3 4 5 6 7 8 9 0", hold_us=12_000, gap_us=6_000)
        got = codes(bench, 11, 1000)
        rest = iter(expected("1 2 3 4 5 6 7 8 9 0"))
        assert all(code in rest for code in got), f"{got} are not among the typed ones in their order"


RECTANGLES = [("1", "2", "4"), ("1", "3", "7"), ("5", "6", "9"), ("CANCEL", "1", "FN"), ("0", "MENU", "UP")]


@pytest.mark.parametrize("keys", RECTANGLES)
@pytest.mark.parametrize("bounce", [False, True])
def test_three_keys_of_a_rectangle_report_nothing(
    bench: Bench, make_keypad: MakeKeypad, keys: tuple[str, str, str], bounce: bool
) -> None:
    keypad = make_keypad(bounce=bounce)
    for key in keys:
        keypad.press(key, 300_000)
    assert codes(bench, 1, 1000) == []
    assert bench.call("ui_probe:state")["ghosts"] >= 1
    keypad.type("8")
    assert codes(bench, 2, 1000) == expected("8")


@pytest.mark.parametrize("seed", range(5))
def test_a_rectangle_lifted_one_by_one_still_reports_nothing(bench: Bench, make_keypad: MakeKeypad, seed: int) -> None:
    keypad = make_keypad(seed)
    for key, hold_us in (("1", 200_000), ("2", 300_000), ("4", 400_000)):
        keypad.press(key, hold_us)
    assert codes(bench, 1, 1000) == []


def test_a_ghost_is_never_reported(bench: Bench, keypad: KeypadModel) -> None:
    """Two keys held and reported, a third makes the fourth corner look pressed."""
    keypad.press("1", 500_000)
    at_ms(bench, 100, lambda: keypad.press("2", 400_000))
    at_ms(bench, 200, lambda: keypad.press("4", 100_000))
    assert codes(bench, 3, 1000) == expected("1 2")
    keypad.type("4 5")
    assert codes(bench, 3, 1000) == expected("4 5")


def test_a_ghost_picture_in_between_is_no_rest(bench: Bench, make_keypad: MakeKeypad) -> None:
    """FN is closed for 18 ms, open during a rectangle of others, closed for 16 ms: at no time 20 ms at rest."""
    make_keypad(bounce=False)
    contacts = {"FN": ("P27", "P14"), "1": ("P32", "P14"), "2": ("P32", "P12"), "4": ("P33", "P14")}

    def switch(close: str, open: str) -> None:
        for key in open.split():
            bench.nets.open(*contacts[key])
        for key in close.split():
            bench.nets.close(*contacts[key])

    at_ms(bench, 10, lambda: switch("FN", ""))
    at_ms(bench, 28, lambda: switch("1 2 4", "FN"))
    at_ms(bench, 32, lambda: switch("FN", "1 2 4"))
    at_ms(bench, 48, lambda: switch("", "FN"))
    assert codes(bench, 1, 500) == []
    assert bench.call("ui_probe:state")["ghosts"] == 1


def test_three_keys_that_are_no_rectangle_are_all_reported(bench: Bench, keypad: KeypadModel) -> None:
    keypad.press("1", 300_000)
    at_ms(bench, 60, lambda: keypad.press("5", 300_000))
    at_ms(bench, 120, lambda: keypad.press("9", 300_000))
    assert codes(bench, 4, 1000) == expected("1 5 9")


def test_keys_wait_in_their_order_and_the_ring_overflows_at_16(bench: Bench, keypad: KeypadModel) -> None:
    text = "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8"
    keypad.type(text)
    bench.call("ui_probe:wait", 8_000)
    assert bench.call("ui_probe:state")["overflows"] == 2
    assert codes(bench, 17, 500) == expected(text)[:16]


def test_a_fetched_code_leaves_no_trace_in_the_ring(bench: Bench, keypad: KeypadModel) -> None:
    keypad.type("9 8 7 6")
    bench.call("ui_probe:wait", 2_000)
    assert bench.call("ui_probe:state")["ring"].startswith(b"9876")
    assert codes(bench, 4) == expected("9 8 7 6")
    assert bench.call("ui_probe:state")["ring"] == bytes(16)


def test_flush_forgets_and_zeroes(bench: Bench, keypad: KeypadModel) -> None:
    keypad.type("9 8 7 6")
    bench.call("ui_probe:wait", 2_000)
    bench.call("ui_probe:flush")
    assert bench.call("ui_probe:state")["ring"] == bytes(16)
    assert bench.call("ui_probe:poll") == 0
    keypad.type("5")
    assert codes(bench, 2, 500) == expected("5")


def test_an_idle_keypad_does_nothing(bench: Bench, keypad: KeypadModel) -> None:
    assert bench.call("ui_probe:scans", 60_000) == 0
    keypad.press("5", 1_000_000)
    scans = bench.call("ui_probe:scans", 60_000)
    # Every 10 ms while the key is held, every 5 ms while it bounces or settles, then nothing again.
    assert 100 <= scans <= 125


def test_a_key_held_before_the_scanner_starts_is_seen(bench: Bench) -> None:
    keypad = KeypadModel(bench.clock, bench.nets, ROWS, COLS, random.Random(1))
    keypad.press("5", 2_000_000)
    bench.call("runner_probe:sleep", 1)
    assert codes(bench, 2, 2000) == expected("5")


def test_stop_lets_go_of_the_matrix_and_start_takes_it_again(bench: Bench, keypad: KeypadModel) -> None:
    columns, silent = bench.call("ui_probe:stop")
    assert columns == [-1] * 4
    assert all(silent)
    keypad.type("5")
    assert codes_without_start(bench) == []
    bench.call("ui_probe:restart")
    keypad.type("6")
    assert codes(bench, 2, 1000) == expected("6")


def codes_without_start(bench: Bench) -> list[int]:
    bench.call("runner_probe:sleep", 1)
    code = bench.call("ui_probe:poll")
    return [code] if code else []


@pytest.mark.parametrize("length", [0, 19, 21])
def test_a_keymap_of_the_wrong_size_is_refused(bench: Bench, length: int) -> None:
    with pytest.raises(DeviceError, match=f"keymap has {length} codes for 5 x 4 keys") as error:
        bench.call("ui_probe:bad_keymap", length)
    assert error.value.type == "ValueError"
