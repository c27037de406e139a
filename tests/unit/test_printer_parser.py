"""The command table and the parser: every length known, nothing swallowed, nothing raised."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.devices import (
    printer_commands,
    printer_counter,
    printer_graphics,
    printer_macro,
    printer_page_mode,
    printer_settings,
    printer_setup,
    printer_user_glyphs,
)
from tillbench.host.devices.printer_parser import Chunk, Invoke, Item, Parser, Realtime, RealtimeScanner, Text, Unknown
from tillbench.protocols.escpos import BY_NAME, COMMANDS, PREFIXES, TABLE

from .printer_rig import Rig


def parse(data: bytes) -> list[Item]:
    parser = Parser()
    return [item for offset, byte in enumerate(data) for item in parser.feed(offset, byte)]


def test_the_table_has_each_name_and_opcode_once_and_no_opcode_hides_another() -> None:
    assert len(COMMANDS) == len(BY_NAME) == len(TABLE)
    assert not PREFIXES & set(COMMANDS)


def test_every_command_of_the_table_is_handled_and_nothing_else() -> None:
    handled = [
        *printer_settings.SETTINGS,
        *printer_commands.HANDLERS,
        *printer_counter.HANDLERS,
        *printer_graphics.HANDLERS,
        *printer_macro.HANDLERS,
        *printer_page_mode.HANDLERS,
        *printer_setup.HANDLERS,
        *printer_user_glyphs.HANDLERS,
    ]
    assert sorted(handled) == sorted(BY_NAME)
    payloads = {*printer_graphics.PAYLOADS, *printer_setup.PAYLOADS, *printer_user_glyphs.PAYLOADS}
    assert payloads == {command.name for command in TABLE if command.payload or command.blocks}


@pytest.mark.parametrize(
    ("data", "name", "arguments"),
    [
        ("1B40", "ESC @", {}),
        ("1B2138", "ESC !", {"n": 0x38}),
        ("1B070A", None, {}),
        ("1B37075002", "ESC 7", {"dots": 7, "time": 80, "interval": 2}),
        ("1B4408101800", "ESC D", {"stops": bytes.fromhex("081018")}),
        ("1B5CF6FF", "ESC \\", {"n": -10}),
        ("1D5600", "GS V", {"m": 0, "n": None}),
        ("1D5631", "GS V", {"m": 49, "n": None}),
        ("1D564203", "GS V", {"m": 66, "n": 3}),
        ("1D566705", "GS V", {"m": 103, "n": 5}),
        ("1D6B0431323300", "GS k", {"m": 4, "data": b"123"}),
        ("1D6B4903414200", "GS k", {"m": 73, "data": b"AB\0"}),
        ("1D4C4001", "GS L", {"n": 320}),
        ("1C530102", "FS S", {"left": 1, "right": 2}),
        ("101402010A", "DLE DC4", {"fn": 2, "data": b"\x01\x0a"}),
        ("1B633504", "ESC c 5", {"n": 4}),
    ],
)
def test_arguments(data: str, name: str | None, arguments: dict[str, object]) -> None:
    first = parse(bytes.fromhex(data))[0]
    if name is None:
        assert isinstance(first, Unknown)
        assert first.data == bytes.fromhex(data)[:2]
        return
    assert isinstance(first, Invoke)
    assert first.command.name == name
    assert {key: first.arguments[key] for key in arguments} == arguments
    assert (first.offset, first.size) == (0, len(data) // 2)


def test_an_image_comes_in_rows() -> None:
    items = parse(bytes.fromhex("1D763000 0200 0300") + b"\x01\x02\x1b\x40\x05\x06" + b"A")
    assert isinstance(items[0], Invoke)
    chunks = [item for item in items if isinstance(item, Chunk)]
    assert [chunk.data for chunk in chunks] == [b"\x01\x02", b"\x1b\x40", b"\x05\x06"]
    assert [chunk.last for chunk in chunks] == [False, False, True]
    assert isinstance(items[-1], Text)


def test_an_image_without_rows_ends_at_once() -> None:
    invoke, text = parse(bytes.fromhex("1D763000 0200 0000") + b"A")
    assert isinstance(invoke, Invoke)
    assert isinstance(text, Text)


def test_a_bar_code_that_never_ends_is_given_up() -> None:
    items = parse(b"\x1dk\x04" + b"1" * 2000)
    assert isinstance(items[0], Unknown)
    assert isinstance(items[-1], Text)


@given(st.binary(max_size=400))
def test_every_byte_is_part_of_exactly_one_item(data: bytes) -> None:
    parser = Parser()
    items = [item for offset, byte in enumerate(data) for item in parser.feed(offset, byte)]
    at = 0
    for item in items:
        assert item.offset == at
        at += item.size
    assert at + parser.pending == len(data)


LONG = ("GS 8 L", "GS (", "ESC (", "FS (", "ESC &", "FS q", "FS g 1", "GS D", "GS Q 0")
"""Commands that may swallow more than a test wants to send."""
ESCPOS_LIKE = st.lists(
    st.one_of(
        st.sampled_from([command.opcode for command in TABLE if command.name not in LONG]),
        st.binary(max_size=4),
        st.text("AaéZ 09", max_size=20).map(lambda text: text.encode("cp1252")),
        st.just(b"\n"),
    ),
    max_size=30,
).map(b"".join)


@given(ESCPOS_LIKE)
def test_no_bytes_break_the_printer(data: bytes) -> None:
    rig = Rig()
    rig.print(data)
    assert rig.printer.bytes_received == len(data)
    assert rig.printer.idle or rig.printer.condition.offline


def test_unknown_commands_are_recorded_with_their_offset_and_the_rest_is_printed() -> None:
    rig = Rig()
    assert rig.print(b"one\n\x1b\x07two\n\x07\x1d\x01!\n").text == "one\ntwo\n!"
    assert [str(error) for error in rig.printer.errors] == [
        "offset 4: unknown command ESC 07",
        "offset 10: unknown command 07",
        "offset 11: unknown command GS 01",
    ]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("100401", [Realtime(4, b"\x01")]),
        ("10100401", [Realtime(4, b"\x01")]),
        ("10041004", [Realtime(4, b"\x10")]),
        ("1041100502", [Realtime(5, b"\x02")]),
        ("1014010205100404", [Realtime(0x14, b"\x01\x02\x05"), Realtime(4, b"\x04")]),
        ("10140801031401060208", [Realtime(0x14, bytes.fromhex("0801031401060208"))]),
        ("FF1004", []),
    ],
)
def test_real_time_commands_in_the_raw_stream(data: str, found: list[Realtime]) -> None:
    scanner = RealtimeScanner()
    assert [command for byte in bytes.fromhex(data) if (command := scanner.feed(byte))] == found
