"""Virtual Wi-Fi: `network.WLAN` with the ESP32 port's signature, as a station. Radio and access points are the bench's.

It says and raises what the ESP32 port does: while it tries for ever, `status` never tells why it fails; a scan finds
nothing while a connection is being tried, and no other one can be asked for then.
"""

from struct import pack, unpack_from

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STA_IF = 0
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_BEACON_TIMEOUT = 200
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204

_ACTIVE = const(1)
_SCAN = const(2)
_CONNECT = const(3)
_DISCONNECT = const(4)
_STATUS = const(5)
_RECONNECTS = const(6)
_REFUSED = const(0)
_SCAN_US = const(2_000_000)


def _ask(op: int, data: "bytes | bytearray" = b"") -> bytes:
    answer = _link.link().request(_link.WLAN, bytes((op,)), data)
    if answer[0] == _REFUSED:
        raise OSError(str(answer[1:], "utf-8"))
    return answer


class WLAN:
    """The station; one object, as there."""

    def __new__(cls, interface: int = STA_IF) -> "WLAN":
        if interface != STA_IF:
            raise ValueError("invalid WLAN interface identifier")
        return _station

    def __init__(self, interface: int = STA_IF) -> None:
        pass

    def active(self, on: "bool | None" = None) -> bool:
        """Whether the radio is on; with an argument, switch it."""
        if on is not None:
            _ask(_ACTIVE, bytes((bool(on),)))
        return self._read()[2] & 1 == 1

    def connect(self, ssid: "str | bytes", key: "str | bytes | None" = None) -> None:
        """Begin to connect. OSError while it is connecting already, or the radio is off."""
        name = ssid.encode() if isinstance(ssid, str) else ssid
        secret = key.encode() if isinstance(key, str) else key or b""
        _ask(_CONNECT, bytes((len(name),)) + name + secret)

    def disconnect(self) -> None:
        """Leave, and try no more. OSError if the radio is off."""
        _ask(_DISCONNECT)

    def isconnected(self) -> bool:
        """True with an address only."""
        return self.status() == STAT_GOT_IP

    def status(self, param: "str | None" = None) -> int:
        """One of `STAT_`, or a reason of IEEE 802.11; of "rssi" the signal in dBm, OSError without an access point."""
        status, rssi, flags = self._read()
        if param is None:
            return status
        if param != "rssi":
            raise ValueError("unknown status param")
        if not flags & 2:
            raise OSError("Wifi Not Connected")
        return rssi

    def scan(self) -> "list[tuple[bytes, bytes, int, int, int, bool]]":
        """(ssid, bssid, channel, RSSI, security, hidden) of each access point. Nothing else goes on meanwhile."""
        found = _ask(_SCAN)
        steer.sleep_us(_SCAN_US)
        networks = []
        at = 1
        while at < len(found):
            end = at + 1 + found[at]
            channel, rssi, security = unpack_from("<BbB", found, end + 6)
            networks.append((found[at + 1 : end], found[end : end + 6], channel, rssi, security, False))
            at = end + 9
        return networks

    def ifconfig(self) -> "tuple[str, str, str, str]":
        """Address, mask, gateway and name server."""
        data = _ask(_STATUS)
        words = ["%d.%d.%d.%d" % tuple(data[at : at + 4]) for at in range(5, 21, 4)]
        return words[0], words[1], words[2], words[3]

    def config(self, **settings: "Any") -> None:
        """`reconnects`: how often it tries again after a failure, -1 for ever."""
        for name in settings:
            if name != "reconnects":
                raise ValueError("unknown config param")
            _ask(_RECONNECTS, pack("<b", settings[name]))

    def _read(self) -> "tuple[int, ...]":
        return unpack_from("<HbB", _ask(_STATUS), 1)


_station: WLAN = object.__new__(WLAN)
