"""Macros, serial numbers, counters of wear and the user's memory."""

from __future__ import annotations

import pytest

from .printer_rig import Rig

BEGIN = END = b"\x1d:"


def run(times: int, wait: int = 0, mode: int = 0) -> bytes:
    return b"\x1d^" + bytes((times, wait, mode))


def said(rig: Rig) -> list[str]:
    return [error.text for error in rig.printer.errors]


def test_a_macro_is_printed_while_it_is_defined_and_again_as_often_as_it_is_asked_for() -> None:
    rig = Rig()
    rig.print(BEGIN + b"\x1b@\x1bE\x01TOTAL\n" + END + run(3) + b"END\n")
    assert rig.lines == ["TOTAL"] * 4 + ["END"]
    assert said(rig) == []


def test_initialisation_leaves_it_and_the_power_does_not() -> None:
    rig = Rig()
    rig.print(BEGIN + b"A\n" + END + b"\x1b@" + run(1))
    assert rig.lines == ["A", "A"]
    rig.printer.power(on=False)
    rig.printer.power(on=True)
    rig.print(run(1) + b"B\n")
    assert rig.lines == ["A", "A", "B"]


def test_what_leaves_no_macro() -> None:
    rig = Rig()
    rig.print(BEGIN + b"A\n" + END + BEGIN + END + run(2) + b"B\n" + BEGIN + b"C\n" + run(2) + run(2) + b"D\n")
    assert rig.lines == ["A", "B", "C", "D"]
    assert said(rig) == ["GS ^: in the middle of a definition, which it ends: there is no macro"]
    rig.print(BEGIN + b"E\n" + END + run(0))
    assert rig.lines[-1] == "E"
    assert rig.lines.count("E") == 1


def test_an_image_is_a_part_of_it_and_pieces_of_it_are_not_missed() -> None:
    rig = Rig()
    image = b"\x1dv0\x00\x02\x00\x03\x00" + b"\xff\x0f" * 3
    once = len(rig.print(image).rows)
    twice = rig.print(BEGIN + image + END + run(1)).rows
    assert len(twice) == 3 * once
    assert len(set(twice)) == 1


def test_more_than_it_holds_is_printed_and_not_kept() -> None:
    rig = Rig()
    lines = b"".join(b"%07d\n" % number for number in range(300))
    rig.print(BEGIN + lines + END + run(1))
    assert len(rig.lines) == 300 + 256
    assert said(rig) == ["GS :: a macro has at most 2048 bytes, the rest is not kept"]


def test_it_waits_before_each_time() -> None:
    rig = Rig()
    rig.print(BEGIN + b"A\n" + END)
    begin = rig.clock.now
    rig.print(run(3, wait=20))
    assert rig.lines == ["A"] * 4
    assert 6_000_000 < rig.clock.now - begin < 7_000_000


def test_by_hand_it_waits_for_the_button_each_time() -> None:
    rig = Rig()
    rig.print(BEGIN + b"A\n" + END + run(2, mode=1) + b"B\n")
    for expected in (["A"], ["A", "A"], ["A", "A", "A", "B"]):
        assert rig.lines == expected
        rows = len(rig.printer.strip.uncut().rows)
        rig.printer.feed_button(True)
        rig.printer.feed_button(False)
        rig.run()
    assert len(rig.printer.strip.uncut().rows) > rows, "afterwards the button moves paper again"


SET = b"\x1dC1"


@pytest.mark.parametrize(
    ("settings", "printed"),
    [
        (b"", ["1", "2", "3", "4"]),
        (SET + b"\x08\x00\x0a\x00\x01\x01", ["8", "9", "10", "8"]),
        (SET + b"\x03\x00\x01\x00\x01\x01", ["1", "3", "2", "1"]),
        (SET + b"\x01\x00\x09\x00\x03\x02", ["1", "1", "4", "4"]),
        (SET + b"\x05\x00\x05\x00\x01\x01", ["5", "5", "5", "5"]),
        (SET + b"\x01\x00\x09\x00\x00\x01", ["1", "1", "1", "1"]),
        (b"\x1dC2\x63\x00", ["99", "100", "101", "102"]),
        (b"\x1dC;7;9;1;1;8;", ["8", "9", "7", "8"]),
        (b"\x1dC;;;;;42;", ["42", "43", "44", "45"]),
        (b"\x1dC0\x03\x00", ["  1", "  2", "  3", "  4"]),
        (b"\x1dC0\x03\x31", ["001", "002", "003", "004"]),
        (b"\x1dC0\x02\x02\x1dC2\x63\x00", ["99", "00", "01", "02"]),
    ],
)
def test_serial_numbers(settings: bytes, printed: list[str]) -> None:
    rig = Rig()
    rig.print(settings + b"\x1dc|\n" * 4)
    assert [line.partition("|")[0] for line in rig.lines] == printed
    assert said(rig) == []


