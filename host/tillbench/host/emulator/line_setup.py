"""How a terminal is set up, told to it before it is switched on for anybody: as it is prepared for a shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tillbench.host.emulator.desk import DeskClient
from tillbench.host.emulator.emulator import Emulator, Options

CERTIFICATES = {"authority": "authority.pem", "certificate": "terminal.pem", "key": "terminal.key"}
"""What the terminal calls them, and their files in a folder of `tillbench acquirer certificates`."""


@dataclass(frozen=True)
class LineSetup:
    """Settings, and certificates in PEM by the terminal's names for them."""

    settings: Mapping[str, str | int]
    certificates: Mapping[str, str] = field(default_factory=dict, repr=False)


def tls_setup(folder: Path, **settings: str | int) -> LineSetup:
    """TLS with the certificates in `folder`; without a terminal's own one there the host must not ask for it.

    Raises OSError when the authority is not there.
    """
    found = {"authority": (folder / CERTIFICATES["authority"]).read_text()}
    own = {name: folder / CERTIFICATES[name] for name in ("certificate", "key")}
    if all(path.exists() for path in own.values()):
        found |= {name: path.read_text() for name, path in own.items()}
    return LineSetup({"line": "tls", **settings}, found)


def tell(desk: DeskClient, setup: LineSetup) -> None:
    """Tell a terminal that is switched on, as soon as it is idle. Raises as `DeskClient.ask`."""
    for name, pem in setup.certificates.items():
        desk.ask({"certificates": {name: pem}})
    desk.ask({"settings": dict(setup.settings)})


def prepare(options: Options, setup: LineSetup) -> None:
    """Switch the terminal of that state on for once, in virtual time and with its line out, and tell it.

    Raises:
        DeskError: it refuses something.
    """
    emulator = Emulator(replace(options, acquirer=None, serial=None, realtime=False, watch_heap=False))
    emulator.bench.line = None
    desk = DeskClient(emulator.bench)
    try:
        emulator.power_on()
        tell(desk, setup)
        emulator.bench.settle()
    finally:
        emulator.close()
