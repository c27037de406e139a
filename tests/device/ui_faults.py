"""Faults of display, keypad and buzzer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tillbench.host.devices.glyph_reader import read_screen
from tillbench.host.devices.keypad import KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from tests.device.fault_catalogue import Fault
from tests.device.fault_wires import on_borrowed_wires

ADDRESS = 0x3C
ROWS = ["P32", "P33", "P25", "P26", "P27"]
COLS = ["P14", "P12", "P13", "P15"]

# Display


class _Bus:
    """A panel on a bus that cuts writes short after `most` bytes, if that is said."""

    def __init__(self) -> None:
        self.panel = Panel(random.Random(1))
        self.most: int | None = None
        self.noise = False

    def write(self, data: bytes) -> int:
        if self.most is not None and len(data) > self.most:
            self.panel.write(data[: self.most])
            return self.most
        acknowledged = self.panel.write(data)
        self.noise = self.noise or any(self.panel.pixels())
        return acknowledged

    def read(self, n: int) -> bytes:
        return self.panel.read(n)


def _draw(bench: Bench, text: str) -> str:
    """The error, if there is one."""
    try:
        bench.call("ui_probe:texts", [(0, text, False)])
    except DeviceError as error:
        return str(error.type)
    return ""


@on_borrowed_wires
def _absent(bench: Bench) -> Any:
    bench.call("ui_probe:renew")
    try:
        bench.call("ui_probe:init")
    except DeviceError as error:
        return error.type
    return ""


def _cut_short(most: int) -> Callable[[Bench], Any]:
    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        bus = _Bus()
        bench.i2c(0).attach(ADDRESS, bus)
        bench.call("ui_probe:renew")
        bench.call("ui_probe:init")
        bus.most = most
        error = _draw(bench, "LOST")
        bus.most = None
        return error, _draw(bench, "WHOLE"), read_screen(bus.panel.pixels()).text.rstrip()

    return play


def _left(commands: str) -> Callable[[Bench], Any]:
    """The board was reset, the panel was not."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        bus = _Bus()
        bus.panel.write(b"\x00" + bytes.fromhex(commands))
        bench.i2c(0).attach(ADDRESS, bus)
        bench.call("ui_probe:renew")
        bench.call("ui_probe:init")
        noise = bus.noise
        _draw(bench, "SALE")
        return noise, read_screen(bus.panel.pixels()).text.rstrip()

    return play


_SSD = "drivers.ssd1306:SSD1306."
DISPLAY = [
    Fault("display", "no acknowledge: not there", "OSError", _SSD + "_write", None, _absent, "OSError"),
    Fault(
        "display",
        "no acknowledge in the middle of a frame",
        "OSError; the next frame is whole",
        _SSD + "_write",
        None,
        _cut_short(500),
        ("OSError", "", "WHOLE"),
    ),
    Fault(
        "display",
        "no acknowledge after the address",
        "OSError; the next frame is whole",
        _SSD + "_write",
        None,
        _cut_short(1),
        ("OSError", "", "WHOLE"),
    ),
    *(
        Fault("display", name, "set right before it is lit", _SSD + by, None, _left(commands), (False, "SALE"))
        for name, by, commands in (
            ("random picture after power on", "_send_frame", ""),
            ("left inverse, mirrored, scrolled and lit", "init", "a0c0a7a5d30ba81f5720012110200022020381108d14af"),
            ("board reset in the middle of a command", "init", "af21"),
        )
    ),
]

# Keypad