def test_a_serial_number_on_each_slip_of_a_macro() -> None:
    rig = Rig()
    rig.print(b"\x1dC0\x04\x01" + BEGIN + b"NO \x1dc\n" + END + run(2))
    assert rig.lines == ["NO 0001", "NO 0002", "NO 0003"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\x1dC0\x06\x00", "GS C 0: n expected 0..5, m 0..2, found 6, 0"),
        (b"\x1dC;1;x;1;1;1;", "GS C ;: expected numbers up to 65535, 65535, 255, 255, 65535, found "),
        (b"\x1dg0\x00\x94\x00", "GS g 0: m expected 0, a counter of 20, 21, 50, 70, found 0, 148"),
        (b"\x1dg2\x00\x16\x00", "GS g 2: m expected 0, a counter of 20, 21, 50, 70, 148, 149, 178, 198, found 0, 22"),
        (b"\x1cg1\x00\xfe\x03\x00\x00\x03\x00ABC", "FS g 1: m expected 0, bytes of 32 and more within 1024, found m 0"),
        (b"\x1cg1\x00\x00\x00\x00\x00\x01\x00\x07", "FS g 1: m expected 0, bytes of 32 and more within 1024"),
        (b"\x1cg2\x00\x00\x00\x00\x00\x51\x00", "FS g 2: m expected 0, 1 to 80 bytes within 1024, found m 0, 81"),
    ],
)
def test_what_cannot_be_is_said(data: bytes, error: str) -> None:
    rig = Rig()
    rig.print(data + b"OK\n")
    assert len(said(rig)) == 1
    assert said(rig)[0].startswith(error)
    assert rig.lines == ["OK"]


def counter(rig: Rig, number: int) -> int:
    answer = rig.ask(b"\x1dg2\x00" + bytes((number, 0)))
    assert (answer[:1], answer[-1:]) == (b"_", b"\0")
    return int(answer[1:-1])


def test_it_counts_its_wear_and_what_was_reset_is_still_in_the_sum() -> None:
    rig = Rig()
    paper = rig.print(b"HELLO\n\n").rows
    rows, inked = len(paper), len([row for row in paper if row])
    assert [counter(rig, number) for number in (20, 21, 50, 70)] == [rows // 30, inked, 0, 0]
    rig.print(b"\x1dV\x00\x1dV\x01")
    assert counter(rig, 50) == 2
    rig.run_for(2 * 3_600_000_000)
    rig.print(b"\x1dg0\x00\x32\x00\x1dg0\x00\x15\x00")
    rig.printer.power(on=False)
    rig.run_for(3_600_000_000)
    rig.printer.power(on=True)
    assert [counter(rig, number) for number in (20, 21, 50, 70)] == [rows // 30, 0, 0, 2]
    assert [counter(rig, number) for number in (148, 149, 178, 198)] == [rows // 30, inked, 2, 2]


def test_a_counter_is_told_when_what_is_before_it_is_on_paper() -> None:
    rig = Rig()
    assert rig.ask(b"\x1dV\x00\x1dg2\x00\x32\x00") == b"_1\0"


def test_the_users_memory_stays() -> None:
    rig = Rig()
    rig.print(b"\x1cg1\x00\x0a\x00\x00\x00\x05\x00HELLO\x1b@")
    rig.printer.power(on=False)
    rig.printer.power(on=True)
    assert rig.ask(b"\x1cg2\x00\x09\x00\x00\x00\x07\x00") == b"_ HELLO \0"
