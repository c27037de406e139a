"""Virtual UART: `machine.UART` with the ESP32 port's signature; the far end is a model in the bench."""

import io
from struct import pack

from micropython import const
from port import link as _link
from port import soft_irq, steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from port.nets import Pin

_CONFIG = const(1)
_WRITE = const(2)
_DATA = const(0x11)
_POLL = const(3)
_POLLIN = const(1)
_POLLOUT = const(4)
_UARTS = const(3)
_INVERTIBLE = const(0x7C)

overruns = 0  # bytes lost because a receive buffer was full

_uarts: "dict[int, UART]" = {}


def take(payload: memoryview) -> None:
    """A UART frame from the bench: bytes for a receive buffer."""
    uart = _uarts.get(payload[1])
    if uart is not None and payload[0] == _DATA:
        uart.receive(payload[2:])


class UART(io.IOBase):
    """An asynchronous serial port. A receive buffer that is full loses what comes, and counts it (`overruns`)."""

    INV_TX = 32
    INV_RX = 4
    RTS = 1
    CTS = 2
    IRQ_RX = 1
    IRQ_RXIDLE = 4096
    IRQ_BREAK = 128

    def __new__(cls, id: int, *args: "Any", **options: "Any") -> "UART":
        if not 0 <= id < _UARTS:
            raise ValueError("UART(%d) does not exist" % id)
        uart = _uarts.get(id)
        if uart is None:
            uart = super().__new__(cls)
            uart._setup(id)
        return uart

    def __init__(self, id: int, *args: "Any", **options: "Any") -> None:
        self.init(*args, **options)

    def _setup(self, id: int) -> None:
        self.id = id
        self._handler: "Callable[[UART], None] | None" = None
        self._sent_at = 0
        self._defaults()

    def _defaults(self) -> None:
        self.baudrate = 115200
        self.bits = 8
        self.parity: "int | None" = None
        self.stop = 1
        self.timeout = 0
        self.timeout_char = 0
        self._rx = bytearray(256)
        self._head = 0
        self._count = 0

    def init(
        self,
        baudrate: int = 0,
        bits: int = 0,
        parity: "int | None" = -1,
        stop: int = 0,
        *,
        tx: "Pin | int | None" = None,
        rx: "Pin | int | None" = None,
        rts: "Pin | int | None" = None,
        cts: "Pin | int | None" = None,
        txbuf: int = -1,
        rxbuf: int = -1,
        timeout: int = -1,
        timeout_char: int = -1,
        invert: int = 0,
        flow: int = 0,
    ) -> None:
        """Set what is given; the rest stays (115200 8N1 and a receive buffer of 256 bytes at first, or after deinit).

        `timeout` ms for the first byte of a read, `timeout_char` ms for those after it. What was received is lost.
        """
        if bits and not 5 <= bits <= 8:
            raise ValueError("invalid data bits")
        if stop not in (0, 1, 2):
            raise ValueError("invalid stop bits")
        if invert & ~_INVERTIBLE:
            raise ValueError("invalid inversion mask")
        if flow & ~3:
            raise ValueError("invalid flow control mask")
        if self.id not in _uarts:
            self._defaults()
            _uarts[self.id] = self
        self.flush()
        self.baudrate = baudrate if baudrate > 0 else self.baudrate
        self.bits = bits or self.bits
        self.stop = stop or self.stop
        if parity is None or parity >= 0:
            self.parity = parity if parity is None else parity & 1
        self.timeout = self.timeout if timeout < 0 else timeout
        self.timeout_char = self.timeout_char if timeout_char < 0 else timeout_char
        if rxbuf > 0 and rxbuf != len(self._rx):
            self._rx = bytearray(rxbuf)
        self._head = self._count = 0
        code = 0xFF if self.parity is None else self.parity
        _link.link().send(_link.UART, pack("<BBIBBB", _CONFIG, self.id, self.baudrate, self.bits, code, self.stop))

    def deinit(self) -> None:
        """Switch the UART off: what comes is lost."""
        _uarts.pop(self.id, None)

    @property
    def char_us(self) -> int:
        """Duration of one character on the wire, microseconds."""
        symbols = 1 + self.bits + (self.parity is not None) + self.stop
        return -(-symbols * 1_000_000 // self.baudrate)

    def receive(self, data: memoryview) -> None:
        """The wire brings bytes."""
        global overruns
        size = len(self._rx)
        for byte in data:
            if self._count == size:
                overruns += 1
                continue
            self._rx[(self._head + self._count) % size] = byte
            self._count += 1
        if self._handler is not None:
            soft_irq.schedule(self._handler, self)

    def any(self) -> int:
        """How many bytes can be read at once."""
        return self._count

    def _take(self, buf: "bytearray | memoryview", at: int, n: int) -> int:
        n = min(n, self._count, len(self._rx) - self._head)
        buf[at : at + n] = self._rx[self._head : self._head + n]
        self._head = (self._head + n) % len(self._rx)
        self._count -= n
        return n

    def _burst(self, buf: "bytearray | memoryview", at: int, n: int) -> int:
        # As the ESP32 port's driver reads: `timeout` for the first byte, `timeout_char` for all the others together.
        if not self._wait(1, self.timeout):
            return 0
        self._wait(n, self.timeout_char)
        got = self._take(buf, at, n)
        return got + self._take(buf, at + got, n - got)

    def _wait(self, n: int, ms: int) -> bool:
        end = steer.read_us() + ms * 1000
        while self._count < n and (left := end - steer.read_us()) > 0:
            steer.sleep_us(min(1000, left))
        return self._count >= n

    def readinto(self, buf: "bytearray | memoryview", nbytes: int = -1) -> "int | None":
        """Read into `buf` until it is full, or nothing comes within the time-outs; None if nothing came."""
        n = len(buf) if nbytes < 0 else min(nbytes, len(buf))
        got = 0
        while got < n:
            more = self._burst(buf, got, n - got)
            if not more:
                break
            got += more
        return got if got or not n else None

    def read(self, nbytes: int = -1) -> "bytes | None":
        """Read up to `nbytes` (all that comes within the time-outs, if not given); None if nothing came."""
        if nbytes >= 0:
            buf = bytearray(nbytes)
            n = self.readinto(buf)
            return None if n is None else bytes(buf[:n])
        everything = bytearray()
        while self._wait(1, self.timeout):
            buf = bytearray(self._count)
            everything.extend(buf[: self._burst(buf, 0, len(buf))])
            if not self.timeout and not self._count:
                break
        return bytes(everything) if everything else None

    def readline(self) -> "bytes | None":
        """Read up to and with a newline, or what came with no longer pause than `timeout` ms; None if nothing came."""
        line = bytearray()
        byte = bytearray(1)
        while self._burst(byte, 0, 1):
            line.extend(byte)
            if byte == b"\n":
                break
        return bytes(line) if line else None

    def write(self, buf: "bytes | bytearray | memoryview") -> int:
        """Hand bytes to the transmitter; returns how many."""
        now = steer.read_us()
        self._sent_at = max(now, self._sent_at) + len(buf) * self.char_us
        _link.link().send(_link.UART, bytes((_WRITE, self.id)), buf)
        return len(buf)

    def txdone(self) -> bool:
        """True if the last stop bit has left."""
        return steer.read_us() >= self._sent_at

    def flush(self) -> None:
        """Wait until the last stop bit has left."""
        left = self._sent_at - steer.read_us()
        if left > 0:
            steer.sleep_us(left)

    def irq(self, handler: "Callable[[UART], None] | None" = None, trigger: int = IRQ_RX, hard: bool = False) -> None:
        """Call `handler(uart)` when bytes have come; soft interrupts only, and only IRQ_RX has a model."""
        if hard:
            raise ValueError("hard IRQ is not supported")
        if handler is not None and trigger != UART.IRQ_RX:
            raise ValueError("trigger 0x%04x unsupported" % trigger)
        self._handler = handler

    def ioctl(self, request: int, arg: int) -> int:
        """`select.poll` and asyncio ask here."""
        if request != _POLL:
            return -1
        ready = arg & _POLLOUT
        if self._count:
            ready |= arg & _POLLIN
        return ready
