"""One way of the misbehaving line in virtual time: what leaves, when, in which order."""

from __future__ import annotations

from tillbench.host.line.decision import Decision
from tillbench.host.line.shaper import Event, Shaper

FINE = Decision()


def drained(shaper: Shaper) -> list[tuple[int, bytes]]:
    """Everything that leaves, with its time; END and RESET as their names in capitals."""
    left: list[tuple[int, bytes]] = []
    while (at := shaper.next_due()) is not None:
        for departure in shaper.due(at):
            left.append((at, departure.data if departure.event is Event.DATA else departure.event.name.encode()))
    return left


def test_a_line_without_faults_changes_nothing() -> None:
    shaper = Shaper()
    shaper.take(b"one", FINE, 5)
    shaper.take(b"two", FINE, 5)
    shaper.end(9)
    assert drained(shaper) == [(5, b"one"), (5, b"two"), (5, b"END")]
    assert shaper.waiting == 0


def test_drop() -> None:
    shaper = Shaper()
    shaper.take(b"one", Decision(drop=True), 0)
    shaper.take(b"two", FINE, 0)
    assert drained(shaper) == [(0, b"two")]


def test_a_delayed_message_is_overtaken() -> None:
    shaper = Shaper()
    shaper.take(b"late", Decision(delay_us=700), 0)
    shaper.take(b"next", FINE, 100)
    assert drained(shaper) == [(100, b"next"), (700, b"late")]


def test_copies() -> None:
    shaper = Shaper()
    shaper.take(b"again", Decision(copies=3), 0)
    assert [data for _, data in drained(shaper)] == [b"again"] * 3


def test_reorder_lets_the_next_go_first() -> None:
    shaper = Shaper()
    shaper.take(b"one", Decision(hold_us=500), 0)
    shaper.take(b"two", FINE, 100)
    assert drained(shaper) == [(100, b"two"), (100, b"one")]


def test_reorder_gives_up_when_nothing_follows() -> None:
    shaper = Shaper()
    shaper.take(b"one", Decision(hold_us=500), 0)
    assert shaper.due(499) == []
    assert drained(shaper) == [(500, b"one")]


def test_merge_leaves_in_one_write() -> None:
    shaper = Shaper()
    shaper.take(b"one", Decision(merge_us=500), 0)
    shaper.take(b"two", FINE, 100)
    shaper.take(b"three", Decision(merge_us=500), 100)
    assert drained(shaper) == [(100, b"onetwo"), (600, b"three")]


def test_split_with_gaps() -> None:
    shaper = Shaper()
    shaper.take(b"abcdef", Decision(cuts=(1, 4), gap_us=20), 0)
    assert drained(shaper) == [(0, b"a"), (20, b"bcd"), (40, b"ef")]


def test_flipped_bits_are_counted_from_the_first() -> None:
    shaper = Shaper()
    shaper.take(b"\x00\x00", Decision(flips=(0, 15)), 0)
    assert drained(shaper) == [(0, b"\x80\x01")]


def test_half_close_after_its_message() -> None:
    shaper = Shaper()
    shaper.take(b"last", Decision(half_close=True), 0)
    shaper.take(b"too late", FINE, 0)
    assert drained(shaper) == [(0, b"last"), (0, b"END")]


def test_the_end_waits_for_what_is_held() -> None:
    shaper = Shaper()
    shaper.take(b"held", Decision(hold_us=10_000), 0)
    shaper.take(b"late", Decision(delay_us=300, hold_us=None), 0)
    shaper.take(b"merged", Decision(merge_us=10_000), 0)
    shaper.end(50)
    assert [data for _, data in drained(shaper)] == [b"merged", b"late", b"held", b"END"]


def test_reset_ends_everything() -> None:
    shaper = Shaper()
    shaper.take(b"before", FINE, 0)
    shaper.take(b"lost", Decision(reset=True), 0)
    shaper.take(b"after", FINE, 0)
    assert drained(shaper) == [(0, b"before"), (0, b"RESET")]


def test_1200_baud_carries_120_bytes_a_second() -> None:
    shaper = Shaper(1200)
    shaper.take(bytes(120), FINE, 0)
    shaper.take(bytes(60), FINE, 0)
    left = drained(shaper)
    assert sum(len(data) for at, data in left if at <= 1_000_000) == 120
    assert left[-1][0] == 1_500_000
    assert max(len(data) for _, data in left) == 6  # 50 ms each
    shaper.take(bytes(6), FINE, 9_000_000)  # the line was idle meanwhile, and saved nothing up
    assert drained(shaper) == [(9_050_000, bytes(6))]
