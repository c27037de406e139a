"""The contactless reader of a board: its driver is loaded for as long as somebody waits for a card."""

import sys
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import I2C, Pin

_DRIVER = "drivers.pn532"
_WAKE_MS = const(5)


class Contactless:
    """A PN532 on I2C; without `irq` it is asked."""

    def __init__(self, bus: "I2C", irq: "Pin | None", addr: int) -> None:
        self._where = bus, irq, addr
        self._told = False

    async def tap(self) -> None:
        """Returns when a card or telephone comes into the field."""
        from drivers.pn532 import Pn532
        from drivers.pn532_i2c import I2cPort

        port = I2cPort(*self._where)
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


def is_there(bus: "I2C", addr: int) -> bool:
    """Whether somebody acknowledges that address; a chip that sleeps does so the second time."""
    for _ in range(2):
        try:
            bus.writeto(addr, b"\x00")
            return True
        except OSError:
            time.sleep_ms(_WAKE_MS)
    return False
