"""Faults of barcode scanner and tamper switch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault

CODE = "6901234567892"
SWITCH = ("GND", "P18")


def _scanned(*lines: tuple[int, bytes], count: int = 3) -> Callable[[Bench], Any]:
    """Bytes that come at so many ms; the codes that the driver reads, and the lines that it has refused."""

    def play(bench: Bench) -> Any:
        bench.call("inputs_probe:connect")
        for ms, data in lines:
            bench.clock.after(ms * 1000, partial(bench.uart(1).to_device, data))
        found, refused = bench.call("inputs_probe:scans", count)
        return found, refused

    return play


def _before_it_was_asked(bench: Bench) -> Any:
    bench.call("inputs_probe:connect")
    bench.clock.after(10_000, lambda: bench.uart(1).to_device(b"OLD\r"))
    bench.call("inputs_probe:wait", 100)
    bench.clock.after(500_000, lambda: bench.uart(1).to_device(CODE.encode() + b"\r"))
    return bench.call("inputs_probe:scans", 2)[0]


def _opened_for_a_moment(bench: Bench) -> Any:
    """The case is open for 1 ms, while nobody waits for that."""
    bench.nets.close(*SWITCH)
    bench.call("inputs_probe:connect")
    bench.clock.after(10_000, lambda: bench.nets.open(*SWITCH))
    bench.clock.after(11_000, lambda: bench.nets.close(*SWITCH))
    bench.call("inputs_probe:wait", 100)
    return bench.call("inputs_probe:opened")


_GOOD = (1000, CODE.encode() + b"\r\n")
_SCANNER = "drivers.scanner:Scanner."
FAULTS = [
    Fault(
        "scanner",
        "line cut off in the middle",
        "dropped: it is not put before the next one",
        _SCANNER + "_pause_ms",
        60_000,
        _scanned((10, b"690123"), _GOOD),
        ([CODE], 1),
    ),
    Fault(
        "scanner",
        "line that is longer than any code",
        "refused",
        _SCANNER + "_is_too_long",
        False,
        _scanned((10, b"7" * 170 + b"\r"), _GOOD),
        ([CODE], 1),
    ),
    Fault(
        "scanner",
        "another baud rate: bytes that are no text",
        "refused",
        _SCANNER + "_is_text",
        True,
        _scanned((10, b"\x06\x1b\x7f\x18\r"), _GOOD),
        ([CODE], 1),
    ),
    Fault(
        "scanner",
        "trigger held: the same label again",
        "is one scan",
        _SCANNER + "_is_repeat",
        False,
        _scanned(_GOOD, (1200, _GOOD[1])),
        ([CODE], 0),
    ),
    Fault(
        "scanner",
        "label read before anybody asked",
        "is nobody's",
        _SCANNER + "_drain",
        None,
        _before_it_was_asked,
        [CODE],
    ),
    Fault(
        "tamper",
        "case open for a millisecond, while nobody looks",
        "was opened",
        "drivers.tamper:Tamper._on_edge",
        None,
        _opened_for_a_moment,
        True,
    ),
]
