"""Virtual PWM and Timer, with the ESP32 port's signatures."""

from struct import pack

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from port.nets import Pin

_PWM = const(2)
_TIMERS = const(4)


class PWM:
    """A square wave on a pin, 1 Hz to 40 MHz."""

    def __init__(
        self,
        dest: "Pin",
        freq: int = 5000,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: bool = False,
    ) -> None:
        self._net = dest.net
        self._freq = 5000
        self._duty_u16 = 32768
        self.init(freq, duty, duty_u16, duty_ns)

    def init(self, freq: int = -1, duty: int = -1, duty_u16: int = -1, duty_ns: int = -1, invert: bool = False) -> None:
        """Set what is given (`duty` of 1023, `duty_u16` of 65535) and start."""
        if freq != -1:
            if not 1 <= freq <= 40_000_000:
                raise ValueError("frequency must be from 1Hz to 40MHz")
            self._freq = freq
        if duty != -1:
            duty_u16 = duty * 65535 // 1023
        elif duty_ns != -1:
            duty_u16 = duty_ns * self._freq * 65535 // 1_000_000_000
        if duty_u16 != -1:
            if not 0 <= duty_u16 <= 65535:
                raise ValueError("duty_u16 must be from 0 to 65535")
            self._duty_u16 = duty_u16
        self._tell(self._freq)

    def _tell(self, freq: int) -> None:
        _link.link().send(_link.NET, pack("<BIH", _PWM, freq, self._duty_u16), self._net.encode())

    def deinit(self) -> None:
        """Stop."""
        self._tell(0)

    def freq(self, value: int = -1) -> "int | None":
        """The frequency in Hz; with an argument, set it."""
        if value == -1:
            return self._freq
        self.init(freq=value)
        return None

    def duty_u16(self, value: int = -1) -> "int | None":
        """The duty cycle of 65535; with an argument, set it."""
        if value == -1:
            return self._duty_u16
        self.init(duty_u16=value)
        return None

    def duty(self, value: int = -1) -> "int | None":
        """The duty cycle of 1023; with an argument, set it."""
        if value == -1:
            return self._duty_u16 * 1023 // 65535
        self.init(duty=value)
        return None

    def duty_ns(self, value: int = -1) -> "int | None":
        """The length of the pulse in nanoseconds; with an argument, set it."""
        if value == -1:
            return self._duty_u16 * 1_000_000_000 // 65535 // self._freq
        self.init(duty_ns=value)
        return None


class Timer:
    """A hardware timer, one-shot or periodic; the callback is a soft interrupt."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id: int, **options: "int | Callable[[Timer], None]") -> None:
        if not 0 <= id < _TIMERS:
            raise ValueError("invalid Timer number")
        self._alarm = steer.Alarm(self._ring)
        self._period_us = 0
        self._periodic = True
        self._callback: "Callable[[Timer], None] | None" = None
        if options:
            self.init(**options)  # pyright: ignore[reportArgumentType]

    def init(
        self,
        *,
        mode: int = PERIODIC,
        freq: float = -1,
        period: int = -1,
        callback: "Callable[[Timer], None] | None" = None,
        hard: bool = False,
    ) -> None:
        """Start: `period` in ms, or `freq` in Hz, which has precedence."""
        if hard:
            raise ValueError("hard Timers are not implemented")
        self._period_us = int(1_000_000 / freq) if freq > 0 else period * 1000
        if self._period_us <= 0:
            raise ValueError("period or freq must be positive")
        self._periodic = mode == Timer.PERIODIC
        self._callback = callback
        self._alarm.set(steer.read_us() + self._period_us)

    def _ring(self) -> None:
        if self._periodic:
            self._alarm.set(steer.now_us + self._period_us)
        if self._callback is not None:
            self._callback(self)

    def deinit(self) -> None:
        """Stop."""
        self._alarm.cancel()
