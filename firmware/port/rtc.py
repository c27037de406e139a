"""Virtual RTC, with the ESP32 port's signature. The bench keeps what survives a reset."""

from struct import pack

from micropython import const
from port import bench, steer
from port import link as _link
from utime import gmtime

_RTC = const(7)
_MEMORY = const(2048)
_MONTH_STARTS = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class RTC:
    """The calendar, and memory that survives a reset, but no power cut; one object, as there."""

    def __new__(cls) -> "RTC":
        return _rtc

    def datetime(self, to: "tuple[int, ...] | None" = None) -> "tuple[int, ...] | None":
        """(year, month, day, weekday from Monday = 0, hour, minute, second, microsecond); with an argument, set it.

        When it is set the weekday is not looked at, and the fraction of the second goes on as it was.
        """
        now = steer.read_us()
        if to is None:
            year, month, day, hour, minute, second, weekday = gmtime(steer.epoch_s + now // 1_000_000)[:7]
            return year, month, day, weekday, hour, minute, second, now % 1_000_000
        if len(to) != 8:
            raise ValueError("requested length 8 but object has length %d" % len(to))
        self._set(to[0], to[1], to[2], to[4], to[5], to[6])
        return None

    def init(self, to: "tuple[int, ...]") -> None:
        """Set it to (year, month, day, hour, minute, second, microsecond, time zone)."""
        if len(to) != 8:
            raise ValueError("requested length 8 but object has length %d" % len(to))
        self._set(*to[:6])

    def _set(self, year: int, month: int, day: int, hour: int, minute: int, second: int) -> None:
        days = (year - 1970) * 365 + (year - 1969) // 4 + _MONTH_STARTS[month - 1] + day - 1
        if month > 2 and not year % 4:
            days += 1
        steer.epoch_s = ((days * 24 + hour) * 60 + minute) * 60 + second - steer.read_us() // 1_000_000
        self._keep()

    def memory(self, data: "bytes | bytearray | None" = None) -> "bytes | None":
        """What was stored; with an argument of at most 2048 bytes, store it."""
        if data is None:
            return bytes.fromhex(bench.settings.get("rtc_memory", ""))
        if len(data) > _MEMORY:
            raise ValueError("buffer too long")
        bench.settings["rtc_memory"] = bytes(data).hex()
        self._keep()
        return None

    def _keep(self) -> None:
        memory = bytes.fromhex(bench.settings.get("rtc_memory", ""))
        _link.link().send(_link.SYSTEM, pack("<BQ", _RTC, steer.epoch_s), memory)


_rtc: RTC = object.__new__(RTC)
