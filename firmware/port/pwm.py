"""Virtual PWM and Timer, with the ESP32 port's signatures."""

from struct import pack

from micropython import const
from port import link as _link
from port import soft_irq, steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from port.nets import Pin

_PWM = const(2)
_FIRST_INPUT_ONLY = const(34)
_TIMERS = const(4)


class PWM:
    """A square wave on a pin, 1 Hz to 40 MHz."""

    def __init__(
        self,
        dest: "Pin",
        freq: int = 5000,
        *,
        duty: int = -1,
        duty_u16: int = -1,
        duty_ns: int = -1,
        invert: bool = False,
    ) -> None:
        self._net = dest.net
        if dest.id >= _FIRST_INPUT_ONLY:
            raise ValueError("invalid pin")
        self._freq = 5000
        self._duty_u16 = 32768
        self.init(freq, duty=duty, duty_u16=duty_u16, duty_ns=duty_ns)

    def init(
        self, freq: int = -1, *, duty: int = -1, duty_u16: int = -1, duty_ns: int = -1, invert: bool = False
    ) -> None:
        """Set what is given (`duty` of 1023, `duty_u16` of 65535) and start."""
        if freq != -1:
            if not 1 <= freq <= 40_000_000:
                raise ValueError("frequency must be from 1Hz to 40MHz")
            self._freq = freq
        if duty_u16 == -1 and duty_ns != -1:
            duty_u16 = duty_ns * self._freq * 65535 // 1_000_000_000
        elif duty_u16 == -1 and duty != -1:
            if not 0 <= duty <= 1023:
                raise ValueError("duty should be between 0 and 1023")
            duty_u16 = duty * 65535 // 1023
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


_timers: "dict[int, Timer]" = {}


class Timer:
    """A hardware timer, one-shot or periodic; the callback is a soft interrupt."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __new__(cls, id: int, **options: "Any") -> "Timer":
        if not -1 <= id < _TIMERS:
            raise ValueError("invalid Timer number, max %d" % _TIMERS)
        timer = _timers.get(id)
        if timer is None:
            timer = super().__new__(cls)
            timer._setup()
            if id >= 0:
                _timers[id] = timer
        return timer

    def __init__(self, id: int, **options: "Any") -> None:
        if options:
            self.init(**options)

    def _setup(self) -> None:
        self._alarm = steer.Alarm(self._ring)
        self._period_us = 0
        self._periodic = True
        self._callback: "Callable[[Timer], None] | None" = None

    def init(
        self,
        *,
        mode: int = PERIODIC,
        freq: float = -1,
        period: int = -1,
        callback: "Callable[[Timer], None] | None" = None,
        tick_hz: int = 1000,
        hard: bool = False,
    ) -> None:
        """Start anew: `period` in ticks of 1 / `tick_hz` s, or `freq` in Hz, which has precedence."""
        if hard:
            raise ValueError("hard Timers are not implemented")
        self._alarm.cancel()
        self._period_us = int(1_000_000 / freq) if freq > 0 else period * 1_000_000 // tick_hz
        if self._period_us <= 0:
            raise ValueError("period or freq must be positive")
        self._periodic = mode == Timer.PERIODIC
        self._callback = callback
        self._alarm.set(steer.read_us() + self._period_us)

    def _ring(self) -> None:
        if self._periodic:
            self._alarm.set(self._alarm.rung + self._period_us)
        if self._callback is not None:
            soft_irq.schedule(self._callback, self)

    def deinit(self) -> None:
        """Stop."""
        self._alarm.cancel()
