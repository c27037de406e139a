"""The terminal's date and time: the board's clock, corrected by what the host said at sign-on (F12, F13)."""

import time

_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class Clock:
    """Local time. The correction lives in RAM: every start asks the host again."""

    def __init__(self) -> None:
        self._correction = 0

    def now(self) -> str:
        """YYYYMMDDhhmmss."""
        t = time.localtime(int(time.time()) + self._correction)
        return "%04d%02d%02d%02d%02d%02d" % (t[0], t[1], t[2], t[3], t[4], t[5])

    def set(self, digits: str) -> None:
        """Sets the clock to YYYYMMDDhhmm, which must be a date and time."""
        year = int(digits[:4])
        month, day, hour, minute = [int(digits[at : at + 2]) for at in (4, 6, 8, 10)]
        b = time.localtime(int(time.time()))
        self._correction = _seconds(year, month, day, hour, minute, 0) - _seconds(b[0], b[1], b[2], b[3], b[4], b[5])

    def adopt(self, hhmmss: str, mmdd: str) -> None:
        """Corrects the clock to the host's time. The message has no year: it is the one that changes the clock least.

        Raises ValueError when the digits are no date and time.
        """
        month, day = int(mmdd[:2]), int(mmdd[2:])
        hour, minute, second = int(hhmmss[:2]), int(hhmmss[2:4]), int(hhmmss[4:])
        if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
            raise ValueError("no date and time: %s %s" % (mmdd, hhmmss))
        b = time.localtime(int(time.time()))
        board = _seconds(b[0], b[1], b[2], b[3], b[4], b[5])
        best = None
        for year in (b[0] - 1, b[0], b[0] + 1):
            correction = _seconds(year, month, day, hour, minute, second) - board
            if best is None or abs(correction) < abs(best):
                best = correction
        self._correction = best or 0


def seconds_between(earlier: str, later: str) -> int:
    """Seconds from one YYYYMMDDhhmmss to another."""
    return _since_2000(later) - _since_2000(earlier)


def _since_2000(t: str) -> int:
    return _seconds(int(t[:4]), int(t[4:6]), int(t[6:8]), int(t[8:10]), int(t[10:12]), int(t[12:]))


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Seconds since the start of the year 2000: our own sum, since boards count from 1970 or from 2000."""
    years = year - 2000
    days = years * 365 + (years + 3) // 4 + _DAYS_BEFORE_MONTH[month - 1] + day - 1
    if month > 2 and year % 4 == 0:
        days += 1
    return ((days * 24 + hour) * 60 + minute) * 60 + second
