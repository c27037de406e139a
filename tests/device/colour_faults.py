"""Faults of the colour panel, which says nothing back: what is on the glass after them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tillbench.host.devices.colour_panel import ColourPanel
from tillbench.host.devices.colour_panel_registers import CONTROLLERS
from tillbench.host.devices.glyph_reader import read_screen
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault
from tests.device.fault_wires import on_borrowed_wires

PAPER, INK = (8, 12, 16), (180, 226, 255)
"""As 16 bits have them."""


def plug_in(bench: Bench, kind: str = "ST7789") -> ColourPanel:
    """The module on its wires, as after power-on."""
    panel = ColourPanel(CONTROLLERS[kind], random.Random(1), lambda: bench.clock.now)
    panel.wire(bench.nets, "P10")
    bench.spi(1).attach("P9", panel)
    return panel


def on_glass(panel: ColourPanel) -> tuple[str, bool]:
    """The text, and whether the whole margin is paper."""
    image = panel.image().copy()
    image.paste(PAPER, (32, 56, 288, 184))
    clean = image.getcolors() == [(320 * 240, PAPER)]
    return read_screen(panel.pixels()).text.rstrip(), clean


def _after(spoil: Callable[[Bench, ColourPanel], None]) -> Callable[[Bench], Any]:
    """Something goes wrong while the first picture is shown; what is on the glass with the third."""

    @on_borrowed_wires
    def play(bench: Bench) -> Any:
        panel = plug_in(bench)
        bench.call("colour_probe:connect")
        spoil(bench, panel)
        bench.call("colour_probe:draw", "FIRST", "one")
        bench.call("colour_probe:draw", "SECOND", "two")
        bench.call("colour_probe:draw", "THIRD", "two")
        return on_glass(panel)

    return play


@on_borrowed_wires
def _reset(bench: Bench) -> Any:
    """The board starts anew while the panel shows a picture: it is reset out of an awake state."""
    panel = plug_in(bench)
    bench.call("colour_probe:connect")
    bench.call("colour_probe:draw", "BEFORE", "reset")
    bench.call("colour_probe:connect")
    bench.call("colour_probe:draw", "AFTER")
    return on_glass(panel)


def _dip(bench: Bench, panel: ColourPanel) -> None:
    panel.power_cycle()
    bench.call("colour_probe:wait", 10_100)


def _blank_start(bench: Bench) -> Any:
    """Lit while its memory is still what it was at power-on: did an eye see noise?"""
    panel = plug_in(bench)
    seen = []
    panel_begin = panel._begin

    def begin(command: int) -> None:
        panel_begin(command)
        if panel.lit:
            seen.append(on_glass(panel))

    panel._begin = begin  # type: ignore[method-assign]  # in its place for this test
    bench.call("colour_probe:connect")
    return seen


PART = "colour panel"
_D = "drivers.colour_panel:ColourPanel."
FAULTS = [
    Fault(
        PART,
        "reset while it is awake: for 120 ms it does not wake again",
        "is waited for",
        _D + "_settle",
        None,
        _reset,
        ("AFTER", True),
    ),
    Fault(
        PART,
        "bytes of a strip do not arrive",
        "the next strip is at its place",
        _D + "_window",
        None,
        _after(lambda bench, panel: panel.lose(700)),
        ("THIRD\ntwo", True),
    ),
    Fault(
        PART,
        "spike on the clock: every bit is taken for the one after it",
        "ends with that strip",
        _D + "_end",
        None,
        _after(lambda bench, panel: panel.slip()),
        ("THIRD\ntwo", True),
    ),
    Fault(
        PART,
        "dip of its supply: settings and memory are gone",
        "set up again, and the whole picture, at the first frame after ten seconds",
        _D + "_is_stale",
        False,
        _after(_dip),
        ("THIRD\ntwo", True),
    ),
    Fault(
        PART,
        "noise in its memory at power-on",
        "cleared before it is lit",
        _D + "_send_all",
        None,
        on_borrowed_wires(_blank_start),
        [("", True)],
    ),
]
