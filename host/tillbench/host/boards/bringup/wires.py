"""The board's side of bring-up: `firmware/boards/bringup.py`, called over the raw REPL."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Protocol

from tillbench.host.boards.deploy import Transport

MODULE = "boards.bringup"


class Wires(Protocol):
    """A board whose wires can be driven and read."""

    def call(self, function: str, *arguments: object) -> Any:
        """The result of a function of the board's bring-up module."""
        ...


class ReplWires:
    """Over the REPL of a board that has a build of the firmware.

    Raises:
        TransportFailed: (from what the transport is in) the board has no such module, or is gone.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        transport.exec(f"from {MODULE.rpartition('.')[0]} import {MODULE.rpartition('.')[2]} as _b")

    def call(self, function: str, *arguments: object) -> Any:
        """Arguments and results are literals."""
        listed = ", ".join(map(repr, arguments))
        said = self._transport.exec(f"print(repr(_b.run(_b.{function}({listed}))))").decode()
        return ast.literal_eval(said.strip().splitlines()[-1])


@dataclass(frozen=True)
class Wiring:
    """How the board is wired: GPIO numbers by name, lines of the expander, I2C addresses, a colour panel's chip."""

    gpio: dict[str, int]
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    leds: dict[str, int]
    display: int
    expander: int
    contactless: int
    colour: str

    @classmethod
    def of(cls, wires: Wires) -> Wiring:
        """As the board's own table has it."""
        gpio, rows, columns, leds, *rest = wires.call("wiring")
        return cls(gpio, tuple(rows), tuple(columns), leds, *rest)

    def pin(self, name: str, caption: str) -> str:
        """`caption` with its GPIO, as a finding names a wire."""
        return f"{caption} (GPIO {self.gpio[name]})"
