"""Models of peripherals on the wires where a board says that its parts are (`Bench.parts`)."""

from __future__ import annotations

import random
from collections.abc import Callable

from tillbench.host.devices.ccid_controller import CcidController
from tillbench.host.devices.colour_panel import ColourPanel
from tillbench.host.devices.keypad import KeyEvent, KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.pn532 import Field, I2cPort, Pn532
from tillbench.host.devices.slot import Slot
from tillbench.host.emulator.bench import Bench


def place_colour_panel(bench: Bench, panel: ColourPanel) -> None:
    """The other display on its SPI bus."""
    display = bench.parts["colour_display"]
    panel.wire(bench.nets, f"P{display['dc']}")
    bench.spi(int(display["spi"])).attach(f"P{display['cs']}", panel)


def place_panel(bench: Bench, panel: Panel) -> None:
    """The display on its I2C bus."""
    display = bench.parts["display"]
    bench.i2c(int(display["i2c"])).attach(int(display["addr"]), panel)


def place_keypad(
    bench: Bench,
    rng: random.Random,
    *,
    masked: Callable[[], bool],
    on_event: Callable[[KeyEvent], None],
    bounce: bool = True,
) -> KeypadModel:
    """The keys between their rows and columns; the arguments are the model's."""
    keypad = bench.parts["keypad"]
    rows, cols = ([f"P{pin}" for pin in keypad[side].split(",")] for side in ("rows", "cols"))
    return KeypadModel(bench.clock, bench.nets, rows, cols, rng, bounce=bounce, masked=masked, on_event=on_event)


def place_slot(bench: Bench, rng: random.Random) -> Slot:
    """The card slot on its UART and contacts."""
    card = bench.parts["card"]
    contacts = {name: f"P{card[name]}" for name in ("rst", "clk", "vcc", "present")}
    return Slot(bench.clock, bench.nets, bench.uart(int(card["uart"])), **contacts, rng=rng)


def place_controller(bench: Bench) -> CcidController:
    """A smart-card controller on the UART of the card slot, whose contacts are its own then."""
    return CcidController(bench.clock, bench.uart(int(bench.parts["card"]["uart"])))


def place_contactless(bench: Bench) -> Pn532:
    """The contactless reader on its I2C bus, with its interrupt line."""
    part = bench.parts["contactless"]
    chip = Pn532(bench.clock, Field())
    bench.i2c(int(part["i2c"])).attach(int(part["addr"]), I2cPort(chip, bench.nets, f"P{part['irq']}"))
    return chip
