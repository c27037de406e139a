"""First on `sys.path` of an all-virtual board: `import machine` gives the virtual parts."""

from port.virtual import I2C, PWM, UART, Pin, Signal, Timer, late, reset

__all__ = ("I2C", "PWM", "UART", "Pin", "Signal", "Timer", "reset")

__getattr__ = late
