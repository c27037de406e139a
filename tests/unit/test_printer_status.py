"""What the printer answers, and when; paper, cover, heat, buffer and BUSY."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_head import MICRO
from tillbench.host.emulator.wires import UartConfig

from .printer_rig import Rig

FAST = UartConfig(baud=115200)
ESC_AT_AND_ASK = bytes.fromhex("1B40 1B3D01 100401")
LINE = b"0123456789 0123456789 012345678\n"
RASTER_WITH_DRAWER_PULSE = bytes.fromhex("1D763000 0500 0200") + bytes.fromhex("1014010001") * 2


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        (lambda printer: None, "12 12 12 12"),
        (lambda printer: printer.paper_left(1), "12 12 12 1E"),
        (lambda printer: printer.paper_left(0), "1A 32 12 7E"),
        (lambda printer: printer.cover(True), "1A 16 12 12"),
        (lambda printer: printer.warm_up(70), "1A 52 52 12"),
        (lambda printer: printer.jam_cutter(), "1A 52 1A 12"),
        (lambda printer: printer.break_down(), "1A 52 32 12"),
    ],
)
def test_real_time_status(change: Callable[[Printer], None], answers: str) -> None:
    rig = Rig()
    change(rig.printer)
    for n, expected in enumerate(bytes.fromhex(answers), 1):
        rig.write(bytes((0x10, 0x04, n)))
        rig.run_for(5000)
        assert rig.answers[-1][1] == expected
        assert expected & 0x93 == 0x12
    assert len(rig.answers) == 4


def test_drawer_switch_of_the_profile() -> None:
    assert Rig(drawer_high=True).ask(b"\x10\x04\x01") == b"\x16"


def test_status_without_that_number_is_an_error() -> None:
    rig = Rig()
    assert rig.ask(b"\x10\x04\x07") == b""
    assert [str(error) for error in rig.printer.errors] == ["offset 0: DLE EOT: n expected 1..4, found 7"]


def test_handshake_of_a_real_terminal() -> None:
    assert Rig().ask(ESC_AT_AND_ASK) == b"\x12"


def test_an_answer_takes_the_time_of_the_wire() -> None:
    rig = Rig()
    rig.ask(b"\x10\x04\x01")
    assert rig.answers[0][0] == 3 * 1042 + rig.printer.profile.answer_us + 1042


def test_real_time_status_overtakes_printing_and_a_status_in_turn_does_not() -> None:
    rig = Rig()
    rig.write(LINE + b"\x1dr\x01" + b"\x10\x04\x04")
    rig.run()
    (realtime_at, realtime), (turn_at, turn) = rig.answers
    assert (realtime, turn) == (0x12, 0x00)
    wire = (len(LINE) + 6) * 1042
    assert realtime_at == wire + 200 + 1042
    (line,) = rig.printer.strip.lines
    assert turn_at == len(LINE) * 1042 + rig.printer.head.print_us(line.rows) + 200 + 1042


@pytest.mark.parametrize("query", [b"\x1dr\x01", b"\x1dr1", b"\x1bv"])
def test_paper_status_in_turn(query: bytes) -> None:
    rig = Rig()
    assert rig.ask(query) == b"\x00"
    rig.printer.paper_left(100)
    assert rig.ask(query) == b"\x03"
    rig.printer.paper_left(0)
    assert rig.ask(query) == b""  # it stands still, and with it the status
    rig.printer.load_paper()
    rig.run()
    assert rig.answers[-1][1] == 0x00


def test_identification() -> None:
    rig = Rig()
    assert rig.ask(b"\x1dI\x01") == b"\x20"
    assert rig.ask(b"\x1dIB") == b"_tillbench\0"
    assert rig.ask(b"\x1dIC") == b"_58 mm\0"
    assert rig.ask(b"\x1dI\x63") == b""
    assert rig.printer.errors[-1].text == "GS I: this printer has no ID number 99"


def test_automatic_status_is_pushed_on_change() -> None:
    rig = Rig()
    assert rig.ask(b"\x1da\x0a") == bytes.fromhex("10000000")
    rig.printer.cover(True)
    rig.run()
    rig.printer.cover(False)
    rig.printer.paper_left(10)
    rig.run()
    rig.printer.warm_up(70)  # an error is not in the mask, but going offline is
    rig.run()
    answers = bytes(byte for _, byte in rig.answers[4:])
    assert [answers[at : at + 4].hex() for at in range(0, len(answers), 4)] == [
        "38000000",
        "10000000",
        "10000300",
        "18400300",
        "10000300",
    ]


WATCHED: list[tuple[int, Callable[[Printer], object], Callable[[Printer], object], str]] = [
    (1, lambda printer: printer.open_drawer(), lambda printer: printer.shut_drawer(), "14000000"),
    (2, lambda printer: printer.cover(True), lambda printer: printer.cover(False), "38000000"),
    (4, lambda printer: printer.jam_cutter(), lambda printer: printer.jam_cutter(False), "18080000"),
    (8, lambda printer: printer.paper_left(10), lambda printer: printer.load_paper(), "10000300"),
    (64, lambda printer: printer.feed_button(True), lambda printer: printer.feed_button(False), "58020000"),
]
"""Bit of the mask of GS a, what a person does and undoes, the status that is pushed for it."""


@pytest.mark.parametrize("bit", [bit for bit, *_ in WATCHED])
def test_each_bit_of_the_mask_watches_its_own(bit: int) -> None:
    rig = Rig()
    assert rig.ask(b"\x1da" + bytes([bit])) == bytes.fromhex("10000000")
    pushed = {}
    for watched, act, undo, _ in WATCHED:
        before = len(rig.answers)
        for step in (act, undo):
            step(rig.printer)
            rig.run()
        pushed[watched] = bytes(byte for _, byte in rig.answers[before:]).hex()
    # What stops printing is news for who watches online and offline, whatever it is.
    stops = {2, 4, 64} if bit == 2 else {bit}
    assert pushed == {watched: status + "10000000" if watched in stops else "" for watched, _, _, status in WATCHED}


def test_the_feed_button_moves_paper_and_stops_printing() -> None:
    rig = Rig()
    rig.printer.feed_button(True)
    rig.printer.feed_button(True)
    assert rig.printer.strip.length == 30
    assert rig.ask(b"\x10\x04\x01\x10\x04\x02") == b"\x5a\x1a"
    rig.print(b"waits\n")
    assert rig.lines == []
    rig.printer.feed_button(False)
    rig.run()
    assert rig.lines == ["waits"]


def test_a_full_buffer_loses_and_counts_but_answers() -> None:
    rig = Rig(buffer=256)
    rig.printer.cover(True)
    rig.write(b"x" * 300 + b"\x10\x04\x02" + b"y" * 10)
    rig.run()
    assert rig.printer.bytes_lost == 54
    assert bytes(byte for _, byte in rig.answers) == b"\x16"
    rig.printer.cover(False)
    rig.write(b"\n")
    rig.run()
    assert "".join(rig.lines) == "x" * 256


def test_without_flow_control_a_slow_head_loses_bytes() -> None:
    rig = Rig(buffer=256, dot_rows_per_second=100)
    rig.print(LINE * 40)
    assert rig.printer.bytes_lost > 0
    assert rig.printer.bytes_received == len(LINE) * 40


def test_busy_follows_the_buffer_and_the_cover() -> None:
    rig = Rig(FAST, uart=FAST, buffer=256, busy_below=48, ready_above=96)
    levels: list[tuple[int, int | None]] = []
    rig.nets.on_drive = lambda net, level: levels.append((rig.clock.now, level))
    rig.printer.cover(True)
    rig.printer.cover(False)
    assert levels == [(0, 1), (0, 0)]
    rig.write(b"\n" + b"z" * 254 + b"\n")
    rig.run()
    (up_at, up), (down_at, down) = levels[2:]
    assert (up, down) == (1, 0)
    # While the paper moves for the first line feed, fewer than 48 bytes are free after 209 more.
    assert up_at == (1 + 209) * FAST.char_us
    assert down_at > up_at
    assert rig.printer.bytes_lost == 0
    rig.printer.power(False)
    assert rig.busy is None


def test_real_time_commands_fire_inside_images_unless_the_profile_says_no() -> None:
    fires = Rig()
    fires.print(RASTER_WITH_DRAWER_PULSE)
    assert fires.printer.drawer.pulses == [2, 2]
    quiet = Rig(realtime_in_data=False)
    quiet.print(RASTER_WITH_DRAWER_PULSE)
    assert quiet.printer.drawer.pulses == []
    assert [receipt.rows for receipt in (fires.printer.uncut(),)] == [quiet.printer.uncut().rows]


def test_a_host_can_switch_the_real_time_pulse_off() -> None:
    rig = Rig()
    rig.print(bytes.fromhex("1D2844 0300 14 01 00") + RASTER_WITH_DRAWER_PULSE)
    assert rig.printer.drawer.pulses == []
    rig.print(bytes.fromhex("1D2844 0300 14 01 01") + bytes.fromhex("1014010101") + b"\x1bp\x00\x19\x19")
    assert rig.printer.drawer.pulses == [5, 2]


def test_recovery_and_clearing_in_real_time() -> None:
    rig = Rig()
    rig.printer.jam_cutter()
    rig.print(b"kept\n\x10\x05\x01")
    assert rig.lines == ["kept"]
    rig.printer.jam_cutter()
    rig.print(b"gone\n\x10\x05\x02new\n")
    assert rig.lines == ["kept", "new"]
    rig.printer.cover(True)
    rig.print(b"gone\n" + bytes.fromhex("1014 08 01031401060208"))
    rig.printer.cover(False)
    rig.print(b"last\n")
    assert rig.lines == ["kept", "new", "last"]


def test_paper_ends_between_lines_and_printing_goes_on_with_the_next_roll() -> None:
    rig = Rig()
    rig.printer.paper_left(3 * 30)
    rig.print(LINE * 6)
    assert len(rig.lines) == 3
    assert rig.printer.condition.paper_end
    rig.printer.load_paper()
    rig.run()
    assert len(rig.lines) == 6
    assert rig.printer.errors == []


def test_a_line_longer_than_what_is_left_goes_past_the_end_of_the_paper() -> None:
    rig = Rig(sensor_rows=100)
    rig.printer.paper_left(1)
    rig.print(b"\x1d!\x77BIG\n")  # 192 rows
    assert [len(line.rows) for line in rig.printer.strip.lines] == [101]
    assert rig.printer.errors[-1].text == "printed past the end of the paper: 'BIG'"


def test_clones_throw_their_buffer_away_when_paper_ends() -> None:
    rig = Rig(keeps_data_at_paper_end=False)
    rig.printer.paper_left(3 * 30)
    rig.print(LINE * 6)
    rig.printer.load_paper()
    rig.run()
    assert len(rig.lines) == 3


def test_the_head_gets_hot_rests_and_goes_on() -> None:
    rig = Rig(FAST, uart=FAST)
    black = b"\x1dv0\x00\x30\x00\xe8\x03" + b"\xff" * 48 * 1000
    rig.print(black)
    at_end = rig.clock.now
    assert rig.printer.strip.length == 1000
    assert 40 * MICRO < rig.printer.head.temperature < 65 * MICRO
    rig.write(black)
    while not rig.printer.head.overheated:
        rig.run_for(100_000)
    assert rig.printer.condition.realtime(3) == b"\x52"
    stopped, since = rig.printer.strip.length, rig.clock.now
    rig.run_for(1_000_000)
    assert rig.printer.strip.length - stopped <= 1
    rig.run()
    assert rig.printer.strip.length == 2000
    assert rig.clock.now - since > 8_000_000 > since - at_end


def test_more_heat_or_less_at_once_prints_slower() -> None:
    def seconds(settings: bytes) -> float:
        rig = Rig(FAST, uart=FAST)
        rig.print(settings + (b"\x1dB\x01" + b" " * 32 + b"\n") * 5)
        return rig.clock.now / MICRO

    normal = seconds(b"")
    assert seconds(b"\x1b7\x09\xff\x02") > 2 * normal
    assert seconds(b"\x1b7\x01\x50\x02") > 2 * normal
    assert seconds(b"\x1b7\x30\x10\x02") < normal


def test_power_off_forgets_what_is_not_on_paper() -> None:
    rig = Rig()
    rig.write(b"\x1ba\x01" + LINE * 3)
    rig.run_for(120_000)
    printed = len(rig.lines)
    rig.printer.power(False)
    assert rig.ask(b"\x10\x04\x01") == b""
    rig.printer.power(True)
    rig.print(b"left again\n")
    assert rig.lines[printed:] == ["left again"]


def test_a_listener_may_act_on_the_printer() -> None:
    rig = Rig()
    rig.printer.line_listeners.append(lambda line: rig.printer.cover(True))
    rig.print(LINE * 3)
    assert len(rig.lines) == 1
    rig.printer.cover(False)
    rig.run()
    assert len(rig.lines) == 2


def test_two_runs_are_the_same() -> None:
    def run() -> list[tuple[int, int]]:
        rig = Rig(buffer=256)
        rig.printer.line_listeners.append(lambda line: rig.answers.append((rig.clock.now, -1)))
        rig.print((LINE + b"\x1dr\x01") * 20 + b"\x1dVB\x00")
        return rig.answers

    assert run() == run()


@pytest.mark.parametrize(
    ("pulse", "pin"), [(b"\x1bp\x00\x19\x19", 2), (b"\x1bp1\x19\x19", 5), (b"\x10\x14\x01\x00\x01", 2)]
)
def test_a_pulse_opens_the_drawer_whose_switch_is_in_the_status(pulse: bytes, pin: int) -> None:
    rig = Rig()
    heard: list[int] = []
    rig.printer.drawer.listeners.append(heard.append)
    rig.ask(b"\x1da\x01")
    assert rig.ask(b"\x10\x04\x01") == b"\x12"
    pushed = rig.ask(pulse)
    assert pushed == bytes.fromhex("14000000"), "automatic status tells that the drawer is open"
    assert heard == rig.printer.drawer.pulses == [pin]
    assert rig.ask(b"\x10\x04\x01\x1dr\x02\x1bu\x00") == b"\x16\x01\x01"
    before = len(rig.answers)
    rig.printer.shut_drawer()
    rig.run()
    assert bytes(byte for _, byte in rig.answers[before:]) == bytes.fromhex("10000000")
    assert rig.ask(b"\x10\x04\x01") == b"\x12"
