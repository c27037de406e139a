"""Wi-Fi: what the antenna hears, and whether the board comes into the network that it remembers."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires
from tillbench.host.boards.doctor import Finding

JOIN_MS = 15_000
_WEAK_DBM = -80


def wifi(wires: Wires, _person: Person) -> Iterator[Finding]:
    """No pass phrase is told, nor asked for."""
    networks, name, address, rssi = wires.call("wifi", JOIN_MS)
    if not networks:
        yield Finding(False, "antenna", "hears no network: its plug, a metal case, or a module that wants one outside")
        return
    strongest, at, _ = networks[0]
    count = "a network" if len(networks) == 1 else f"{len(networks)} networks"
    yield Finding(True, "antenna", f"hears {count}, {strongest} at {at} dBm")
    heard = {label: (signal, usable) for label, signal, usable in networks}
    if not name:
        yield Finding(None, "network", "none is remembered: WI-FI under DEVICE, or board provision --ssid")
    elif not address and name not in heard:
        yield Finding(False, "network", f"{name} is not heard: out of reach, or on 5 GHz, which an ESP32 has not")
    elif not address:
        yield Finding(False, "network", f"{name} is heard at {heard[name][0]} dBm, and does not let the board in")
    else:
        weak = ": weak, move the board or the access point" if rssi < _WEAK_DBM else ""
        yield Finding(not weak, "network", f"in {name} as {address}, {rssi} dBm{weak}")