def _keys(
    act: Callable[[Bench, KeypadModel], object],
    count: int,
    *,
    bounce: bool = False,
    ms: int = 1500,
    early: bool = False,
) -> Callable[[Bench], Any]:
    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        bench.call("ui_probe:renew")
        model = KeypadModel(bench.clock, bench.nets, ROWS, COLS, random.Random(3), bounce=bounce)
        if not early:
            bench.call("ui_probe:wait", 0)
        act(bench, model)
        if early:
            bench.call("runner_probe:sleep", 1)
        found = [code for code, _ in bench.call("ui_probe:keys", count, ms)]
        state = bench.call("ui_probe:state")
        model.hands_off()
        bench.call("ui_probe:wait", 100)
        bench.call("ui_probe:renew")
        return "".join(map(chr, found)), state["ghosts"], state["stuck"], state["overflows"]

    return play


def _rectangle(bench: Bench, model: KeypadModel) -> None:
    for key in ("1", "2", "4"):
        model.press(key, 300_000)


def _third_corner(bench: Bench, model: KeypadModel) -> None:
    model.press("1", 500_000)
    bench.clock.after(100_000, lambda: (model.press("2", 400_000), None)[1])
    bench.clock.after(200_000, lambda: (model.press("4", 100_000), None)[1])


def _lifted_one_by_one(bench: Bench, model: KeypadModel) -> None:
    for key, hold_us in (("1", 200_000), ("2", 300_000), ("4", 400_000)):
        model.press(key, hold_us)


@on_borrowed_wires
def _stuck(bench: Bench) -> Any:
    bench.call("ui_probe:renew")
    model = KeypadModel(bench.clock, bench.nets, ROWS, COLS, random.Random(3), bounce=False)
    bench.call("ui_probe:wait", 0)
    model.stick("5")
    bench.call("ui_probe:wait", 10_100)
    stuck = bench.call("ui_probe:state")["stuck"]
    model.unstick("5")
    bench.call("ui_probe:wait", 100)
    bench.call("ui_probe:renew")
    return stuck


@on_borrowed_wires
def _given_up_pin(bench: Bench) -> Any:
    bench.call("ui_probe:renew")
    model = KeypadModel(bench.clock, bench.nets, ROWS, COLS, random.Random(3), bounce=False)
    bench.call("ui_probe:wait", 0)
    model.type("9 8 7 6")
    bench.call("ui_probe:wait", 2_000)
    bench.call("ui_probe:flush")
    ring = bench.call("ui_probe:state")["ring"]
    bench.call("ui_probe:renew")
    return any(ring)


_PAD = "drivers.keypad:Keypad."
KEYPAD = [
    Fault("keypad", name, answer, _PAD + by, without, play, expected)
    for name, answer, by, without, play, expected in (
        (
            "contacts bounce",
            "one press is one key",
            "_settle",
            None,
            _keys(lambda bench, model: model.type("1 1 5"), 4, bounce=True, ms=3000),
            ("115", 0, b"", 0),
        ),
        (
            "key held for seconds",
            "is one press",
            "_settle",
            None,
            _keys(lambda bench, model: model.press("7", 3_000_000), 2, ms=4000),
            ("7", 0, b"", 0),
        ),
        (
            "three keys of a rectangle at once",
            "nothing is reported",
            "_is_rectangle",
            False,
            _keys(_rectangle, 1),
            ("", 1, b"", 0),
        ),
        (
            "a third key makes a fourth look pressed",
            "the ghost is not reported",
            "_is_rectangle",
            False,
            _keys(_third_corner, 3),
            ("12", 1, b"", 0),
        ),
        (
            "a rectangle is lifted key by key",
            "none of them counts",
            "_refuse",
            None,
            _keys(_lifted_one_by_one, 1),
            ("", 1, b"", 0),
        ),
        ("key jammed", "told after 10 s", "stuck", b"", _stuck, b"5"),
        (
            "key down before the scanner starts",
            "is seen",
            "_any_row_low",
            False,
            _keys(lambda bench, model: model.press("5", 2_000_000), 2, early=True, ms=3000),
            ("5", 0, b"", 0),
        ),
        ("entry given up with digits not fetched", "they are zeroed", "flush", None, _given_up_pin, False),
    )
]
FAULTS = [*DISPLAY, *KEYPAD]
