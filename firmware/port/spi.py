"""Virtual SPI: `machine.SPI` and `machine.SoftSPI` with the ESP32 port's signatures; the chips are models in the bench.

A chip's select line is a pin like any other: what the driver does with it, and what it sends, arrive in that order.
"""

from struct import pack

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from port.nets import Pin

_CONFIG = const(1)
_WRITE = const(2)
_TRANSFER = const(3)
_BUSES = const(2)
_SOFTWARE = const(0x40)  # and the number of the clock's pin: a bus without a controller is where its wires are
_CLOCK_HZ = const(80_000_000)
_NO_PIN = const(0xFF)
_DEFAULT_PINS = ((14, 13, 12), (18, 23, 19))  # clock, data out, data in of SPI(1) and SPI(2) of an ESP32
_KEPT = -1

_buses: "dict[int, SPI]" = {}


class _Bus:
    """What both kinds do. A transfer takes the time that it takes on copper: 8 clocks a byte."""

    MSB = 0
    LSB = 1

    def _setup(self, number: int) -> None:
        self._number = number
        self._baudrate = 500_000
        self._polarity = self._phase = 0
        self._bits = 8
        self._firstbit = _Bus.MSB
        self._pins: "list[int]" = [_NO_PIN, _NO_PIN, _NO_PIN]
        self._owed = 0  # clocks that have not made a whole microsecond yet, in millions
        self._ready = False

    def _wire(self, sck: "Pin | int | None", mosi: "Pin | int | None", miso: "Pin | int | None") -> None:
        at = 0
        for pin in (sck, mosi, miso):
            if pin != _KEPT:
                self._pins[at] = _NO_PIN if pin is None else pin if isinstance(pin, int) else pin.id
            at += 1

    def _wires(self) -> str:
        return "sck=%d, mosi=%d, miso=%d)" % tuple([-1 if pin == _NO_PIN else pin for pin in self._pins])

    def _tell(self) -> None:
        self._ready = True
        self._owed = 0  # it is in clocks of the rate before
        mode = self._polarity << 1 | self._phase
        head = pack("<BBIBB", _CONFIG, self._number, self._baudrate, mode, self._firstbit)
        _link.link().send(_link.SPI, head, bytes(self._pins))

    def _takes(self, n: int) -> int:
        """Let the time of a transfer pass; returns how many bytes of `n` it has: whole words.

        Raises:
            OSError: after `deinit`.
            ValueError: less than a word.
        """
        if not self._ready:
            raise OSError("transfer on deinitialized SPI")
        n -= n % (self._bits // 8)
        if not n:
            raise ValueError("buffer too short")
        self._owed += n * 8_000_000
        us = self._owed // self._baudrate
        self._owed -= us * self._baudrate
        steer.sleep_us(us)
        return n

    def write(self, buf: "bytes | bytearray | memoryview") -> None:
        """Write `buf`; what comes meanwhile is not looked at."""
        n = self._takes(len(buf))
        if n != len(buf):
            buf = memoryview(buf)[:n]
        _link.link().send(_link.SPI, bytes((_WRITE, self._number)), buf)

    def read(self, nbytes: int, write: int = 0) -> bytes:
        """Read `nbytes` while the byte `write` goes out again and again."""
        buf = bytearray(nbytes)
        self.readinto(buf, write)
        return bytes(buf)

    def readinto(self, buf: "bytearray | memoryview", write: int = 0) -> None:
        """Fill `buf` while the byte `write` goes out again and again."""
        for at in range(len(buf)):
            buf[at] = write
        self._exchange(buf, buf)

    def write_readinto(self, write_buf: "bytes | bytearray | memoryview", read_buf: "bytearray | memoryview") -> None:
        """Write and read at the same time; the buffers are of one length, and may be the same."""
        if len(write_buf) != len(read_buf):
            raise ValueError("buffers must be the same length")
        self._exchange(write_buf, read_buf)

    def _exchange(self, out: "bytes | bytearray | memoryview", into: "bytearray | memoryview") -> None:
        n = self._takes(len(out))
        answer = _link.link().request(_link.SPI, bytes((_TRANSFER, self._number)), memoryview(out)[:n])
        into[:n] = memoryview(answer)[1:]


class SPI(_Bus):
    """A controller of the chip; one object for each, as there. Pins that are not given are the ESP32's own."""

    def __new__(cls, id: int, *args: "Any", **options: "Any") -> "SPI":
        if not 1 <= id <= _BUSES:
            raise ValueError("SPI(%d) doesn't exist" % id)
        bus = _buses.get(id)
        if bus is None:
            bus = super().__new__(cls)
            bus._setup(id)
            _buses[id] = bus
        return bus

    def __init__(
        self,
        id: int,
        baudrate: int = 500_000,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = _Bus.MSB,
        sck: "Pin | int | None" = _KEPT,
        mosi: "Pin | int | None" = _KEPT,
        miso: "Pin | int | None" = _KEPT,
    ) -> None:
        self._wire(*_DEFAULT_PINS[id - 1])
        self.init(
            baudrate,
            polarity=polarity,
            phase=phase,
            bits=bits,
            firstbit=firstbit,
            sck=sck,
            mosi=mosi,
            miso=miso,
        )

    def init(
        self,
        baudrate: int = -1,
        *,
        polarity: int = -1,
        phase: int = -1,
        bits: int = -1,
        firstbit: int = -1,
        sck: "Pin | int | None" = _KEPT,
        mosi: "Pin | int | None" = _KEPT,
        miso: "Pin | int | None" = _KEPT,
    ) -> None:
        """Set what is given; the rest stays. `baudrate` in Hz becomes the next lower one that divides 80 MHz.

        Raises:
            ValueError: words that are not whole bytes, which have no model.
        """
        if bits not in (-1, 8, 16, 24, 32):
            raise ValueError("only whole bytes have a model")
        if baudrate != -1:
            self._baudrate = _CLOCK_HZ // max(1, -(-_CLOCK_HZ // baudrate))
        if polarity != -1:
            self._polarity = polarity & 1
        if phase != -1:
            self._phase = phase & 1
        if bits != -1:
            self._bits = bits
        if firstbit != -1:
            self._firstbit = firstbit
        self._wire(sck, mosi, miso)
        self._tell()

    def deinit(self) -> None:
        """Let go of the pins: a transfer is an OSError until `init`."""
        self._ready = False

    def __repr__(self) -> str:
        how = (self._number, self._baudrate, self._polarity, self._phase, self._bits, self._firstbit)
        what = "SPI(id=%d, baudrate=%d, polarity=%d, phase=%d, bits=%d, firstbit=%d, " % how
        return what + self._wires()


class SoftSPI(_Bus):
    """The same with three pins and a program that moves them; the bench knows the bus by its clock's pin."""

    def __init__(
        self,
        baudrate: int = 500_000,
        *,
        polarity: int = 0,
        phase: int = 0,
        bits: int = 8,
        firstbit: int = _Bus.MSB,
        sck: "Pin | None" = None,
        mosi: "Pin | None" = None,
        miso: "Pin | None" = None,
    ) -> None:
        if bits != 8:
            raise ValueError("bits must be 8")
        if firstbit != _Bus.MSB:
            raise ValueError("firstbit must be MSB")
        if sck is None or mosi is None or miso is None:
            raise ValueError("must specify all of sck/mosi/miso")
        self._setup(_SOFTWARE + sck.id)
        self.init(baudrate, polarity=polarity, phase=phase, mosi=mosi, miso=miso, sck=sck)

    def init(
        self,
        baudrate: int = -1,
        polarity: int = -1,
        phase: int = -1,
        *,
        sck: "Pin | None" = None,
        mosi: "Pin | None" = None,
        miso: "Pin | None" = None,
    ) -> None:
        """Set what is given; the rest stays. `baudrate` in Hz is made with half periods of whole microseconds."""
        if baudrate != -1:
            self._baudrate = 500_000 // max(1, -(-500_000 // baudrate))
        if polarity != -1:
            self._polarity = polarity & 1
        if phase != -1:
            self._phase = phase & 1
        self._wire(sck or _KEPT, mosi or _KEPT, miso or _KEPT)
        self._number = _SOFTWARE + self._pins[0]
        self._tell()

    def deinit(self) -> None:
        """There is nothing to let go of."""

    def __repr__(self) -> str:
        how = (self._baudrate, self._polarity, self._phase)
        return "SoftSPI(baudrate=%d, polarity=%d, phase=%d, " % how + self._wires()
