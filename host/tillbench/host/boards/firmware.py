"""What a board says about itself at its REPL."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tillbench.host.emulator.link import Wire
from tillbench.host.emulator.one_port import NoRepl, Repl

_ASK = (
    "import sys,json;i=sys.implementation;m=__import__('machine');"
    "print(json.dumps([sys.platform,i[2] if len(i)>2 else '','.'.join(str(n) for n in i[1][:3]),"
    "m.unique_id().hex() if hasattr(m,'unique_id') else '']))"
)
_CHIPS = ("ESP32-S3", "ESP32-C3", "ESP32")
"""Longer names first: how MicroPython's name of a machine ends."""


@dataclass(frozen=True)
class Firmware:
    """MicroPython on a board.

    Attributes:
        platform: `sys.platform`.
        machine: the board and its chip, in MicroPython's words.
        version: of MicroPython.
        mac: base MAC; None where there is none.
    """

    platform: str
    machine: str
    version: str
    mac: str | None

    @property
    def chip(self) -> str | None:
        """As in a board map; None for others."""
        flat = self.machine.upper().replace("ESP32S3", "ESP32-S3").replace("ESP32C3", "ESP32-C3")
        return next((chip for chip in _CHIPS if chip in flat), None)


def ask(wire: Wire, patience_s: float = 10.0) -> Firmware:
    """Interrupt what runs, ask, leave the board at its friendly prompt.

    Raises:
        NoRepl: no MicroPython answers.
    """
    repl = Repl(wire, patience_s)
    repl.interrupt()
    repl.execute(_ASK)
    said = repl.until(b"\x04", patience_s).decode(errors="replace").strip()
    trouble = repl.until(b"\x04", patience_s).decode(errors="replace").strip()
    repl.friendly()
    try:
        platform, machine, version, mac = json.loads(said)
    except ValueError:
        raise NoRepl(f"expected MicroPython's answer, found {(trouble or said)[-200:]!r}") from None
    return Firmware(platform, machine, version, ":".join(mac[n : n + 2] for n in range(0, 12, 2)) if mac else None)
