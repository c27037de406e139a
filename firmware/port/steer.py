"""Steered time: the bench owns the clock, and an idle device asks it how late it is.

`idle(wake)` says when the device would wake by itself. The bench answers with the time, which is that moment or an
earlier one at which something happens. So a 60-second time-out costs one exchange, and two runs with the same inputs
are the same to the byte. With the time comes a moment before which nothing happens in the world: a device that only
polls goes on by itself up to there, for as long as it says nothing.

A board with a clock of its own (`steered` False) uses the same functions; they then wait for the real one.
"""

from struct import pack, unpack_from

import utime
from micropython import const
from port import link as _link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

_IDLE = const(2)
_NOW = const(8)
_GRANT = const(0x12)
_GO = const(0x13)
_BUSY_READS = const(5000)
_NEVER = const(0xFFFFFFFFFFFFFFFF)

steered = False
now_us = 0  # since the start of the process
epoch_s = 0  # Unix time at now_us == 0

_granted = False
_until = 0  # up to here, not included, nothing happens in the world unless this device makes it happen
_reads = 0
_alarms: "list[Alarm]" = []


class Alarm:
    """A call at a moment of steered time: what a hardware timer is made of."""

    def __init__(self, callback: "Callable[[], None]") -> None:
        self.due = -1
        self.rung = 0  # when it was due last
        self._callback = callback

    def set(self, due_us: int) -> None:
        """Call back at `due_us`, once."""
        if self.due < 0:
            _alarms.append(self)
        self.due = due_us

    def cancel(self) -> None:
        """Forget the appointment, if there is one."""
        if self.due >= 0:
            self.due = -1
            _alarms.remove(self)

    def ring(self) -> None:
        """It is time."""
        self.rung = self.due
        self.cancel()
        self._callback()


def take(payload: memoryview) -> None:
    """A SYSTEM frame about time."""
    global now_us, _until, _granted
    op = payload[0]
    if op == _GRANT:
        now_us, _until, more = unpack_from("<QQB", payload, 1)
        _granted = not more
        _link.link().mute = True
    elif op == _GO:
        _granted = True


def _ring_due() -> bool:
    rung = False
    for alarm in _alarms[:]:
        if 0 <= alarm.due <= now_us:
            alarm.ring()
            rung = True
    return rung


def idle(wake_us: int) -> None:
    """Give the time to the bench until `wake_us` at the latest; negative: until something happens."""
    global now_us, _granted, _reads
    _reads = 0
    if _alarms:
        first = min([alarm.due for alarm in _alarms])
        if wake_us < 0 or first < wake_us:
            wake_us = first
    lk = _link.link()
    if lk.mute and 0 <= wake_us < _until:
        if wake_us > now_us:
            now_us = wake_us
            lk.preface = pack("<BQ", _NOW, wake_us)
    else:
        _granted = False
        lk.send(_link.SYSTEM, pack("<BQ", _IDLE, wake_us if wake_us >= 0 else _NEVER))
        while not _granted:
            lk.pump(-1)
    if _alarms:
        _ring_due()


def read_us() -> int:
    """The time in microseconds. A loop that does nothing but read it would never end: it gets 1 ms now and then."""
    global _reads
    if not steered:
        return utime.ticks_us()  # pyright: ignore[reportReturnType]  the stubs' own ticks type
    _reads += 1
    if _reads > _BUSY_READS:
        idle(now_us + 1000)
    return now_us


def sleep_us(us: int) -> None:
    """Sleep without running any task; what the bench sends meanwhile is taken."""
    if not steered:
        end = utime.ticks_add(utime.ticks_us(), us)
        while (left := utime.ticks_diff(end, utime.ticks_us())) > 0:
            _link.link().pump(left // 1000)
        return
    until = now_us + us
    while now_us < until:
        idle(until)
