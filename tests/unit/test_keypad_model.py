"""The keypad model: contacts that bounce, fingers that type, keys that stick, and what is told of them."""

from __future__ import annotations

import itertools
import random

import pytest
from tillbench.host.devices.keypad import LAYOUT, KeyEvent, KeypadModel
from tillbench.host.emulator.wires import Clock, Nets

ROWS = ["P32", "P33", "P25", "P26", "P27"]
COLS = ["P14", "P12", "P13", "P15"]
CHANGE = tuple[int, str, str, bool]


class Matrix:
    """A keypad on its own clock, and every change of its contacts."""

    def __init__(self, seed: int = 1, *, bounce: bool = True) -> None:
        self.clock = Clock()
        self.nets = Nets()
        self.changes: list[CHANGE] = []
        self.events: list[KeyEvent] = []
        self.masked = False
        self.nets.on_closure = lambda a, b, closed: self.changes.append((self.clock.now, a, b, closed))
        self.keypad = KeypadModel(
            self.clock,
            self.nets,
            ROWS,
            COLS,
            random.Random(seed),
            bounce=bounce,
            masked=lambda: self.masked,
            on_event=self.events.append,
        )

    def run(self) -> None:
        while (due := self.clock.next_due()) is not None:
            self.clock.advance_to(due)


def test_a_key_closes_its_row_and_column() -> None:
    matrix = Matrix(bounce=False)
    for r, captions in enumerate(LAYOUT):
        for c, caption in enumerate(captions):
            matrix.changes.clear()
            start = matrix.clock.now
            matrix.keypad.press(caption, 50_000)
            matrix.run()
            assert matrix.changes == [(start, ROWS[r], COLS[c], True), (start + 50_000, ROWS[r], COLS[c], False)]


@pytest.mark.parametrize("seed", range(20))
def test_contacts_bounce_for_5_to_20_ms_and_come_to_rest(seed: int) -> None:
    matrix = Matrix(seed)
    matrix.keypad.press("5", 100_000)
    matrix.run()
    down = [change for change in matrix.changes if change[0] < 100_000]
    up = [change for change in matrix.changes if change[0] >= 100_000]
    for changes, start, closed in ((down, 0, True), (up, 100_000, False)):
        assert changes[0] == (start, "P33", "P12", closed), "the first contact is at once"
        assert len(changes) >= 3
        assert changes[-1][3] is closed
        assert 5_000 <= changes[-1][0] - start <= 20_000
        assert [change[3] for change in changes] == [closed ^ bool(i % 2) for i in range(len(changes))]


def test_a_tap_shorter_than_its_bounce_still_ends_open() -> None:
    for seed in range(20):
        matrix = Matrix(seed)
        matrix.keypad.press("5", 3_000)
        matrix.run()
        assert not matrix.nets.closures


def test_same_seed_same_fingers() -> None:
    runs = []
    for seed in (4, 4, 5):
        matrix = Matrix(seed)
        matrix.keypad.type("1 2 3 ENTER")
        matrix.run()
        runs.append(matrix.changes)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_typing_has_a_persons_pace() -> None:
    matrix = Matrix()
    done = matrix.keypad.type("1 2 3 CLEAR ENTER")
    matrix.run()
    assert [event.key for event in matrix.events if event.action == "down"] == ["1", "2", "3", "CLEAR", "ENTER"]
    times = [event.at_us for event in matrix.events if event.at_us is not None]
    steps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(70_000 <= hold <= 130_000 for hold in steps[0::2])
    assert all(60_000 <= gap <= 180_000 for gap in steps[1::2])
    assert done == matrix.keypad.busy_until >= matrix.changes[-1][0]


def test_typing_goes_on_where_the_typing_before_ends() -> None:
    matrix = Matrix()
    first = matrix.keypad.type("1 2")
    matrix.keypad.type("3")
    matrix.run()
    events = [event for event in matrix.events if event.key == "3"]
    assert events[0].at_us == first


def test_fast_typing_rolls_over() -> None:
    matrix = Matrix(bounce=False)
    matrix.keypad.type("1 2 3", hold_us=80_000, gap_us=-30_000)
    matrix.run()
    told = [(event.key, event.action, event.at_us) for event in matrix.events]
    assert told == [
        ("1", "down", 0),
        ("2", "down", 50_000),
        ("1", "up", 80_000),
        ("3", "down", 100_000),
        ("2", "up", 130_000),
        ("3", "up", 180_000),
    ]


def test_the_same_key_twice_is_open_in_between() -> None:
    matrix = Matrix(bounce=False)
    matrix.keypad.type("0 0", hold_us=80_000, gap_us=-30_000)
    matrix.run()
    assert [change[3] for change in matrix.changes] == [True, False, True, False]
    assert matrix.changes[2][0] - matrix.changes[1][0] == KeypadModel.REPEAT_US


