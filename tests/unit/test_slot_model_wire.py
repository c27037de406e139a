"""Characters on a card's I/O line: sampling, conventions, and what an answer to reset says about timing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.devices.slot_wire import CardTiming, Frame, Run, Sender, other_convention, received
from tillbench.host.emulator.wires import Clock

EVEN = Frame(93_000.0, 0)
ODD = Frame(93_000.0, 1)
NONE = Frame(93_000.0, None)


@given(st.integers(0, 255))
def test_equal_frames_carry_every_character(value: int) -> None:
    assert received(value, EVEN, EVEN) == (value, True)
    assert received(value, NONE, NONE) == (value, True)


@given(st.integers(0, 255), st.floats(0.97, 1.03))
def test_three_percent_of_rate_error_are_survived(value: int, off: float) -> None:
    assert received(value, EVEN, Frame(EVEN.bit_ns * off, 0)) == (value, True)


@given(st.integers(0, 255))
def test_the_other_parity_keeps_the_value_and_is_noticed(value: int) -> None:
    assert received(value, EVEN, ODD) == (value, False)


def test_no_parity_is_right_for_half_of_the_characters() -> None:
    right = [value for value in range(256) if received(value, NONE, EVEN)[1]]
    assert right == [value for value in range(256) if value.bit_count() % 2 == 1]


def test_half_the_rate_garbles() -> None:
    slow = Frame(2 * EVEN.bit_ns, 0)
    assert sum(received(value, EVEN, slow) == (value, True) for value in range(256)) < 8
    assert received(0xFF, EVEN, Frame(3 * EVEN.bit_ns, 0)) == (0xFF, False)


@pytest.mark.parametrize(("direct", "inverse"), [(0x3F, 0x03), (0x03, 0x3F), (0x00, 0xFF), (0xA4, 0xDA), (0x60, 0xF9)])
def test_the_other_convention(direct: int, inverse: int) -> None:
    assert other_convention(direct) == inverse


@pytest.mark.parametrize(
    ("atr", "timing"),
    [
        ("3B600000", CardTiming()),
        ("3F600000", CardTiming(inverse=True)),
        ("3B600005", CardTiming(guard=5)),
        ("3B6000FF", CardTiming()),
        ("3B9000", CardTiming()),
        ("3B9013 80 10 00", CardTiming()),
        ("3BF0120000 10 00", CardTiming(d=2)),
        ("3BF0130000 10 00", CardTiming(d=4)),
        ("3BF0130000 10 10", CardTiming()),
        ("3BE000008131204535", CardTiming(blocks=True, cwt=43)),
        ("3B", CardTiming()),
        ("3BFF12", CardTiming()),
    ],
)
def test_what_an_answer_says_about_timing(atr: str, timing: CardTiming) -> None:
    assert CardTiming.from_atr(bytes.fromhex(atr)) == timing


def test_a_sender_that_is_cut_off_has_sent_what_was_over() -> None:
    clock = Clock()
    arrived: list[bytes] = []

    def arrive(run: Run, count: int) -> None:
        arrived.append(run.data[:count])

    sender = Sender(clock, arrive)
    assert sender.send(0.0, 1_000_000.0, b"abcdef", 4) == 5_000_000.0
    clock.advance_to(3_999)
    assert arrived == []
    clock.advance_to(4_000)
    assert arrived == [b"abcd"]
    clock.advance_to(5_500)
    sender.cut()
    clock.advance_to(20_000)
    assert arrived == [b"abcd", b"e"]
