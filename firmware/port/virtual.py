"""The virtual `machine`: classes of the same shape as the ESP32 port's, with a model in the bench behind them."""

from port import link as _link
from port import nets as _nets
from port import uart as _uart
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


def connect(lk: "_link.Link") -> None:
    """Let the virtual parts hear the link."""
    lk.handlers[_link.NET] = _nets.take
    lk.handlers[_link.UART] = _uart.take
    lk.handlers[_link.I2C] = lk.keep_reply
    lk.handlers[_link.VAULT] = lk.keep_reply
