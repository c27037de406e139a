"""Virtual watchdog, with the ESP32 port's signature: who does not feed it in time is reset.

It rings when time passes. A program that neither sleeps nor asks for the time lets none pass: of that one the bench
says that the device has said nothing.
"""

from micropython import const
from port import steer, virtual

_DEFAULT_MS = const(5000)


class WDT:
    """One object; it cannot be stopped, only be given another time."""

    def __new__(cls, id: int = 0, timeout: int = _DEFAULT_MS) -> "WDT":
        if id:
            raise ValueError
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        return _wdt

    def __init__(self, id: int = 0, timeout: int = _DEFAULT_MS) -> None:
        global _timeout_us
        _timeout_us = timeout * 1000
        self.feed()

    def feed(self) -> None:
        """It has until `timeout` ms from now."""
        _alarm.set(steer.read_us() + _timeout_us)


_timeout_us = 0
_wdt: WDT = object.__new__(WDT)
_alarm = steer.Alarm(virtual.reset)
