"""The radio of a board and the access points around it, as far as an ESP32's Wi-Fi station tells of them.

What comes of a connection is told by numbers: those of MicroPython's ESP32 port (`network.STAT_`), which passes the
reasons of IEEE 802.11-2020, table 9-49, and of Espressif's driver on as they are.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from tillbench.host.emulator.wires import Clock, Timer
from tillbench.protocols.link import Wlan as Op

IDLE, CONNECTING, GOT_IP = 1000, 1001, 1010
LEFT, TOO_MANY, HANDSHAKE_TIMEOUT = 8, 5, 15
BEACON_TIMEOUT, NO_AP_FOUND, WRONG_PASSWORD = 200, 201, 202
_SEARCH_US = 2_400_000
_AUTHENTICATE_US = 300_000
_REFUSE_US = 1_500_000
_DHCP_US = 500_000
_BEACONS_US = 6_000_000
"""For so long no beacon may come before the station takes its access point for gone."""
IP_LOST_US = 120_000_000
"""Without a network the address is kept for so long, and with it the connections (ESP-IDF's `IP_LOST_TIMER`)."""
SLOT_ENTRY = "WIFI"
"""Where the terminal keeps its network in the key slot, as `slot_record` makes it."""
_LONGEST_SSID, _LONGEST_KEY, _SHORTEST_KEY = 32, 63, 8


class Security(IntEnum):
    """As a scan tells it."""

    OPEN = 0
    WEP = 1
    WPA2 = 3
    ENTERPRISE = 5
    WPA3 = 6


@dataclass
class AccessPoint:
    """One access point.

    Attributes:
        ssid: at most 32 bytes, text or not.
        key: its pass phrase, "" for an open network.
        rssi: at the terminal, in dBm.
        security: found from `key` if it is not given.
        hidden: it does not tell its name.
        up: False: no power, or too far away.
        dhcp: False: nobody hands out addresses.
        answers: False: it lets everybody wait, and never says why.
        refusal: a reason with which it refuses everybody; 0: nobody.
        refusals: how many tries it refuses so; -1: all.
    """

    ssid: str | bytes
    key: str = ""
    rssi: int = -55
    channel: int = 6
    security: Security | None = None
    hidden: bool = False
    up: bool = True
    dhcp: bool = True
    answers: bool = True
    refusal: int = 0
    refusals: int = -1

    @property
    def name(self) -> bytes:
        """The SSID as it is on the air."""
        return self.ssid.encode() if isinstance(self.ssid, str) else self.ssid

    @property
    def bssid(self) -> bytes:
        """A locally administered address, the same each time."""
        return b"\x02" + struct.pack(">I", zlib.crc32(self.name + self.key.encode())) + bytes([self.channel])

    def scanned(self) -> bytes:
        """As a scan has it."""
        security = self.security if self.security is not None else Security.WPA2 if self.key else Security.OPEN
        name = b"" if self.hidden else self.name
        return bytes([len(name)]) + name + self.bssid + struct.pack("<BbB", self.channel, self.rssi, security)


def around() -> list[AccessPoint]:
    """The access points of a bench: the shop's, the café's next door, one that is hardly heard."""
    return [
        AccessPoint("Shop", "correct horse", -48, 6),
        AccessPoint("Cafe", "", -67, 1),
        AccessPoint("Far away", "battery staple", -89, 11),
    ]


def slot_record(ssid: str, key: str) -> bytes:
    """What the terminal keeps of its network: lengths and bytes of name and pass phrase, padded with zeros.

    Raises:
        ValueError: a name or a pass phrase that no network has.
    """
    name, secret = ssid.encode(), key.encode("ascii")
    if not 0 < len(name) <= _LONGEST_SSID:
        raise ValueError(f"SSID: expected 1 to {_LONGEST_SSID} bytes, found {len(name)}")
    if secret and not _SHORTEST_KEY <= len(secret) <= _LONGEST_KEY:
        raise ValueError(f"pass phrase: expected {_SHORTEST_KEY} to {_LONGEST_KEY} characters, found {len(secret)}")
    return (
        bytes([len(name)]) + name.ljust(_LONGEST_SSID, b"\0") + bytes([len(secret)]) + secret.ljust(_LONGEST_KEY, b"\0")
    )


class Wlan:
    """The station.

    Args:
        clock: the bench's.
        access_points: those around it.
        on_change: hears of each moment at which something can come through that could not, or the reverse.

    Attributes:
        asked: SSIDs that it was told to join, in order.
        can_scan: False: the driver has no memory for what it would find.
        cannot_join: so many times, from now on.
    """

    def __init__(
        self, clock: Clock, access_points: list[AccessPoint], on_change: Callable[[], None] = lambda: None
    ) -> None:
        self.access_points = access_points
        self.asked: list[str] = []
        self.can_scan = True
        self.cannot_join = 0
        self.on_change = on_change
        self._clock = clock
        self._timer: Timer | None = None
        self._lost: Timer | None = None
        self.power_off()

    def power_off(self) -> None:
        """The board has no power, or starts anew."""
        self._stop()
        self._forget_address()
        self.active = False
        self.has_address = False
        """It keeps an address, and the connections made with it, also while it is out of reach for a while."""
        self.connected = False
        self._wanted: tuple[bytes, str] | None = None
        self._associated: AccessPoint | None = None
        self._reason = 0
        self._reconnects = -1
        self._tries = 0

    @property
    def carries(self) -> bool:
        """What is sent now arrives."""
        return self.connected and self._associated is not None and self._associated.up

    def access_point(self, ssid: str) -> AccessPoint:
        """The first of that name. LookupError lists those there are."""
        for each in self.access_points:
            if each.name == ssid.encode():
                return each
        names = ", ".join(repr(each.ssid) for each in self.access_points)
        raise LookupError(f"no access point {ssid!r}; there is {names}")

    def switch(self, ssid: str, *, up: bool) -> None:
        """Take an access point out of reach, or bring it back."""
        self.access_point(ssid).up = up
        if self._associated is not None and not self._associated.up:
            self._after(_BEACONS_US, self._beacons_missing)
        self.on_change()

    # What the device asks

    def answer(self, op: int, data: bytes) -> bytes:
        """What the device gets for a WLAN frame with these data."""
        try:
            return bytes([op]) + self._answer(op, data)
        except _NotPossible as error:
            return bytes([0]) + str(error).encode()

    def _answer(self, op: int, data: bytes) -> bytes:
        match op:
            case Op.ACTIVE:
                self._switch_on(bool(data[0]))
            case Op.SCAN:
                return self._scan()
            case Op.CONNECT:
                self._connect(data[1 : 1 + data[0]], data[1 + data[0] :].decode())
            case Op.DISCONNECT:
                self._disconnect()
            case Op.RECONNECTS:
                self._reconnects = struct.unpack("<b", data)[0]
            case Op.STATUS:
                return self._status()
        return b""

    def _switch_on(self, on: bool) -> None:
        if not on and self.active:
            self._leave(LEFT)
            self._wanted = None
        self.active = on

    def _scan(self) -> bytes:
        if not self.active:
            raise _NotPossible("STA must be active")
        if not self.can_scan:
            raise _NotPossible("WiFi Out Of Memory")
        if self._wanted is not None and self._associated is None:
            return b""
        heard = sorted((each for each in self.access_points if each.up), key=lambda each: -each.rssi)
        return b"".join(each.scanned() for each in heard)

    def _connect(self, ssid: bytes, key: str) -> None:
        if not self.active:
            raise _NotPossible("Wifi Not Started")
        if self._wanted is not None and not self.connected:
            raise _NotPossible("Wifi Internal State Error")
        if self.cannot_join:
            self.cannot_join -= 1
            raise _NotPossible("WiFi Out Of Memory")
        self.asked.append(ssid.decode(errors="replace"))
        self._leave(0)
        self._wanted = ssid, key
        self._tries = 0
        self._try()

    def _disconnect(self) -> None:
        if not self.active:
            raise _NotPossible("Wifi Not Started")
        self._leave(LEFT)
        self._wanted = None

    def _status(self) -> bytes:
        given_up = self._wanted is None or 0 <= self._reconnects < self._tries
        status = GOT_IP if self.connected else self._reason or IDLE if given_up else CONNECTING
        rssi = self._associated.rssi if self._associated is not None else 0
        flags = self.active | (self._associated is not None) << 1
        quads = (bytes((192, 0, 2, 77)), bytes((255, 255, 255, 0)), bytes((192, 0, 2, 254)), bytes((192, 0, 2, 53)))
        return struct.pack("<HbB", status, rssi, flags) + b"".join(quads if self.has_address else (bytes(4),) * 4)

    # What happens

    def _after(self, us: int, then: Callable[[], None]) -> None:
        self._stop()
        self._timer = self._clock.after(us, then)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _try(self) -> None:
        """Look for the strongest that has the name."""
        assert self._wanted is not None
        ssid, key = self._wanted
        heard = [each for each in self.access_points if each.up and each.name == ssid]
        if not heard:
            self._after(_SEARCH_US, lambda: self._failed(NO_AP_FOUND))
            return
        best = max(heard, key=lambda each: each.rssi)
        if not best.answers:
            self._timer = None
        elif best.refusal and best.refusals:
            best.refusals -= 1
            self._after(_REFUSE_US, lambda: self._failed(best.refusal))
        elif best.key != key:
            self._after(_REFUSE_US, lambda: self._failed(WRONG_PASSWORD))
        else:
            self._after(_AUTHENTICATE_US, lambda: self._joined(best))

    def _joined(self, found: AccessPoint) -> None:
        self._associated = found
        self._timer = None
        if not found.up:
            self._after(_BEACONS_US, self._beacons_missing)
        elif found.dhcp:
            self._after(_DHCP_US, self._has_address)

    def _has_address(self) -> None:
        self._timer = None
        if self._lost is not None:
            self._lost.cancel()
            self._lost = None
        self.connected = self.has_address = True
        self._reason = self._tries = 0
        if self._associated is not None and not self._associated.up:
            self._after(_BEACONS_US, self._beacons_missing)
        self.on_change()

    def _beacons_missing(self) -> None:
        if self._associated is not None and self._associated.up:
            self._timer = None  # it came back in time
            if not self.connected and self._associated.dhcp:
                self._after(_DHCP_US, self._has_address)
            return
        self._failed(BEACON_TIMEOUT)

    def _failed(self, reason: int) -> None:
        self._timer = None
        self._reason = reason
        if self.connected:
            self._lost = self._clock.after(IP_LOST_US, self._address_is_lost)
        self.connected = False
        self._associated = None
        self._tries += 1
        if self._wanted is not None and not 0 <= self._reconnects < self._tries:
            self._try()
        self.on_change()

    def _leave(self, reason: int) -> None:
        """On purpose: address and connections are gone at once."""
        self._stop()
        self._reason = reason
        self.connected = False
        self._associated = None
        self._forget_address()
        self.on_change()

    def _address_is_lost(self) -> None:
        self._forget_address()
        self.on_change()

    def _forget_address(self) -> None:
        if self._lost is not None:
            self._lost.cancel()
            self._lost = None
        self.has_address = False


class _NotPossible(Exception):
    """What the port raises as an OSError."""
