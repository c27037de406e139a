"""Faults of the receipt printer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import UartConfig

from tests.device.fault_catalogue import Fault
from tests.device.fault_wires import on_borrowed_wires

LINES = [f"line {number:02d}" for number in range(12)]
SECOND = 1_000_000
Act = Callable[[Bench, Printer], object]


def _printer(bench: Bench, busy: bool = False, **changes: Any) -> Printer:
    profile = dataclasses.replace(PrinterProfile(uart=UartConfig(baud=115200)), **changes)
    printer = Printer(bench.clock, bench.uart(1), bench.nets, "P36" if busy else None, profile)
    bench.call("printer_probe:connect", 115200, busy)
    return printer


def _after(printer: Printer, count: int, act: Callable[[], object]) -> None:
    """Do something as soon as `count` lines are on paper."""
    seen = 0

    def hear(_line: object) -> None:
        nonlocal seen
        seen += 1
        if seen == count:
            act()

    printer.line_listeners.append(hear)


def _slip(before: Act | None = None, during: Act | None = None, **changes: Any) -> Callable[[Bench], Any]:
    """The slip's end (reason), and whether what is on paper is a beginning of it, or all."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        printer = _printer(bench, **changes)
        if before:
            before(bench, printer)
        if during:
            _after(printer, 4, lambda: during(bench, printer))
        reason, certain, _ = bench.call("printer_probe:slip", LINES)
        printed = [line.text for line in printer.strip.lines]
        printer.power(False)
        whole = "whole" if printed == LINES else "begun" if printed == LINES[: len(printed)] else "wrong"
        return reason, whole, certain <= len(printed), printer.bytes_lost

    return play


