"""The contactless reader of a board: its driver is loaded for as long as somebody waits for a card."""

import sys
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from machine import I2C, Pin

_DRIVER = "drivers.pn532"
_WAKE_MS = const(5)


class Contactless:
    """What is behind the port that `open_port` makes: one of the PN532's, which imports the driver's modules."""

    def __init__(self, open_port: "Callable[[], Any]") -> None:
        self._open_port = open_port
        self._told = False

    async def tap(self) -> None:
        """Returns when a card or telephone comes into the field."""
        from drivers.pn532 import Pn532

        port = self._open_port()
        try:
            await Pn532(port).tap(self._told)
            self._told = True
        finally:
            port.close()
            _forget_driver()


def _forget_driver() -> None:
    """5 KB that would be missing when the card's chip is read."""
    for name in list(sys.modules):
        if name.startswith(_DRIVER):
            del sys.modules[name]
            delattr(sys.modules["drivers"], name.partition(".")[2])


def on_i2c(bus: "I2C", irq: "Pin | None", addr: int) -> Contactless:
    """A reader on I2C; without `irq` it is asked."""

    def open_port() -> "Any":
        from drivers.pn532_i2c import I2cPort

        return I2cPort(bus, irq, addr)

    return Contactless(open_port)


def is_there(bus: "I2C", addr: int) -> bool:
    """Whether somebody acknowledges that address; a chip that sleeps does so the second time."""
    for _ in range(2):
        try:
            bus.writeto(addr, b"\x00")
            return True
        except OSError:
            time.sleep_ms(_WAKE_MS)
    return False
