"""The Wi-Fi of a board: a station that is in one network, remembers it, and goes back to it by itself.

Written for `network.WLAN` of MicroPython's ESP32 port. That one tries again for ever unless it is told how often, and
only when it has given up it says why; it can neither scan nor begin anew while it tries.

The network is kept in the board's key slot, name and pass phrase in one record, so opening the case erases it:

    length of the name(1) | name(32) | length of the pass phrase(1), 0 if the network is open | pass phrase(63)
"""

import asyncio

from crypto.wiping import wipe
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class KeySlot(Protocol):
        def key_into(self, __name: str, __out: bytearray) -> None: ...
        def store(self, __name: str, __key: bytearray) -> None: ...


_RECORD = const(97)
_KEY_AT = const(33)
_ENTRY = "WIFI"
_JOIN_MS = const(20_000)
_LOOK_MS = const(200)
_CONNECTING = const(1001)
_GOT_IP = const(1010)
_NO_AP_FOUND = (201, 210, 211, 212)
"""The last three are those of newer drivers: too weak, or with another security than was asked for."""
_WRONG_KEY = (202, 204, 15)
"""Authentication failed; and the two time-outs of the handshake, which is how most access points say the same."""
_PERSONAL = (0, 2, 3, 4, 6, 7)
"""Open, WPA, WPA2, both, WPA3, WPA2 and 3, with a pass phrase; not WEP, nor what needs a server and a user's name."""


class Network:
    """One that was found. `usable`: this terminal could join it; `is_open`: without a pass phrase."""

    def __init__(self, name: bytes, rssi: int, security: int) -> None:
        self.name = name
        self.rssi = rssi
        """dBm of its strongest access point."""
        self.usable = security in _PERSONAL
        self.is_open = security == 0

    @property
    def label(self) -> str:
        """The name, fit to be shown."""
        return label(self.name)


class Wifi:
    """`station` is a `network.WLAN`; `slot` keeps the network."""

    def __init__(self, station: "Any", slot: "KeySlot") -> None:
        self._station = station
        self._slot = slot
        self.name = b""
        """Of the network that it belongs to; empty if it belongs to none."""

    def start(self) -> None:
        """Go to the network that is remembered, and come back to it for ever; the radio is off if there is none."""
        record = bytearray(_RECORD)
        try:
            self._slot.key_into(_ENTRY, record)
        except KeyError:
            pass
        try:
            self.name = bytes(record[1 : 1 + record[0]])
            self._rest()
            if self.name:
                self._persist()
                self._connect(self.name, record[_KEY_AT + 1 : _KEY_AT + 1 + record[_KEY_AT]])
            else:
                self._station.active(False)
        finally:
            wipe(record)

    def keep(self, name: bytes, key: "bytes | bytearray | memoryview") -> None:
        """Remember a network from the next start on. OSError when the flash does not take it; the old one stands."""
        record = bytearray(_RECORD)
        record[0] = len(name)
        record[1 : 1 + len(name)] = name
        record[_KEY_AT] = len(key)
        record[_KEY_AT + 1 : _KEY_AT + 1 + len(key)] = key
        try:
            self._slot.store(_ENTRY, record)
        finally:
            wipe(record)

    def forget(self) -> None:
        """Leave the network, and remember none. OSError as `keep`."""
        self.keep(b"", b"")
        self.start()

    def scan(self) -> "list[Network]":
        """The networks that tell their names, the strongest first; takes two seconds. It stays in the one it is in, or
        goes on trying to come there. OSError when the radio cannot.
        """
        away = not self.address()
        found: "list[Network]" = []
        try:
            if away:
                self._rest()
            for name, _, _, rssi, security, _ in self._station.scan():
                if name and not self._is_known(name, found):
                    found.append(Network(name, rssi, security))
        finally:
            if away:
                self.start()
        return found

    async def join(self, name: bytes, key: "bytes | bytearray | memoryview") -> str:
        """Go to a network; "" when it is there and has an address, which is then remembered.

        Else why not: "not_found", "wrong_key", "refused", "no_address", "no_answer", or "radio", which cannot; then it
        goes back to the one before, as it does with an OSError: the flash does not take it.
        """
        why = await self._tried(name, key)
        if not why:
            try:
                self.keep(name, key)
            except OSError:
                self.start()
                raise
            self.name = name
            self._persist()
            return ""
        try:
            self.start()
        except OSError:
            return "radio"
        return why

    async def _tried(self, name: bytes, key: "bytes | bytearray | memoryview") -> str:
        try:
            self._rest()
            self._station.config(reconnects=self._tries())
            self._connect(name, key)
            return await self._outcome()
        except OSError:
            return "radio"

    async def _outcome(self) -> str:
        for _ in range(_JOIN_MS // _LOOK_MS):
            status = self._station.status()
            if status == _GOT_IP:
                return ""
            if status != _CONNECTING:
                return self._reason(status)
            await asyncio.sleep_ms(_LOOK_MS)
        return "no_address" if self._is_associated() else "no_answer"

    def _reason(self, status: int) -> str:
        if status in _WRONG_KEY:
            return "wrong_key"
        return "not_found" if status in _NO_AP_FOUND else "refused"

    def _tries(self) -> int:
        # The first one may come to nothing for want of a good signal.
        return 1

    def _is_associated(self) -> bool:
        return self.rssi() != 0

    def _persist(self) -> None:
        self._station.config(reconnects=-1)

    def _rest(self) -> None:
        """It tries nothing any more, and is in no network."""
        self._station.active(True)
        self._station.disconnect()

    def _connect(self, name: bytes, key: "bytes | bytearray | memoryview") -> None:
        self._station.connect(name, bytes(key) if key else None)

    def _is_known(self, name: bytes, found: "list[Network]") -> bool:
        """It has several access points, of which the strongest came first."""
        return any(each.name == name for each in found)

    def address(self) -> str:
        """The board's own; "" while it is on no network."""
        return str(self._station.ifconfig()[0]) if self._station.isconnected() else ""

    def rssi(self) -> int:
        """dBm of the access point that it is at; 0 while it is at none."""
        try:
            return int(self._station.status("rssi"))
        except OSError:
            return 0

    @property
    def label(self) -> str:
        """The name of its network, fit to be shown."""
        return label(self.name)


def label(name: bytes) -> str:
    """A name is bytes that somebody has thought of: what is no UTF-8 is shown as `?`, byte by byte."""
    try:
        return str(name, "utf-8")
    except UnicodeError:
        return "".join([chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in name])
