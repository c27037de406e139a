"""The virtual `machine`: classes of the same shape as the ESP32 port's, with a model in the bench behind them."""

from port import link as _link
from port.i2c import I2C
from port.nets import Pin
from port.pwm import PWM, Timer
from port.uart import UART
from umachine import Signal

__all__ = ("I2C", "PWM", "UART", "Pin", "Signal", "Timer", "reset")


def reset() -> None:
    """`machine.reset()`: the bench ends this process and starts it again."""
    lk = _link.link()
    lk.send(_link.SYSTEM, b"\x06")
    while True:
        lk.pump(-1)
