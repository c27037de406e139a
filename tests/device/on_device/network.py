"""MicroPython's `network`, as far as the board file wants it: the radio is the bench's."""

from port.wlan import STA_IF, WLAN

__all__ = ("STA_IF", "WLAN")
