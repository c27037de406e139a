"""A board with every part on the virtual pins, and the person in front of it: whom bring-up looks at and asks."""

from __future__ import annotations

import random
from typing import Any

from tillbench.host.boards.bringup.parts import PARTS
from tillbench.host.devices.battery import Battery
from tillbench.host.devices.keypad import KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.devices.pn532 import Field, I2cPort, Pn532
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ScriptedCard
from tillbench.host.devices.stripe_head import StripeHead
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import GROUND, SUPPLY, UartConfig

from tests.device.contactless_rig import picc

TRACK = "6225880123456789=30122010000000000000"


class Desk:
    """A board as docs/boards.md wires it, with every part on it, and the person who sits there.

    `wires` are the firmware's functions; what is broken the test says before it looks.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.asked: list[str] = []
        self.blind = False
        nets = bench.nets
        self.panel = Panel(random.Random(1))
        self.expander = Pcf8575(nets, "P35")
        bench.i2c(0).attach(0x3C, self.panel)
        bench.i2c(0).attach(0x20, self.expander)
        for bus in ("P21", "P22"):
            nets.close(SUPPLY, bus)
        rows, cols = ([self.expander.net(line) for line in lines] for lines in (range(5), range(8, 12)))
        self.keypad = KeypadModel(bench.clock, self.expander.lines, rows, cols, random.Random(1))
        self.hands = True
        bench.uart(1).config = UartConfig(baud=9600)
        self.printer = Printer(bench.clock, bench.uart(1), nets, "P36")
        self.slot = Slot(bench.clock, nets, bench.uart(2), present="P39", rng=random.Random(1))
        self.card: ScriptedCard | None = ScriptedCard()
        nets.drive("P39", 1)
        nets.watch("P13", self._supply)
        self.pull_up = self.case_wire = True
        self.head = StripeHead(bench.clock, nets, cls="P27", rcl="P14", rdt="P19")
        nets.close(GROUND, "P18")
        self.contactless = Pn532(bench.clock, Field())
        bench.i2c(0).attach(0x24, I2cPort(self.contactless, nets, "P4"))
        self.cell = Battery(bench.clock, nets, "P34")
        self.cell.insert(3_900)

    def _supply(self, on: int) -> None:
        self.bench.nets.drive("P26", 1 if on and self.pull_up else None)

    # As the wires

    def call(self, function: str, *arguments: object) -> Any:
        return self.bench.call(f"boards.bringup:{function}", *arguments)

    # As the person

    def do(self, what: str) -> None:
        self.asked.append(what)
        bench, clock = self.bench, self.bench.clock
        if what.startswith("press ") and self.hands:
            clock.after(300_000, lambda: self._finger(what[6:]))
        elif "case" in what or (what == "shut it again" and self.asked[-2] == "open the case"):
            change = bench.nets.open if what.startswith("open") else bench.nets.close
            if self.case_wire:
                clock.after(500_000, lambda: change(GROUND, "P18"))
        elif what == "hold a card to the antenna":
            if self.hands:
                clock.after(500_000, lambda: self.contactless.field.enter(picc()))
        elif what.startswith("swipe"):
            clock.after(500_000, lambda: self.head.swipe(TRACK))
        elif what.startswith("scan"):
            clock.after(500_000, lambda: bench.uart(0).to_device(b"6901234567892\r"))
        elif what == "insert a chip card":
            if self.card is not None:
                self.slot.insert(self.card)
        elif "drawer" in what or what == "shut it again":
            self.printer.shut_drawer()

    def _finger(self, key: str) -> None:
        self.keypad.press(key)

    def sees(self, question: str) -> bool | None:
        if self.blind:
            return None
        lit = sum(self.panel.pixels())
        if "every pixel" in question:
            return lit == 128 * 64
        if "dark" in question:
            return not lit
        return True

    def findings(self, part: str) -> list[str]:
        return [str(finding) for finding in PARTS[part](self, self)]
