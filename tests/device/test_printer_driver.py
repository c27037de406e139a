"""The printer driver against the printer model: slips, faults, and no line lost or doubled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from tillbench.host.devices.paper import PrintedLine
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.host.emulator.wires import UartConfig
from tillbench.protocols.fonts import glyphs, wide_glyphs

PAPER_OUT, NEAR_END, COVER_OPEN, OVERHEAT, OFFLINE, ERROR, DRAWER_OPEN = 1, 2, 4, 8, 16, 32, 64
LINES = [f"line {number:02d} {'.' * 22}" for number in range(40)]
SECOND = 1_000_000

MakePrinter = Callable[..., Printer]


@pytest.fixture
def make_printer(bench: Bench) -> MakePrinter:
    def make(busy: bool = False, **changes: Any) -> Printer:
        profile = dataclasses.replace(PrinterProfile(), **changes)
        printer = Printer(bench.clock, bench.uart(1), bench.nets, "P36" if busy else None, profile)
        bench.call("printer_probe:connect", profile.uart.baud, busy)
        return printer

    return make


def after_lines(printer: Printer, count: int, do: Callable[[], None]) -> None:
    """Do something as soon as `count` lines are on paper."""

    def hear(_line: PrintedLine) -> None:
        nonlocal count
        count -= 1
        if count == 0:
            do()

    printer.line_listeners.append(hear)


def printed(printer: Printer) -> list[str]:
    return [line.text for line in printer.strip.lines]


def test_a_slip_in_all_styles(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    lines = [
        ("CAFÉ £5 ¥6 €7", {"bold": True, "double": True, "align": "center"}),
        ("small print", {"font": "B", "align": "right"}),
        2,
        "plain",
    ]
    assert bench.call("printer_probe:slip", lines) == ("OK", 3, 4)
    (receipt,) = printer.receipts()
    assert receipt.text == "   CAFÉ £5 ¥6 €7\n" + " " * 31 + "small print\n\n\nplain"
    assert [len(line.rows) for line in receipt.lines] == [48, 30, 30, 30, 30]
    assert printer.errors == []
    assert printer.missing_glyphs == set()
    assert printer.bytes_lost == 0


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("baud", [9600, 115200])
def test_a_long_slip_never_overruns_the_buffer(bench: Bench, make_printer: MakePrinter, baud: int, busy: bool) -> None:
    printer = make_printer(busy, uart=UartConfig(baud=baud))
    assert bench.call("printer_probe:slip", LINES) == ("OK", 40, 40)
    assert printed(printer) == LINES
    assert printer.bytes_lost == 0
    assert printer.bytes_received > 4 * printer.profile.buffer


def test_it_prints_as_fast_as_the_head(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    bench.call("printer_probe:slip", LINES)
    head = sum(printer.head.print_us(line.rows) for line in printer.strip.lines)
    assert 0 < bench.clock.now - head < SECOND


@pytest.mark.one_in(3)
@pytest.mark.parametrize("ends_after", [1, 2, 17, 39, 40])
@pytest.mark.parametrize("rows", [0, 17, 80])
def test_paper_out_loses_and_doubles_nothing(
    bench: Bench, make_printer: MakePrinter, ends_after: int, rows: int
) -> None:
    printer = make_printer()
    after_lines(printer, ends_after, lambda: printer.paper_left(rows))

    def reload_paper() -> None:
        if printer.condition.paper_end:
            printer.load_paper()
        bench.clock.after(7 * SECOND, reload_paper)

    bench.clock.after(7 * SECOND, reload_paper)
    faults, count = bench.call("printer_probe:patient_slip", LINES)
    assert printed(printer) == LINES
    assert count == 40
    assert {reason for reason, _ in faults} <= {"PAPER_OUT"}
    assert faults
    (receipt,) = printer.receipts()
    assert receipt.text == "\n".join(LINES)


def test_paper_out_names_what_is_certainly_on_paper(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    after_lines(printer, 10, lambda: printer.paper_left(0))
    reason, certain, taken = bench.call("printer_probe:slip", LINES)
    assert reason == "PAPER_OUT"
    assert 9 <= certain <= len(printed(printer)) <= taken < 40
    assert printed(printer) == LINES[:10]


def test_no_paper_from_the_start_takes_no_line(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    printer.paper_left(0)
    assert bench.call("printer_probe:slip", LINES) == ("PAPER_OUT", 0, 0)
    printer.load_paper()
    assert bench.call("printer_probe:slip", LINES) == ("OK", 40, 40)
    assert printed(printer) == LINES


def test_a_printer_that_throws_its_buffer_away_is_found_out(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(keeps_data_at_paper_end=False)
    after_lines(printer, 10, lambda: printer.paper_left(0))
    bench.clock.after(9 * SECOND, printer.load_paper)
    faults, _ = bench.call("printer_probe:patient_slip", LINES)
    assert [reason for reason, _ in faults] == ["PAPER_OUT", "LOST"]
    assert all(certain <= len(printed(printer)) for _, certain in faults)
    # What is there of the slip is cut off, and the next one is whole.
    assert bench.call("printer_probe:slip", LINES[:3]) == ("OK", 3, 3)
    part, whole = printer.receipts()
    assert part.text == "\n".join(LINES[:10])
    assert whole.text == "\n".join(LINES[:3])


def test_a_slip_that_was_given_up_is_cut_off_first(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    after_lines(printer, 10, lambda: printer.paper_left(0))
    _, _, taken = bench.call("printer_probe:slip", LINES)
    bench.call("printer_probe:abandon")
    assert bench.call("printer_probe:slip", LINES) == ("PAPER_OUT", 0, 0)
    printer.load_paper()
    assert bench.call("printer_probe:slip", LINES[:3]) == ("OK", 3, 3)
    part, whole = printer.receipts()
    assert part.text == "\n".join(LINES[:taken])
    assert whole.text == "\n".join(LINES[:3])


def test_cover_opened_in_mid_slip(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    after_lines(printer, 5, lambda: printer.cover(True))
    bench.clock.after(6 * SECOND, lambda: printer.cover(False))
    faults, _ = bench.call("printer_probe:patient_slip", LINES)
    assert [reason for reason, _ in faults] == ["COVER_OPEN"]
    assert printed(printer) == LINES


def test_a_hot_head_is_waited_for(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    after_lines(printer, 5, lambda: printer.warm_up(66))
    assert bench.call("printer_probe:slip", LINES) == ("OK", 40, 40)
    assert printed(printer) == LINES
    assert bench.clock.now > 8 * SECOND


@pytest.mark.till_needs("speed")
def test_a_head_that_stays_hot_is_reported(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    printer.head.ambient = 64 * SECOND
    after_lines(printer, 5, lambda: printer.warm_up(66))
    reason, certain, _ = bench.call("printer_probe:slip", LINES)
    assert (reason, certain) == ("OVERHEAT", 4)


@pytest.mark.parametrize("wires", ["unpowered", "unconnected"])
def test_no_answer(bench: Bench, make_printer: MakePrinter, wires: str) -> None:
    printer = make_printer()
    if wires == "unpowered":
        printer.power(False)
    else:
        bench.uart(1).on_bytes = lambda data: None
    assert bench.call("printer_probe:slip", LINES) == ("NO_ANSWER", 0, 0)
    assert bench.call("printer_probe:status") == "NO_ANSWER"


def test_power_lost_in_mid_slip(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    after_lines(printer, 10, lambda: printer.power(False))
    bench.clock.after(9 * SECOND, lambda: printer.power(True))
    faults, _ = bench.call("printer_probe:patient_slip", LINES)
    assert [reason for reason, _ in faults][:: len(faults) - 1] == ["NO_ANSWER", "LOST"]
    assert all(certain <= len(printed(printer)) for _, certain in faults)


def test_modes_are_set_again_after_the_printer_was_off(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    assert bench.call("printer_probe:slip", ["é"], cut=False) == ("OK", 0, 1)
    bench.call("printer_probe:pause", 1000)
    assert bench.call("printer_probe:status") == 0
    printer.power(False)
    assert bench.call("printer_probe:status") == "NO_ANSWER"
    printer.power(True)
    assert bench.call("printer_probe:slip", ["é", "ü"])[0] == "OK"
    assert printed(printer) == ["é", "é", "ü"]


def test_waiting_can_be_given_up(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    printer.paper_left(0)
    with pytest.raises(DeviceError) as error:
        bench.call("printer_probe:patient_slip", LINES, 3000)
    assert error.value.type == "PrinterFault"
    assert "PAPER_OUT" in error.value.args_repr
    assert 3 * SECOND <= bench.clock.now < 4 * SECOND


def test_status_flags(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    assert bench.call("printer_probe:status") == 0
    cases: list[tuple[Callable[[], None], Callable[[], None], int]] = [
        (lambda: printer.paper_left(100), printer.load_paper, NEAR_END),
        (lambda: printer.paper_left(0), printer.load_paper, PAPER_OUT | NEAR_END | OFFLINE),
        (lambda: printer.cover(True), lambda: printer.cover(False), COVER_OPEN | OFFLINE),
        (printer.jam_cutter, lambda: printer.jam_cutter(False), ERROR | OFFLINE),
        (printer.break_down, lambda: printer.break_down(False), ERROR | OFFLINE),
        (lambda: printer.warm_up(70), lambda: printer.warm_up(20), OVERHEAT | OFFLINE),
    ]
    for change, undo, flags in cases:
        change()
        assert bench.call("printer_probe:status") == flags
        undo()
        assert bench.call("printer_probe:status") == 0


def test_a_drawer_on_the_printers_connector_or_on_a_pin(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    seen = []
    for drawer in (False, True, 4):
        bench.call("printer_probe:connect", 9600, False, drawer)
        for opened in (printer.open_drawer, lambda: bench.nets.close("GND", "P4")):
            before = bench.call("printer_probe:status")
            opened()
            seen.append((before, bench.call("printer_probe:status")))
            printer.shut_drawer()
            bench.nets.open("GND", "P4")
    assert seen == [(0, 0), (0, 0), (0, DRAWER_OPEN), (0, 0), (0, 0), (0, DRAWER_OPEN)]


def test_wrong_rate_is_no_answer_and_prints_garbage(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(uart=UartConfig(baud=19200))
    bench.call("printer_probe:connect", 9600)
    assert bench.call("printer_probe:status") == "NO_ANSWER"
    assert printer.framing_errors > 0


def test_data_never_contains_a_real_time_command(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    hostile = "pay \x10\x14\x01\x00\x05 \x10\x04\x01 \x1b@ \x1dV\x00 \n \r now ☎"
    assert bench.call("printer_probe:slip", [hostile]) == ("OK", 1, 1)
    assert printer.drawer.pulses == []
    assert printed(printer) == ["pay ????? ??? ?@ ?V? ? ? now ?"]
    assert bench.call("printer_probe:unprintable") == 14


@pytest.mark.parametrize(
    ("call", "args", "message"),
    [
        ("printer_probe:slip", (["x" * 129],), "line of 129 bytes, at most 128"),
        ("printer_probe:feed", (21,), "feed of 21 lines, 1 to 20"),
        ("printer_probe:feed", (0,), "feed of 0 lines, 1 to 20"),
        ("printer_probe:slip", ([("x", {"font": "C"})],), ""),
        ("printer_probe:slip", ([("x", {"align": "justified"})],), ""),
    ],
)
def test_what_cannot_be_printed_is_refused(
    bench: Bench, make_printer: MakePrinter, call: str, args: tuple[object, ...], message: str
) -> None:
    printer = make_printer()
    with pytest.raises(DeviceError) as error:
        bench.call(call, *args)
    assert error.value.type == "ValueError"
    assert message in error.value.args_repr
    assert printed(printer) == []


def test_busy_stops_the_driver(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(busy=True)
    bench.nets.drive("P36", 1)  # stuck high, whatever the printer does
    printer._busy_net = None
    assert bench.call("printer_probe:slip", LINES) == ("OFFLINE", 0, 0)
    assert printed(printer) == []


def test_hanzi_in_both_sizes_and_at_both_ends(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer()
    lines = [
        ("商户名称", {"right": "测试商店"}),
        ("卡号 Café €5", {"bold": True}),
        ("金额", {"right": "12.34", "double": True}),
        ("中", {"right": "1", "font": "B"}),
        "Café",
    ]
    assert bench.call("printer_probe:slip", lines) == ("OK", 5, 5)
    (receipt,) = printer.receipts()
    assert [line.text for line in receipt.lines][:5] == [
        "商户名称" + " " * 16 + "测试商店",
        "卡号 Caf? ?5",
        "金额" + " " * 14 + "12.34",
        "中" + " " * 39 + "1",
        "Café",
    ]
    assert bench.call("printer_probe:unprintable") == 2
    assert printer.errors == []
    assert printer.missing_glyphs == set()


def as_dots(receipt: Any, top: int, high: int) -> list[int]:
    return list(receipt.rows[top : top + high])


def unifont(text: str, width: int = 384) -> list[int]:
    """Sixteen rows of a text at the left of the paper, by the font file."""
    rows = [0] * 16
    x = 0
    for char in text:
        wide = char in wide_glyphs()
        glyph = wide_glyphs()[char] if wide else glyphs()[char]
        for y in range(16):
            bits = int.from_bytes(glyph[2 * y : 2 * y + 2]) if wide else glyph[y]
            rows[y] |= bits << (width - x - (16 if wide else 8))
        x += 16 if wide else 8
    return rows


def test_a_printer_without_hanzi_gets_them_as_dots(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(kanji=False, uart=UartConfig(baud=115200))
    lines = [("金额(AMOUNT):", {"font": "dots", "right": "中"}), ("卡", {"font": "dots", "double": True}), "plain"]
    assert bench.call("printer_probe:slip", lines) == ("OK", 3, 3)
    (receipt,) = printer.receipts()
    left, right = unifont("金额(AMOUNT):"), [row & 0xFFFF for row in unifont("中", 16)]
    assert as_dots(receipt, 0, 16) == [a | b for a, b in zip(left, right, strict=True)]
    assert as_dots(receipt, 16, 4) == [0] * 4
    doubled = [int("".join(bit * 2 for bit in f"{row:016b}"), 2) << 352 for row in unifont("卡", 16) for _ in (0, 1)]
    assert as_dots(receipt, 20, 32) == doubled
    assert printer.errors == []


def test_dots_that_are_a_real_time_command_keep_the_drawer_shut(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(uart=UartConfig(baud=115200))
    rows = [bytes.fromhex(row) for row in ("10140100", "10040110", "00101005", "14100514")]
    bench.call("printer_probe:picture", rows)
    assert printer.drawer.pulses == []
    assert as_dots(printer.strip, 0, 4) == [
        int(row, 16) << 352 for row in ("18140100", "18040110", "00101805", "14180514")
    ]
    assert printer.errors == []


def test_a_picture_goes_on_where_the_paper_ended(bench: Bench, make_printer: MakePrinter) -> None:
    printer = make_printer(uart=UartConfig(baud=115200))
    rows = [bytes([number, 255 - number, 0x55]) for number in range(200)]
    whole = [int.from_bytes(row) << 360 for row in rows]

    def run_out() -> None:
        printer.paper_left(0)
        bench.clock.at(bench.clock.now + SECOND, printer.load_paper)

    after_lines(printer, 1, run_out)
    faults = bench.call("printer_probe:patient_picture", rows)
    assert [reason for reason, _ in faults] == ["PAPER_OUT"]
    assert as_dots(printer.strip, 0, 200) == whole


def test_a_picture_wider_than_the_paper_is_refused(bench: Bench, make_printer: MakePrinter) -> None:
    make_printer()
    with pytest.raises(DeviceError, match="picture of 392 dots, 384 can be had"):
        bench.call("printer_probe:picture", [bytes(49)])
