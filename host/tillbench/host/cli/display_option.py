"""`--display`: which panel a terminal has."""

from __future__ import annotations

from tillbench.host.cli.errors import Refused
from tillbench.host.devices.colour_panel_registers import CONTROLLERS

SSD1306 = "SSD1306"


def check_display(name: str) -> None:
    """Raises Refused if there is no such panel."""
    if name != SSD1306 and name not in CONTROLLERS:
        raise Refused(f"--display {name}: expected one of {', '.join((SSD1306, *CONTROLLERS))}")
