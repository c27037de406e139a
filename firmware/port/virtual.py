"""The virtual `machine`: classes of the same shape as the ESP32 port's, with a model in the bench behind them."""

import sys

from port import link as _link
from port.i2c import I2C
from port.nets import Pin
from port.pwm import PWM, Timer
from port.uart import UART
from umachine import Signal

__all__ = ("I2C", "PWM", "UART", "Pin", "Signal", "Timer", "reset")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LATE = {"SPI": "port.spi", "SoftSPI": "port.spi", "ADC": "port.adc", "RTC": "port.rtc", "WDT": "port.wdt"}


def late(name: str) -> "Any":
    """A part that few boards have: its module is loaded with the first look at it."""
    module = _LATE.get(name)
    if module is None:
        raise AttributeError(name)
    __import__(module)
    return getattr(sys.modules[module], name)


__getattr__ = late


def reset() -> None:
    """`machine.reset()`: the bench ends this process and starts it again."""
    lk = _link.link()
    lk.send(_link.SYSTEM, b"\x06")
    while True:
        lk.pump(-1)
