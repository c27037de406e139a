"""`--slot`: how a terminal gets at the chip card."""

from __future__ import annotations

from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.emulator import SLOTS


def check_slot(name: str) -> None:
    """Raises Refused if there is no such way."""
    if name not in SLOTS:
        raise Refused(f"--slot {name}: expected one of {', '.join(SLOTS)}")
