"""Virtual UART: `machine.UART` with the ESP32 port's signature; the far end is a model in the bench."""

import io
from struct import pack

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from port.nets import Pin

_CONFIG = const(1)
_WRITE = const(2)
_DATA = const(0x11)
_POLL = const(3)
_POLLIN = const(1)
_POLLOUT = const(4)
_UARTS = const(3)

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

    def __init__(self, id: int, baudrate: int = 115200, bits: int = 8, parity: "int | None" = None, stop: int = 1,
                 **options: int) -> None:  # fmt: skip
        if not 0 <= id < _UARTS:
            raise ValueError("UART(%d) does not exist" % id)
        self.id = id
        self.baudrate = 115200
        self.bits = 8
        self.parity: "int | None" = None
        self.stop = 1
        self.timeout = 0
        self.timeout_char = 0
        self._handler: "Callable[[UART], None] | None" = None
        self._rx = bytearray(options.get("rxbuf", 256) or 256)
        self._head = 0
        self._count = 0
        self._sent_at = 0
        _uarts[id] = self
        self.init(baudrate, bits, parity, stop, **options)

    def init(
        self,
        baudrate: int = 115200,
        bits: int = 8,
        parity: "int | None" = None,
        stop: int = 1,
        *,
        tx: "Pin | int | None" = None,
        rx: "Pin | int | None" = None,
        rts: "Pin | int | None" = None,
        cts: "Pin | int | None" = None,
        txbuf: int = 256,
        rxbuf: int = 0,
        timeout: int = 0,
        timeout_char: int = 0,
        invert: int = 0,
        flow: int = 0,
    ) -> None:
        """Set the line: `timeout` ms for the first byte of a read, `timeout_char` ms between bytes."""
        if not 5 <= bits <= 8:
            raise ValueError("invalid data bits")
        if stop not in (1, 2):
            raise ValueError("invalid stop bits")
        if invert & ~0x7C:
            raise ValueError("invalid inversion mask")
        self.baudrate = baudrate
        self.bits = bits
        self.parity = parity if parity is None else parity & 1
        self.stop = stop
        self.timeout = timeout
        self.timeout_char = timeout_char
        if rxbuf and rxbuf != len(self._rx):
            self._rx = bytearray(rxbuf)
            self._head = self._count = 0
        code = 0xFF if self.parity is None else self.parity
        _link.link().send(_link.UART, pack("<BBIBBB", _CONFIG, self.id, baudrate, bits, code, stop))

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
            self._handler(self)

    def any(self) -> int:
        """How many bytes can be read at once."""
        return self._count

    def _wait(self, ms: int) -> bool:
        end = steer.read_us() + ms * 1000
        while not self._count and steer.read_us() < end:
            steer.sleep_us(min(1000, end - steer.read_us()))
        return self._count > 0

    def readinto(self, buf: "bytearray | memoryview", nbytes: int = -1) -> "int | None":
        """Read into `buf` what is there, waiting `timeout` ms for the first byte; None if nothing came."""
        n = len(buf) if nbytes < 0 else min(nbytes, len(buf))
        got = 0
        while got < n:
            if not self._count and not self._wait(self.timeout_char if got else self.timeout):
                break
            take = min(n - got, self._count, len(self._rx) - self._head)
            buf[got : got + take] = self._rx[self._head : self._head + take]
            self._head = (self._head + take) % len(self._rx)
            self._count -= take
            got += take
        return got if got else None

    def read(self, nbytes: int = -1) -> "bytes | None":
        """Read up to `nbytes` (all there is, if not given); None if nothing came within `timeout` ms."""
        if not self._count and not self._wait(self.timeout):
            return None
        buf = bytearray(self._count if nbytes < 0 else nbytes)
        n = self.readinto(buf)
        return bytes(buf[:n]) if n else None

    def readline(self) -> "bytes | None":
        """Read up to and with a newline, or what came within the time-outs."""
        line = bytearray()
        while self._count or self._wait(self.timeout_char if line else self.timeout):
            byte = self.read(1)
            if byte is None:
                break
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

    def irq(self, handler: "Callable[[UART], None] | None" = None, trigger: int = 1, hard: bool = False) -> None:
        """Call `handler(uart)` when bytes have come; soft interrupts only."""
        if hard:
            raise ValueError("hard IRQ is not supported")
        self._handler = handler

    def ioctl(self, request: int, arg: int) -> int:
        """`select.poll` and asyncio ask here."""
        if request != _POLL:
            return -1
        ready = arg & _POLLOUT
        if self._count:
            ready |= arg & _POLLIN
        return ready
