"""A tapped board: its own parts do all the work, the bench sees what goes to them, and can press keys.

For debugging, never in a release. Nothing here may change what the parts do: what the bench does not take in time is
thrown away, and the terminal goes on; the bench hears how much it was. Key captions during PIN entry and PIN data for
the card never leave the board.
"""

import io
from struct import pack

import umachine
from micropython import const
from port import bench
from port import link as _link
from utime import ticks_add, ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PIECE = const(512)
_POLL = const(3)
_POLLIN = const(1)
_POLLOUT = const(4)

_UART_CONFIG = const(1)
_UART_WRITE = const(2)
_I2C_WROTE = const(3)
_EVENT_FRAME = const(1)
_EVENT_PIN_ENTRY = const(2)
_EVENT_KEY = const(3)
_EVENT_APDU = const(4)
_MASK = const(0x2A)  # "*"
_SECRET = b"\x20\x24\x2c"  # VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER

patience_ms = 5000
_lost = 0  # messages since the bench has taken what it had got before
_owed = b""  # the last change of PIN entry, if that was one of them
_uarts: "tuple[int, ...]" = ()
_chips: "tuple[tuple[int, int], ...]" = ()


def watch(uarts: "tuple[int, ...]", chips: "tuple[tuple[int, int], ...]") -> None:
    """Mirror what is sent to these UARTs, and written to these chips: (I2C bus, address). Only those made after this
    are watched."""
    global _uarts, _chips
    _uarts = uarts
    _chips = chips


def tell(channel: int, head: bytes, data: "bytes | bytearray | memoryview" = b"") -> bool:
    """Mirror a message; False if it was lost. A bench that has taken nothing for `patience_ms` is not waited for again,
    and told nothing, before it has taken all of it."""
    global _lost
    lk = _link.link()
    lk.pump()
    if _lost and lk.delivered():
        _tell_lost(lk)
    if _lost or not _has_room(lk, len(head) + len(data)):
        _lost += 1
        return False
    lk.send(channel, head, data)
    return True


def _has_room(lk: _link.Link, size: int) -> bool:
    end = ticks_add(ticks_ms(), patience_ms)
    while not lk.fits(size):
        left = ticks_diff(end, ticks_ms())
        if left <= 0:
            return False
        lk.ask()
        lk.pump(min(left, 100))
    return True


def _tell_lost(lk: _link.Link) -> None:
    """First of all whether something secret is entered: by that the bench knows what it may keep of the rest."""
    global _lost, _owed
    if _owed:
        lk.send(_link.EVENT, _owed)
        _owed = b""
    lk.send(_link.LOG, b"%d messages were lost: the bench did not take them" % _lost)
    _lost = 0


class I2C:
    """The board's own bus."""

    def __init__(self, id: int, **options: "Any") -> None:
        self._id = id
        self._real: "Any" = umachine.I2C(id, **options)

    def writeto(self, addr: int, buf: "bytes | bytearray | memoryview", stop: bool = True) -> int:
        """As the real one; the bench sees what a watched chip has acknowledged."""
        taken = self._real.writeto(addr, buf, stop)
        if (self._id, addr) in _chips:
            tell(_link.I2C, bytes((_I2C_WROTE, self._id, addr)), memoryview(buf)[:taken])
        return taken

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._real, name)


class UART(io.IOBase):
    """The board's own port; one that is not watched is the real one itself."""

    def __new__(cls, id: int, *args: "Any", **options: "Any") -> "Any":
        if id not in _uarts:
            return umachine.UART(id, *args, **options)
        return super().__new__(cls)

    def __init__(self, id: int, *args: "Any", **options: "Any") -> None:
        self._id = id
        self._real: "Any" = umachine.UART(id, *args, **options)
        self._tell_config(*args, **options)

    def _tell_config(
        self,
        baudrate: int = 115200,
        bits: int = 8,
        parity: "int | None" = None,
        stop: int = 1,
        **_: "Any",
    ) -> None:
        code = 0xFF if parity is None else parity
        tell(_link.UART, pack("<BBIBBB", _UART_CONFIG, self._id, baudrate, bits, code, stop))

    def init(self, *args: "Any", **options: "Any") -> None:
        """As the real one."""
        self._real.init(*args, **options)
        self._tell_config(*args, **options)

    def write(self, buf: "bytes | bytearray | memoryview") -> "int | None":
        """As the real one; the bench sees what it has taken."""
        taken = self._real.write(buf)
        view = memoryview(buf)
        for at in range(0, taken or 0, _PIECE):
            tell(_link.UART, bytes((_UART_WRITE, self._id)), view[at : min(at + _PIECE, taken)])
        return taken

    def read(self, *args: int) -> "bytes | None":
        """As the real one."""
        return self._real.read(*args)

    def readinto(self, buf: "bytearray | memoryview", *args: int) -> "int | None":
        """As the real one."""
        return self._real.readinto(buf, *args)

    def ioctl(self, request: int, arg: int) -> int:
        """`select.poll` and asyncio ask here: a class in Python cannot lend them the real port's own answer."""
        if request != _POLL:
            return -1
        ready = arg & _POLLOUT
        if self._real.any():
            ready |= arg & _POLLIN
        return ready

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._real, name)


class Events(bench.Events):
    """What a tapped board tells beside its wires."""

    def __init__(self) -> None:
        self.pin_entry_open = False

    def frame(self, number: int) -> None:
        """Display frame `number` is on the glass."""
        tell(_link.EVENT, bytes((_EVENT_FRAME,)), number.to_bytes(4, "little"))

    def pin_entry(self, is_open: int) -> None:
        """PIN entry begins or ends: between the two a key is told as `*`."""
        global _owed
        self.pin_entry_open = bool(is_open)
        change = bytes((_EVENT_PIN_ENTRY, is_open))
        if not tell(_link.EVENT, change):
            _owed = change


def log(text: str) -> None:
    """One line for the bench's log, and for whoever reads the port."""
    tell(_link.LOG, text.encode())


def keys(keypad: "Any", events: Events) -> None:
    """Tell which keys fingers press, and press those that the bench wants pressed."""
    put = keypad.put

    def heard(code: int) -> None:
        tell(_link.EVENT, bytes((_EVENT_KEY, _MASK if events.pin_entry_open else code)))
        put(code)

    def wanted(payload: memoryview) -> None:
        if payload[0] == _EVENT_KEY:
            put(payload[1])

    keypad.put = heard
    handlers: "Any" = _link.link().handlers
    handlers[_link.EVENT] = wanted


class Card:
    """The board's own card slot; the bench sees each command with its response."""

    def __init__(self, slot: "Any") -> None:
        self._slot: "Any" = slot

    async def exchange(self, apdu: "bytes | bytearray | memoryview") -> bytes:
        """As the slot's; what carries a PIN is told without its data."""
        response = await self._slot.exchange(apdu)
        told = bytearray(apdu)
        if told[1] in _SECRET:
            for at in range(5, len(told)):
                told[at] = _MASK
        tell(_link.EVENT, pack("<BH", _EVENT_APDU, len(told)), bytes(told) + response)
        return response

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._slot, name)
