"""What is asked of `tillbench emulate`: its options, as they were given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A terminal.

    Attributes:
        card: its first card.
        seed: None: a random one.
        target: what runs it.
        temp: nothing is kept.
        state: where it is kept; None: where it always is.
        acquirer: address of another one than its own.
        tls: certificates for the way to `acquirer`.
        serial: the port of this computer that is the terminal's serial line.
        trace: file for the timeline.
        prepared: it has its keys.
        printer_port: TCP port on loopback for the printer; 0 is any free one.
        display: its panel.
        slot: on pins, or behind a controller.
        battery: millivolts of the one that is in it.
        wifi: its line is Wi-Fi.
    """

    card: str
    seed: int | None = None
    target: str = "unix"
    temp: bool = False
    state: Path | None = None
    acquirer: str | None = None
    tls: Path | None = None
    serial: str | None = None
    trace: Path | None = None
    prepared: bool = True
    printer_port: int | None = None
    display: str = "SSD1306"
    slot: str = "pins"
    battery: int | None = None
    wifi: bool = False
