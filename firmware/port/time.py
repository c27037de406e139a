"""`time` on a steered board: the same functions over the bench's clock."""

from port import steer
from utime import gmtime as _gmtime
from utime import mktime, ticks_add, ticks_diff

# The port's own ticks period, so that its ticks_diff fits ours.
_TICKS_MASK: int = ticks_add(0, -1)  # pyright: ignore  the stubs have a type of their own for ticks


def ticks_ms() -> int:
    return (steer.read_us() // 1000) & _TICKS_MASK


def ticks_us() -> int:
    return steer.read_us() & _TICKS_MASK


ticks_cpu = ticks_us


def sleep_us(us: int) -> None:
    steer.sleep_us(int(us))


def sleep_ms(ms: int) -> None:
    steer.sleep_us(int(ms) * 1000)


def sleep(seconds: float) -> None:
    steer.sleep_us(int(seconds * 1_000_000))


def time() -> int:
    return steer.epoch_s + steer.read_us() // 1_000_000


def time_ns() -> int:
    return steer.epoch_s * 1_000_000_000 + steer.read_us() * 1000


def gmtime(seconds: "int | None" = None) -> "tuple[int, ...]":
    return _gmtime(time() if seconds is None else seconds)


localtime = gmtime  # the bench's epoch is local time already
