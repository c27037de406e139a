"""The bench link's wires on QEMU's mps2-an385: two rings in the PSRAM that it shares with the bench, or UART1 alone.

UART1 is the door bell of the rings: one byte says that there is something new. The device sleeps in WFI meanwhile,
so an idle board costs the computer nothing. The buffers of the link are beside the rings: a terminal without a bench
has none, so they shall not take of its heap.
"""

import benchhal  # pyright: ignore[reportMissingImports]  C module of bench/qemu
import utime
from micropython import const
from port import psram
from umachine import mem32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from port.link import Wire

_DATA = const(0x40005000)  # UART1 (Arm CMSDK APB UART)
_STATE = const(0x40005004)
_TX_FULL = const(1)
_RX_FULL = const(2)
_SPINS = const(20)  # looks at the ring before going to sleep: an answer is often there within microseconds


def open_wire() -> "Wire":
    """The rings if the bench has set them up, else UART1."""
    if psram.window(psram.MAGIC, 4) == psram.MAGIC_WORD:
        return RingWire()
    return UartWire()


class _QemuWire:
    lossy = False  # QEMU holds a byte back until the receiver is free
    _used = 0

    def room(self, size: int) -> memoryview:
        """`size` bytes for a buffer of the link."""
        at = psram.BUFFERS + self._used
        self._used += size
        return psram.window(at, size)


class RingWire(_QemuWire):
    """One ring each way; whoever reads moves the tail, whoever writes moves the head, and head == tail is empty."""

    def __init__(self) -> None:
        benchhal.bell_open()
        self._in = psram.window(psram.IN, psram.IN_SIZE)
        self._out = psram.window(psram.OUT, psram.OUT_SIZE)
        self._tail: int = mem32[psram.IN_TAIL]
        self._head: int = mem32[psram.OUT_HEAD]

    def readinto(self, buf: memoryview) -> "int | None":
        """Read what is there, None if nothing is."""
        head = mem32[psram.IN_HEAD]
        tail = self._tail
        if head == tail:
            return None
        n = min((head if head > tail else psram.IN_SIZE) - tail, len(buf))
        buf[:n] = self._in[tail : tail + n]
        tail = (tail + n) & (psram.IN_SIZE - 1)
        self._tail = tail
        mem32[psram.IN_TAIL] = tail
        return n

    def write(self, buf: memoryview) -> None:
        """Write all of `buf`, waiting while the ring is full, and ring."""
        left = len(buf)
        at = 0
        head = self._head
        while left:
            free = (mem32[psram.OUT_TAIL] - head - 1) & (psram.OUT_SIZE - 1)
            n = min(left, free, psram.OUT_SIZE - head)
            if not n:
                _ring()  # the bench must read first
                continue
            self._out[head : head + n] = buf[at : at + n]
            at += n
            left -= n
            head = (head + n) & (psram.OUT_SIZE - 1)
            mem32[psram.OUT_HEAD] = head
        self._head = head
        _ring()

    def _empty(self) -> bool:
        return mem32[psram.IN_HEAD] == self._tail

    def wait(self, ms: int) -> bool:
        """Wait until there is something to read, at most `ms` of real time (-1: for ever)."""
        for _ in range(_SPINS):
            if not self._empty():
                return True
        if ms >= 0:
            return _spin(self._empty, ms)
        mem32[psram.ASLEEP] = 1
        # The bench rings if it sees the flag after it has moved the head; so the flag comes before the last look.
        while self._empty():
            benchhal.bell_wait()
            while mem32[_STATE] & _RX_FULL:
                mem32[_DATA]
        mem32[psram.ASLEEP] = 0
        return True


class UartWire(_QemuWire):
    """UART1 and nothing else, for a bench that shares no rings: right, but 50-200 us a byte towards the device."""

    def __init__(self) -> None:
        benchhal.bell_open()

    def readinto(self, buf: memoryview) -> "int | None":
        """Read what is there, None if nothing is."""
        n = 0
        while n < len(buf) and mem32[_STATE] & _RX_FULL:
            buf[n] = mem32[_DATA] & 0xFF
            n += 1
        return n or None

    def write(self, buf: memoryview) -> None:
        """Write all of `buf`."""
        for byte in buf:
            while mem32[_STATE] & _TX_FULL:
                pass
            mem32[_DATA] = byte

    def _empty(self) -> bool:
        return not mem32[_STATE] & _RX_FULL

    def wait(self, ms: int) -> bool:
        """Wait until there is something to read, at most `ms` of real time (-1: for ever)."""
        if ms >= 0:
            return _spin(self._empty, ms)
        while self._empty():
            benchhal.bell_wait()
        return True


def _ring() -> None:
    while mem32[_STATE] & _TX_FULL:
        pass
    mem32[_DATA] = 1


def _spin(empty: "Callable[[], bool]", ms: int) -> bool:
    end = utime.ticks_add(utime.ticks_ms(), ms)
    while empty():
        if utime.ticks_diff(end, utime.ticks_ms()) <= 0:
            return False
    return True
