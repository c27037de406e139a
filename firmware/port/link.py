"""The bench link, device side: frames over one wire. The definition is `protocols/link.py`.

A frame is built in place in the send buffer and stays there until the bench has acknowledged it, so repeating it
costs no copy and no garbage. Handlers get a memoryview of the receive buffer: what they keep they copy.
"""

from binascii import crc32
from struct import pack, pack_into, unpack_from

from micropython import const
from utime import ticks_diff, ticks_ms

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Protocol

    class Wire(Protocol):
        """Bytes to and from the bench."""

        lossy: bool

        def readinto(self, buf: memoryview) -> "int | None": ...
        def write(self, buf: memoryview) -> None: ...
        def wait(self, ms: int) -> bool: ...

        # and, if it has memory that is not heap: room(size: int) -> memoryview


CONTROL = const(0)
SYSTEM = const(1)
NET = const(2)
UART = const(3)
I2C = const(4)
SPI = const(5)
SOCKET = const(6)
EVENT = const(7)
LOG = const(8)
CONSOLE = const(9)
RUN = const(10)
VAULT = const(11)
DESK = const(12)
FLASH = const(13)
READER = const(14)
WLAN = const(15)

_ACK = const(1)
_NAK = const(2)
_PING = const(3)
_PONG = const(4)
_CLOSE = const(5)

_SYNC = const(0xA5)
_MORE = const(0x80)
_MAX_PAYLOAD = const(1100)
_OVERHEAD = const(11)
_RX = const(2222)  # two frames of the largest size: one being read while the next comes in
_TX = const(2400)
_FLIGHT = const(100)  # frames that may wait for their acknowledgement: less than half of the count
_HELD = const(8)
_ACK_AFTER = const(32)
_PARTIAL_MS = const(200)


class LinkClosed(BaseException):
    """The bench has closed the link, or is gone. Not an Exception: no application may live on without its board."""


