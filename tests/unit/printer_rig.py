"""The printer model on wires of its own, driven by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.emulator.wires import Clock, Nets, UartConfig, UartPort

ENDLESS = 1 << 20
"""A receive buffer for tests in which flow control is not the matter."""


class Rig:
    """`device` is how the device's UART is set, `changes` are fields of the printer's profile."""

    def __init__(self, device: UartConfig | None = None, **changes: Any) -> None:
        self.clock = Clock()
        self.nets = Nets()
        self.port = UartPort(1)
        self.port.config = device or UartConfig(baud=9600)
        self.answers: list[tuple[int, int]] = []
        """Time and value of each byte that reached the device."""
        self.port.to_device = lambda data: self.answers.extend((self.clock.now, byte) for byte in data)
        self.printer = Printer(
            self.clock,
            self.port,
            self.nets,
            "P36",
            dataclasses.replace(PrinterProfile(), **{"buffer": ENDLESS, **changes}),
        )

    def write(self, data: bytes) -> None:
        """The device writes; nothing happens before time passes."""
        self.port.on_bytes(data)

    def run(self) -> None:
        """Let time pass until nothing is left to happen."""
        while (due := self.clock.next_due()) is not None:
            self.clock.advance_to(due)

    def run_for(self, us: int) -> None:
        self.clock.advance_to(self.clock.now + us)

    def print(self, data: bytes) -> Receipt:
        """Write, let it all be printed, and tear off: what hangs out of the printer."""
        self.write(data)
        self.run()
        return self.printer.uncut()

    def ask(self, query: bytes) -> bytes:
        """Write a query; what comes back."""
        before = len(self.answers)
        self.write(query)
        self.run()
        return bytes(byte for _, byte in self.answers[before:])

    @property
    def busy(self) -> int | None:
        """The level of the BUSY output; None when nobody drives it."""
        return self.nets.driven.get("P36")

    @property
    def lines(self) -> list[str]:
        return [line.text for line in self.printer.strip.lines]


def ink(receipt: Receipt) -> tuple[int, int, int, int] | None:
    """The box around all black dots: left, top, right, bottom."""
    return receipt.image.convert("L").point(lambda value: 255 - value).getbbox()
