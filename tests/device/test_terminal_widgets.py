"""Questions, pages and the layout of text in cells, on the device."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.texts import cells, wide_characters

from tests.sample import examples

ENTER, CANCEL, CLEAR, FN, UP, DOWN = b"\x0d", b"\x18", b"\x08", b"\x82", b"\x83", b"\x84"
PAN = b"4761739001010119"

few = settings(deadline=None, max_examples=examples(25), suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    ("widget", "keys", "arguments", "answer"),
    [
        ("ask_number", b"000012" + ENTER, ("sale", "trace", 6), 12),
        ("ask_number", b"0" + ENTER + b"7" + ENTER, ("sale", "trace", 6), 7),
        ("ask_number", b"1234567" + ENTER, ("sale", "trace", 6), 123456),
        ("ask_number", b"12" + CANCEL, ("sale", "trace", 6), "Stop cancelled"),
        ("ask_date", b"1123" + ENTER, ("sale", "trace"), "1123"),
        ("ask_date", b"0229" + ENTER, ("sale", "trace"), "0229"),
        ("ask_date", b"0230" + ENTER + CLEAR + CLEAR + b"11" + ENTER, ("sale", "trace"), "0211"),
        ("ask_date", b"1301" + ENTER + CANCEL, ("sale", "trace"), "Stop cancelled"),
        ("ask_date", b"112" + ENTER + b"3" + ENTER, ("sale", "trace"), "1123"),
        ("ask_pan", PAN + ENTER, ("sale",), PAN.decode()),
        ("ask_pan", PAN[:-1] + b"8" + ENTER + CLEAR + b"9" + ENTER, ("sale",), PAN.decode()),
        ("ask_pan", PAN[:12] + ENTER + CANCEL, ("sale",), "Stop cancelled"),
        ("ask_expiry", ENTER, ("sale",), ""),
        ("ask_expiry", b"2613" + ENTER + CLEAR + b"2" + ENTER, ("sale",), "2612"),
        ("ask_expiry", b"26" + ENTER + b"12" + ENTER, ("sale",), "2612"),
        ("ask_password", b"123456789" + ENTER, ("sale", "trace"), "12345678"),
        ("ask_password", b"12" + ENTER + b"34" + ENTER, ("sale", "trace", 4), "1234"),
    ],
)
def test_what_is_entered_is_what_is_given(
    device: Bench, widget: str, keys: bytes, arguments: tuple[object, ...], answer: object
) -> None:
    assert device.call("widget_probe:asked", widget, keys, *arguments)[0] == answer


def test_what_is_wrong_is_said_and_asked_again(device: Bench) -> None:
    _, shown, _ = device.call("widget_probe:asked", "ask_date", b"0230" + ENTER + CANCEL, "sale", "trace")
    assert shown[-1] == ("[SALE]", "TRACE", "            0230", "NO SUCH DATE")


def test_of_the_longest_card_number_the_last_digits_are_seen(device: Bench) -> None:
    _, shown, events = device.call("widget_probe:asked", "ask_pan", b"6217000000000000019" + CANCEL, "sale")
    assert shown[-1][2] == "7000000000000019"
    assert events == [True, False]


def test_a_password_is_asterisks_and_its_keys_are_masked(device: Bench) -> None:
    _, shown, events = device.call("widget_probe:asked", "ask_password", b"2468" + CANCEL, "sale", "trace")
    assert shown[-1][2].strip() == "****"
    assert not any(digit in row for rows in shown for row in rows for digit in "2468")
    assert events == [True, False]


def entered(device: Bench, keys: bytes, longest: int = 80) -> str:
    answer: str = device.call("widget_probe:asked", "ask_text", keys + ENTER, "info", "NAME", 1, longest)[0]
    return answer


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (b"44" + DOWN + b"33555" + DOWN + b"5556660" + DOWN + b"111", "hello _"),
        (b"#2#2#2", "A2a"),
        (b"7777" + DOWN + b"77777", "s7"),
        (b"222222", "b"),
        (b"23" + CLEAR + b"2" + CLEAR + CLEAR + b"9", "w"),
        (b"##" + b"1234567890", "1234567890"),
        (b"2" + UP + b"2", "aa"),
        (b"*" * 25, "+"),
    ],
)
def test_letters_on_the_keys_of_a_telephone(device: Bench, keys: bytes, text: str) -> None:
    assert entered(device, keys) == text


PORTIONS = (range(1, 11), range(11, 16), range(16, 20), range(20, 24))
"""How often a key is pressed for one letter each: all screens come back, and a small board has to hold them."""


def test_the_keys_have_every_printable_character(device: Bench) -> None:
    found = set()
    for key in b"0123456789*":
        most = {0x2A: 23, 0x31: 10}.get(key, 5)
        for portion in PORTIONS:
            if portion.start <= most:
                found |= set(entered(device, b"".join(bytes([key]) * n + DOWN for n in portion if n <= most)))
        found |= set(entered(device, b"#" + b"".join(bytes([key]) * n + DOWN for n in range(1, 6))))
    assert found == {chr(code) for code in range(0x20, 0x7F)}


def test_no_more_letters_than_there_is_room_for(device: Bench) -> None:
    assert entered(device, b"2345", longest=3) == "adg"
    answer, shown, _ = device.call("widget_probe:asked", "ask_text", b"23" + ENTER + CANCEL, "info", "SHOP", 8, 63)
    assert (answer, shown[-1][1:]) == ("Stop cancelled", ("SHOP", "              ad", "MORE LETTERS"))


def test_of_a_pass_phrase_the_letter_that_is_chosen_is_seen_and_no_other(device: Bench) -> None:
    keys = b"2233" + DOWN + b"3" + CLEAR + ENTER + CANCEL
    _, shown, events = device.call("widget_probe:asked", "ask_text", keys, "info", "SHOP", 8, 63, True)
    rows = [rows[2].strip() for rows in shown]
    assert rows == ["", "a", "b", "*d", "*e", "**", "**d", "**", "**"]
    assert events == [2, False]


def test_help_over_a_question_keeps_what_was_entered(device: Bench) -> None:
    keys = b"12" + FN + DOWN + ENTER + b"3" + ENTER
    answer, shown, _ = device.call("widget_probe:asked", "ask_number", keys, "sale", "trace", 6)
    assert answer == 123
    assert sum("HELP" in rows[0] for rows in shown) == 2


def test_pages_turn_and_stop_at_both_ends(device: Bench) -> None:
    shown = device.call("widget_probe:pages", UP + DOWN + DOWN + DOWN + UP + ENTER, "\n".join("abcdefgh"))
    assert [rows[1:] for rows in shown] == [tuple(rows) for rows in ("abc", "abc", "def", "fgh", "fgh", "cde")]
    assert ["".join(mark for mark in rows[0] if mark in "↑↓") for rows in shown] == ["↓", "↓", "↑↓", "↑", "↑", "↑↓"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("A SHOP WITH A NAME", 8, ["A SHOP", "WITH A", "NAME"]),
        ("ABCDEFGHIJ", 4, ["ABCD", "EFGH", "IJ"]),
        ("直接输入金额", 5, ["直接", "输入", "金额"]),
        ("按ENTER键继续", 8, ["按ENTER", "键继续"]),
        ("1234即12.34。", 8, ["1234即", "12.34。"]),
        ("芯片朝上插入，再取出。", 12, ["芯片朝上插", "入，再取出。"]),
        ("ABCD，E", 4, ["ABCD", "，E"]),
        ("", 8, [""]),
    ],
)
def test_text_is_broken_at_spaces_and_hanzi(device: Bench, text: str, width: int, lines: list[str]) -> None:
    assert device.call("widget_probe:wrapped", text, width) == lines


LETTERS = st.text(st.sampled_from("AB 1.金额中。"), max_size=30)


@few
@given(LETTERS, st.integers(2, 20))
def test_no_wrapped_line_is_too_wide_and_nothing_is_lost(device: Bench, text: str, width: int) -> None:
    lines = device.call("widget_probe:wrapped", text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@few
@given(LETTERS, st.integers(0, 20))
def test_layout_counts_cells_as_the_host_does(device: Bench, text: str, width: int) -> None:
    count, fitting, centred, right = device.call("widget_probe:laid_out", text, width)
    assert count == cells(text)
    assert text.startswith(fitting)
    assert cells(fitting) <= width
    assert fitting == text or cells(text[: len(fitting) + 1]) > width
    assert cells(centred) == cells(right) == width
    assert right.endswith(fitting)


@few
@given(st.text(st.sampled_from("AB 1.~" + wide_characters()), max_size=30))
def test_gb18030_is_what_python_says(device: Bench, text: str) -> None:
    assert device.call("widget_probe:encode", text) == text.encode("gb18030")
    assert device.call("widget_probe:decode", text.encode("gbk")) == text


def test_a_name_with_hanzi_that_have_no_glyph_goes_through_unharmed(device: Bench) -> None:
    name = "龘鑫商店".encode("gbk")
    text = device.call("widget_probe:decode", name)
    assert text[2:] == "商店"
    assert device.call("widget_probe:encode", text) == name


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"A\x80B", "A\ufffdB"), (b"A\xd6", "A\ufffd"), (b"\xd6\x20", "\ufffd "), (b"\xff\xd6\xd0", "\ufffd中")],
)
def test_bytes_that_are_no_character_are_replaced(device: Bench, data: bytes, text: str) -> None:
    assert device.call("widget_probe:decode", data) == text


def test_a_character_that_is_nowhere_is_a_question_mark(device: Bench) -> None:
    assert device.call("widget_probe:encode", "A龘é€B") == b"A???B"