def test_hold_and_release() -> None:
    matrix = Matrix()
    matrix.keypad.hold("FN")
    matrix.run()
    assert matrix.nets.closures == {("P14", "P27")}
    matrix.keypad.release("FN")
    matrix.run()
    assert not matrix.nets.closures
    with pytest.raises(ValueError, match="no finger"):
        matrix.keypad.release("FN")


def test_a_stuck_key_stays_closed_whatever_fingers_do() -> None:
    matrix = Matrix()
    matrix.keypad.stick("7")
    matrix.run()
    matrix.keypad.press("7")
    matrix.run()
    assert matrix.nets.closures == {("P14", "P25")}
    matrix.keypad.unstick("7")
    matrix.run()
    assert not matrix.nets.closures


def test_a_key_repaired_under_a_finger_stays_closed() -> None:
    matrix = Matrix()
    matrix.keypad.stick("7")
    matrix.keypad.hold("7")
    matrix.keypad.unstick("7")
    matrix.run()
    assert matrix.nets.closures == {("P14", "P25")}


def test_two_fingers_on_one_key_are_one_contact() -> None:
    matrix = Matrix()
    matrix.keypad.hold("7")
    matrix.keypad.hold("7")
    matrix.keypad.release("7")
    matrix.run()
    assert matrix.nets.closures == {("P14", "P25")}


def test_masked_fingers_tell_neither_key_nor_time() -> None:
    matrix = Matrix()
    matrix.masked = True
    matrix.keypad.type("9 8 7 ENTER")
    matrix.run()
    assert set(matrix.events) == {KeyEvent("*", "down", None), KeyEvent("*", "up", None)}
    assert "9" not in repr(matrix.keypad)
    with pytest.raises(ValueError, match=r"^key 3: no key \*, there is"):
        matrix.keypad.keys("1 2 SECRET")


def test_keys_are_told_apart_by_words_or_in_a_run() -> None:
    keypad = Matrix().keypad
    assert keypad.keys("1 2 enter") == ["1", "2", "ENTER"]
    assert keypad.keys("1234 ENTER") == ["1", "2", "3", "4", "ENTER"]
    assert keypad.keys("*# 0") == ["*", "#", "0"]
    assert keypad.keys("") == []


@pytest.mark.parametrize("text", ["1 2 ENTR", "1 2 12A", "1 2 $"])
def test_an_unknown_key_is_named_with_its_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"key 3: no key '.*', there is 1 2 3 CANCEL"):
        Matrix().keypad.keys(text)


def test_a_typing_error_presses_nothing() -> None:
    matrix = Matrix()
    with pytest.raises(ValueError, match="no key 'X'"):
        matrix.keypad.type("1 X")
    matrix.run()
    assert not matrix.changes


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 4 rows of 4 keys"):
        KeypadModel(Clock(), Nets(), ROWS[:4], COLS, random.Random(1))
    with pytest.raises(ValueError, match="hold_us: expected more than 0, found 0"):
        Matrix().keypad.press("1", 0)


def test_hands_off_lifts_the_key_that_is_down_and_types_no_more() -> None:
    matrix = Matrix(bounce=False)
    matrix.keypad.type("1 2 3", 50_000, 50_000)
    matrix.clock.advance_to(20_000)
    matrix.keypad.hands_off()
    matrix.run()
    assert [(event.key, event.action, event.at_us) for event in matrix.events] == [
        ("1", "down", 0),
        ("1", "up", 20_000),
    ]
    assert not matrix.nets.closures
    assert matrix.keypad.type("4", 50_000, 0) == 70_000


def test_fingers_from_afar_are_seen_one_by_one() -> None:
    """All at one moment: each key is down, and the same one open in between, longer than contacts bounce."""
    matrix = Matrix()
    for key in "335":
        matrix.keypad.finger(key, True)
        matrix.keypad.finger(key, False)
    matrix.run()
    least = KeypadModel.LEAST_US
    told = [(event.at_us, event.key, event.action) for event in matrix.events]
    assert told == [
        (0, "3", "down"),
        (least, "3", "up"),
        (2 * least, "3", "down"),
        (3 * least, "3", "up"),
        (3 * least, "5", "down"),
        (4 * least, "5", "up"),
    ]
    assert matrix.nets.closures == set()


def test_a_finger_from_afar_that_stays_holds_the_key() -> None:
    matrix = Matrix(bounce=False)
    matrix.keypad.finger("8", True)
    matrix.clock.advance_to(5_000_000)
    assert len(matrix.nets.closures) == 1
    matrix.keypad.finger("8", False)
    matrix.run()
    assert [event.at_us for event in matrix.events] == [0, 5_000_000]