def _patient(during: Act, **changes: Any) -> Callable[[Bench], Any]:
    """The same slip with a merchant who sets it right: the reasons in their order, and what is on paper."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        printer = _printer(bench, **changes)
        _after(printer, 4, lambda: during(bench, printer))
        faults, _ = bench.call("printer_probe:patient_slip", LINES, 20_000)
        printed = [line.text for line in printer.strip.lines]
        slips = [receipt.text for receipt in printer.receipts()]
        printer.power(False)
        return sorted({reason for reason, _ in faults}), printed == LINES, slips == ["\n".join(LINES)]

    return play


def _later(undo: Callable[[Printer], object], act: Callable[[Printer], object]) -> Act:
    def during(bench: Bench, printer: Printer) -> None:
        act(printer)
        bench.clock.after(3 * SECOND, lambda: (undo(printer), None)[1])

    return during


def _status(change: Callable[[Printer], object]) -> Callable[[Bench], Any]:
    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        printer = _printer(bench)
        change(printer)
        flags = bench.call("printer_probe:status")
        printer.power(False)
        return flags

    return play


@on_borrowed_wires
def _given_up(bench: Bench) -> Any:
    printer = _printer(bench)
    _after(printer, 4, lambda: printer.paper_left(0))
    bench.call("printer_probe:slip", LINES)
    bench.call("printer_probe:abandon")
    printer.load_paper()
    bench.call("printer_probe:slip", LINES[:3])
    last = printer.receipts()[-1].text
    printer.power(False)
    return last


@on_borrowed_wires
def _realtime_dots(bench: Bench) -> Any:
    printer = _printer(bench)
    bench.call("printer_probe:picture", [bytes.fromhex(row) for row in ("10140100", "10040110", "00101005")])
    pulses = list(printer.drawer.pulses)
    printer.power(False)
    return pulses


@on_borrowed_wires
def _realtime_text(bench: Bench) -> Any:
    printer = _printer(bench)
    bench.call("printer_probe:slip", ["pay \x10\x14\x01\x00\x05 now"])
    pulses = list(printer.drawer.pulses)
    text = printer.strip.lines[0].text
    printer.power(False)
    return pulses, text


@on_borrowed_wires
def _drawer_left_open(bench: Bench) -> Any:
    """Open and shut again; what the status said each time."""
    printer = _printer(bench)
    bench.call("printer_probe:connect", 115200, False, True)
    said = []
    for act in (printer.open_drawer, printer.shut_drawer):
        act()
        said.append(bench.call("printer_probe:status"))
    printer.power(False)
    return said


def _busy_for_ever(bench: Bench, printer: Printer) -> None:
    bench.nets.drive("P36", 1)
    printer._busy_net = None


def _noise(bench: Bench, _printer: Printer) -> None:
    """Two stray 00 while lines are unanswered: the answers to two status requests that were not asked."""
    bench.uart(1).to_device(b"\x93\xff")


_D = "drivers.escpos:Printer."


def _fault(
    name: str,
    answer: str,
    by: str,
    play: Callable[[Bench], Any],
    expected: Any,
    without: Any = None,
    awaited: bool = False,
) -> Fault:
    handling = by if ":" in by else _D + by
    return Fault("printer", name, answer, handling, without, play, expected, awaited)


FAULTS = [
    _fault(
        "no paper", "no line is taken", "_refuse", _slip(lambda b, p: p.paper_left(0)), ("PAPER_OUT", "begun", True, 0)
    ),
    _fault(
        "paper ends in mid-slip",
        "PAPER_OUT; after the new roll no line is missing and none comes twice",
        "_refuse",
        _patient(_later(lambda p: p.load_paper(), lambda p: p.paper_left(0))),
        (["PAPER_OUT"], True, True),
    ),
    _fault("paper nearly at its end", "told", "_status", _status(lambda p: p.paper_left(100)), 2, 0, True),
    _fault(
        "cover open", "no line is taken", "_refuse", _slip(lambda b, p: p.cover(True)), ("COVER_OPEN", "begun", True, 0)
    ),
    _fault(
        "cover opened in mid-slip",
        "COVER_OPEN; goes on where it was",
        "_refuse",
        _patient(_later(lambda p: p.cover(False), lambda p: p.cover(True))),
        (["COVER_OPEN"], True, True),
    ),
    _fault(
        "cutter jams in mid-slip",
        "ERROR; goes on when it is free",
        "_refuse",
        _patient(_later(lambda p: p.jam_cutter(False), lambda p: p.jam_cutter())),
        (["ERROR"], True, True),
    ),
    _fault("broken head", "told", "_refuse", _slip(lambda b, p: p.break_down()), ("ERROR", "begun", True, 0)),
    _fault(
        "head too hot",
        "waited for",
        "_status",
        _slip(during=lambda b, p: p.warm_up(66)),
        ("OK", "whole", True, 0),
        0,
        True,
    ),
    _fault(
        "switched off",
        "NO_ANSWER",
        "_query",
        _slip(lambda b, p: p.power(False)),
        ("NO_ANSWER", "begun", True, 0),
        0x12,
        True,
    ),
    _fault(
        "cable cut",
        "NO_ANSWER",
        "_query",
        _slip(lambda b, p: setattr(b.uart(1), "on_bytes", lambda data: None)),
        ("NO_ANSWER", "begun", True, 0),
        0x12,
        True,
    ),
    _fault(
        "set to another baud rate",
        "NO_ANSWER",
        "_query",
        _slip(uart=UartConfig(baud=9600)),
        ("NO_ANSWER", "begun", True, 0),
        0x12,
        True,
    ),
    _fault(
        "throws its buffer away when paper ends",
        "LOST: nobody can know what is on paper",
        "_answered",
        _patient(_later(lambda p: p.load_paper(), lambda p: p.paper_left(0)), keeps_data_at_paper_end=False),
        (["LOST", "PAPER_OUT"], False, False),
        None,
        True,
    ),
    _fault(
        "switched off and on in mid-slip",
        "LOST",
        "_answered",
        _patient(_later(lambda p: p.power(True), lambda p: p.power(False))),
        (["LOST", "NO_ANSWER"], False, False),
        None,
        True,
    ),
    _fault(
        "small receive buffer, slow head",
        "at most 192 bytes are unanswered: nothing is lost",
        "_answered",
        _slip(dot_rows_per_second=60, feed_rows_per_second=60),
        ("OK", "whole", True, 0),
        None,
        True,
    ),
    _fault(
        "BUSY for ever",
        "OFFLINE",
        "_not_busy",
        _slip(_busy_for_ever, busy=True),
        ("OFFLINE", "begun", True, 0),
        None,
        True,
    ),
    _fault("noise on RX", "is no answer", "_answer", _slip(during=_noise), ("OK", "whole", True, 0), -1),
    _fault("drawer left open", "told", "_is_drawer_open", _drawer_left_open, [64, 0], False),
    _fault(
        "slip given up half-way",
        "its rest is cut off before the next one",
        "abandon",
        _given_up,
        "\n".join(LINES[:3]),
    ),
    _fault(
        "dots that are a drawer pulse",
        "one dot more: the drawer stays shut",
        "drivers.escpos:_defuse",
        _realtime_dots,
        [],
    ),
    _fault(
        "text with control characters",
        "printed as ?",
        "_encode",
        _realtime_text,
        ([], "pay ????? now"),
        b"\x10\x14\x01\x00\x05",
    ),
]