class Link:
    """The device's end of the link; one per process."""

    def __init__(self, wire: "Wire") -> None:
        self.wire = wire
        self.bad = 0
        self.gaps = 0
        self.repeats = 0
        self.handlers: "list[Callable[[memoryview], None] | None]" = [None] * 16
        room = getattr(wire, "room", _heap)
        self._rx: memoryview = room(_RX)
        self._start = 0
        self._end = 0
        self._heard = 0
        self._suspect = False
        self._lent = 0
        self._holding = False
        self._held: "list[tuple[int, bytes]]" = []
        self._parts: "bytearray | None" = None
        self._spoilt = False
        self._tx: memoryview = room(_TX)
        self._head = 0
        self._tail = 0
        self._seq = 0
        self._acked = 0
        self._seen = 0
        self._told = 0
        self._nak_sent = False
        self._pings = 0
        self._ping_seq = 0
        self._taken_bytes = 0
        self._asked = 0
        self._answered = 0
        self._replies: "dict[int, bytes]" = {}
        self.mute = False  # nothing was sent since this was set
        self.preface = b""  # for SYSTEM, in front of what is sent next

    # Sending

    def send(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview" = b"") -> None:
        """Send `head` and `data` as one message; longer than one frame, it goes in several."""
        if self.mute:
            self.mute = False
            if self.preface:
                self._frame(SYSTEM, self.preface, b"")
                self.preface = b""
        room = _MAX_PAYLOAD - len(head)
        if len(data) <= room:
            self._frame(channel, head, data)
        else:
            view = memoryview(data)
            at = 0
            while len(view) - at > room:
                self._frame(channel | _MORE, head, view[at : at + room])
                at += room
                head = b""
                room = _MAX_PAYLOAD
            self._frame(channel, head, view[at:])
        if self._held and not self._lent:
            self._release()

    def _frame(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview") -> None:
        size = _OVERHEAD + len(head) + len(data)
        if _TX - self._tail < size or (self._seq - self._acked) & 0xFF >= _FLIGHT:
            self._make_room(size)
        self._seq = (self._seq + 1) & 0xFF
        at = self._tail
        self._tail = at + size
        self.wire.write(self._encode(self._tx, at, self._seq, channel, head, data))

    def _make_room(self, size: int) -> None:
        # Waits until everything is acknowledged: the buffer starts again from its beginning. Messages that come
        # meanwhile are held: their handlers might send, in the middle of the message that is being sent.
        self._holding = True
        try:
            while _TX - self._tail < size or (self._seq - self._acked) & 0xFF >= _FLIGHT:
                self.ask()
                self._receive(_PARTIAL_MS)
        finally:
            self._holding = False

    def _control(self, op: int, number: int = 0) -> None:
        frame = memoryview(bytearray(_OVERHEAD + 4))
        payload = pack("<BBH", op, number, self._taken_bytes & 0xFFFF)
        self.wire.write(self._encode(frame, 0, self._seq, CONTROL, payload, b""))

    def ask(self) -> None:
        """Ask the bench what it has taken: what it then acknowledges makes room."""
        self._pings = (self._pings + 1) & 0xFF
        self._ping_seq = self._seq
        self._control(_PING, self._pings)

    def _encode(
        self, buf: memoryview, at: int, seq: int, channel: int, head: bytes, data: "bytes | bytearray | memoryview"
    ) -> memoryview:
        n = len(head)
        length = n + len(data)
        ack = self._told = self._seen
        check = ~((length & 0xFF) + (length >> 8) + seq + ack + channel) & 0xFF
        pack_into("<BHBBBB", buf, at, _SYNC, length, seq, ack, channel, check)
        body = at + 7
        buf[body : body + n] = head
        if data:
            buf[body + n : body + length] = data
        end = body + length
        pack_into("<I", buf, end, crc32(buf[at + 1 : end]))
        return buf[at : end + 4]

    def say_closed(self) -> None:
        """The last frame: this end of the link is closed."""
        self._control(_CLOSE)

    def fits(self, size: int) -> bool:
        """Whether a message of so many bytes, one frame, goes out without a wait."""
        return _TX - self._tail >= _OVERHEAD + size and (self._seq - self._acked) & 0xFF < _FLIGHT

    def delivered(self) -> bool:
        """Whether the bench has taken all that was sent."""
        return self._seq == self._acked

    def request(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview" = b"") -> bytes:
        """Send a message and block until the bench has answered it.

        Answers come in the order of the requests, so a request from an interrupt handler in the middle of another
        one gets its own.
        """
        self._asked += 1
        mine = self._asked
        self.send(channel, head, data)
        while mine not in self._replies:
            self.pump(-1)
        return self._replies.pop(mine)

    def keep_reply(self, payload: memoryview) -> None:
        """A handler for channels whose frames towards the device are answers to `request`."""
        self._answered += 1
        self._replies[self._answered] = bytes(payload)

    # Receiving

    @property
    def in_mid_frame(self) -> bool:
        """True if a frame has begun whose end has not come yet."""
        return self._end > self._start

    def pump(self, ms: int = 0) -> bool:
        """Take what the wire has, waiting up to `ms` of real time for it (-1: until something comes).

        Returns True if a frame was handled.

        Raises:
            LinkClosed: the other end is gone.
        """
        if self._held:
            self._release()
            return True
        return self._receive(ms)

    def _receive(self, ms: int) -> bool:
        handled = self._frames()
        while True:
            if self._end == _RX:
                self._compact()
            n = self.wire.readinto(self._rx[self._end :])
            if n:
                self._end += n
                self._heard = ticks_ms()
                if self._frames():
                    handled = True
                continue
            if self._end > self._start and ticks_diff(ticks_ms(), self._heard) >= _PARTIAL_MS:
                # A damaged length may promise bytes that never come: give up on the frame, not on the link.
                self._give_up()
                if self._frames():
                    handled = True
                continue
            if handled or not ms:
                break
            if self._end > self._start:
                self.wire.wait(_PARTIAL_MS)
                if ms > 0:
                    ms = max(0, ms - _PARTIAL_MS)
            elif not self.wire.wait(ms):
                break
        unsaid = (self._seen - self._told) & 0xFF
        if unsaid and (self.wire.lossy or unsaid >= _ACK_AFTER):
            self._control(_ACK)
        return handled

    def _compact(self) -> None:
        n = self._end - self._start
        rest = bytes(self._rx[self._start : self._end])
        if self._lent:
            # A handler is still reading from this buffer.
            self._rx = _heap(_RX)
        self._rx[:n] = rest
        self._start = 0
        self._end = n

    def _skip(self, n: int) -> None:
        self._start += n
        self._taken_bytes += n

    def _give_up(self) -> None:
        self._skip(1)
        if not self._suspect:
            self.bad += 1
            self._suspect = True
            self._ask_again()

    def _ask_again(self) -> None:
        if not self._nak_sent:
            self._nak_sent = True
            self._control(_NAK)

    def _missing(self) -> None:
        if not self._nak_sent:
            self.gaps += 1
        self._ask_again()

    def _frames(self) -> bool:
        handled = False
        while True:
            rx = self._rx
            have = self._end - self._start
            if not have:
                if not self._lent:
                    self._start = self._end = 0
                break
            at = self._start
            if rx[at] != _SYNC:
                n = 1
                while n < have and rx[at + n] != _SYNC:
                    n += 1
                self._skip(n)
                continue
            if have < 7:
                if _RX - at < 7:
                    self._compact()
                break
            length, seq, ack, channel, check = unpack_from("<HBBBB", rx, at + 1)
            if length > _MAX_PAYLOAD or ~((length & 0xFF) + (length >> 8) + seq + ack + channel) & 0xFF != check:
                self._give_up()
                continue
            if have < _OVERHEAD + length:
                if _RX - at < _OVERHEAD + length:
                    self._compact()
                break
            end = at + 7 + length
            if unpack_from("<I", rx, end)[0] != crc32(rx[at + 1 : end]):
                self._give_up()
                continue
            self._skip(_OVERHEAD + length)
            self._suspect = False
            self._acknowledged(ack)
            handled = True
            if channel == CONTROL:
                self._controlled(rx[at + 7 : end], seq)
            elif seq != (self._seen + 1) & 0xFF:
                self._out_of_order(seq)
            elif not self._holding:
                self._taken(seq)
                self._assemble(channel, rx[at + 7 : end])
                if self._held:
                    self._release()
            elif len(self._held) < _HELD:
                self._taken(seq)
                self._held.append((channel, bytes(rx[at + 7 : end])))
            # else as if it had not come: the bench repeats it
        return handled

    def _taken(self, seq: int) -> None:
        self._seen = seq
        self._nak_sent = False

    def _release(self) -> None:
        while self._held:
            channel, payload = self._held.pop(0)
            self._assemble(channel, memoryview(payload))

    def _assemble(self, channel: int, payload: memoryview) -> None:
        if channel & _MORE:
            if not self._spoilt:
                self._collect(payload)
            return
        if self._spoilt:
            self._spoilt = False
            return
        if self._parts is not None:
            try:
                self._collect(payload)
            finally:
                self._spoilt = False
            payload = memoryview(self._parts)
            self._parts = None
        handler = self.handlers[channel] if channel < 16 else None
        if handler is None:
            self.bad += 1
            return
        self._lent += 1
        try:
            handler(payload)
        finally:
            self._lent -= 1

    def _collect(self, payload: memoryview) -> None:
        try:
            if self._parts is None:
                self._parts = bytearray()
            self._parts.extend(payload)
        except MemoryError:
            # The rest of this message is thrown away, not taken for another one.
            self._parts = None
            self._spoilt = True
            self.bad += 1
            raise

    def _out_of_order(self, seq: int) -> None:
        if (self._seen - seq) & 0xFF < 128:
            self.repeats += 1
            self._told = (self._seen - 1) & 0xFF  # the acknowledgement was lost: say it again
        else:
            self._missing()

    def _controlled(self, payload: memoryview, last: int) -> None:
        if len(payload) != 4:
            self.bad += 1
            return
        op = payload[0]
        if op == _CLOSE:
            raise LinkClosed("closed by the bench")
        if op == _PING:
            # The bench repeats what this answer does not acknowledge.
            self._nak_sent = False
            self._control(_PONG, payload[1])
            return
        if op == _NAK:
            self._repeat()
        elif op == _PONG and payload[1] == self._pings and 0 < (self._ping_seq - self._acked) & 0xFF < 128:
            self._repeat()
        if last != self._seen:
            self._missing()
        elif op == _ACK or op == _PONG:
            self._nak_sent = False

    def _acknowledged(self, ack: int) -> None:
        n = (ack - self._acked) & 0xFF
        if n > (self._seq - self._acked) & 0xFF:
            return
        self._acked = ack
        while n:
            self._head += _OVERHEAD + unpack_from("<H", self._tx, self._head + 1)[0]
            n -= 1
        if self._head == self._tail:
            self._head = self._tail = 0

    def _repeat(self) -> None:
        at = self._head
        while at < self._tail:
            size = _OVERHEAD + unpack_from("<H", self._tx, at + 1)[0]
            self.wire.write(self._tx[at : at + size])
            self.repeats += 1
            at += size


def _heap(size: int) -> memoryview:
    return memoryview(bytearray(size))


_link: "Link | None" = None


def open_link(wire: "Wire") -> Link:
    """Make the process's link.

    Raises:
        RuntimeError: there is one already; two links on one wire would eat each other's frames.
    """
    global _link
    if _link is not None:
        raise RuntimeError("a second bench link in one process")
    _link = Link(wire)
    return _link


def close_link() -> None:
    """End the process's link, if there is one: tell the bench, and leave the wire to the REPL."""
    global _link
    if _link is not None:
        _link.say_closed()
        _link = None


def link() -> Link:
    """The process's link.

    Raises:
        RuntimeError: `open_link` was not called.
    """
    if _link is None:
        raise RuntimeError("no bench link: the board file opens it")
    return _link
