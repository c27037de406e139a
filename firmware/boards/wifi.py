"""Wi-Fi as the acquirer line's way: connected in the background, and again whenever it was lost."""

import network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def join(ssid: str, key: str) -> "Any":
    """Begin to connect; the port goes on trying. An empty `ssid` leaves the radio off."""
    station: "Any" = network.WLAN(network.STA_IF)
    station.active(bool(ssid))
    if ssid:
        station.connect(ssid, key)
    return station


def address(station: "Any") -> str:
    """The board's own address; "" while it is on no network."""
    return str(station.ifconfig()[0]) if station.isconnected() else ""
