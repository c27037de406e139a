"""The bench link, device side: frames over one wire. The definition is `protocols/link.py`.

A frame is built in place in the send buffer and stays there until the bench has acknowledged it, so repeating it
costs no copy and no garbage. Handlers get a memoryview of the receive buffer: what they keep they copy.
"""

from binascii import crc32
from struct import pack_into, unpack_from

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable, Protocol

    class Wire(Protocol):
        """Bytes to and from the bench."""

        lossy: bool

        def readinto(self, buf: memoryview) -> "int | None": ...
        def write(self, buf: memoryview) -> None: ...
        def wait(self, ms: int) -> bool: ...


CONTROL = const(0)
SYSTEM = const(1)
NET = const(2)
UART = const(3)
I2C = const(4)
SOCKET = const(6)
EVENT = const(7)
LOG = const(8)
CONSOLE = const(9)
RUN = const(10)
VAULT = const(11)

_ACK = const(1)
_NAK = const(2)
_PING = const(3)

_SYNC = const(0xA5)
_MORE = const(0x80)
_MAX_PAYLOAD = const(1100)
_OVERHEAD = const(11)
_RX = const(2222)  # two frames of the largest size: one being read while the next comes in
_TX = const(2400)
_PARTIAL_MS = const(200)


class LinkClosed(Exception):
    """The bench has closed the link, or is gone."""


class Link:
    """The device's end of the link; one per process."""

    def __init__(self, wire: "Wire") -> None:
        self.wire = wire
        self.bad = 0
        self.gaps = 0
        self.repeats = 0
        self.handlers: "list[Callable[[memoryview], None] | None]" = [None] * 16
        self.stray: "Callable[[memoryview], None] | None" = None
        self.reply: "bytes | None" = None
        self._rx = memoryview(bytearray(_RX))
        self._start = 0
        self._end = 0
        self._suspect = False
        self._parts: "bytearray | None" = None
        self._tx = memoryview(bytearray(_TX))
        self._head = 0
        self._tail = 0
        self._seq = 0
        self._acked = 0
        self._seen = 0
        self._told = 0
        self._nak_sent = False

    # Sending

    def send(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview" = b"") -> None:
        """Send `head` and `data` as one message; longer than one frame, it goes in several."""
        room = _MAX_PAYLOAD - len(head)
        if len(data) <= room:
            self._frame(channel, head, data)
            return
        view = memoryview(data)
        at = 0
        while len(view) - at > room:
            self._frame(channel | _MORE, head, view[at : at + room])
            at += room
            head = b""
            room = _MAX_PAYLOAD
        self._frame(channel, head, view[at:])

    def _frame(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview") -> None:
        size = _OVERHEAD + len(head) + len(data)
        while _TX - self._tail < size:
            # Waits for the acknowledgement of everything: the buffer starts again from its beginning.
            self._control(_PING)
            self.pump(_PARTIAL_MS)
        self._seq = (self._seq + 1) & 0xFF
        at = self._tail
        self._tail = at + size
        self.wire.write(self._encode(self._tx, at, self._seq, channel, head, data))

    def _control(self, op: int) -> None:
        frame = memoryview(bytearray(_OVERHEAD + 1))
        self.wire.write(self._encode(frame, 0, self._seq, CONTROL, bytes((op,)), b""))

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

    def request(self, channel: int, head: bytes, data: "bytes | bytearray | memoryview" = b"") -> bytes:
        """Send a message and block until the bench has answered it."""
        self.reply = None
        self.send(channel, head, data)
        while self.reply is None:
            self.pump(-1)
        answer = self.reply
        self.reply = None
        return answer

    def keep_reply(self, payload: memoryview) -> None:
        """A handler for channels whose frames towards the device are answers to `request`."""
        self.reply = bytes(payload)

    # Receiving

    def pump(self, ms: int = 0) -> bool:
        """Take what the wire has, waiting up to `ms` of real time for it (-1: until something comes).

        Returns True if a frame was handled.

        Raises:
            LinkClosed: the other end is gone.
        """
        handled = self._frames()
        while True:
            if self._end == _RX:
                self._compact()
            n = self.wire.readinto(self._rx[self._end :])
            if n:
                self._end += n
                if self._frames():
                    handled = True
                continue
            if handled or not ms:
                break
            if self._end > self._start:
                # A damaged length may promise bytes that never come: give up on the frame, not on the link.
                if not self.wire.wait(_PARTIAL_MS):
                    self._give_up()
                    handled = self._frames()
                    if ms > 0:
                        break
            elif not self.wire.wait(ms):
                break
        if self.wire.lossy and self._told != self._seen:
            self._control(_ACK)
        return handled

    def _compact(self) -> None:
        n = self._end - self._start
        self._rx[:n] = bytes(self._rx[self._start : self._end])
        self._start = 0
        self._end = n

    def _give_up(self) -> None:
        if not self._suspect:
            self.bad += 1
            self._suspect = True
        self._stray(1)

    def _stray(self, n: int) -> None:
        if self.stray is not None:
            self.stray(self._rx[self._start : self._start + n])
        self._start += n

    def _frames(self) -> bool:
        handled = False
        rx = self._rx
        while True:
            have = self._end - self._start
            if not have:
                self._start = self._end = 0
                break
            at = self._start
            if rx[at] != _SYNC:
                n = 1
                while n < have and rx[at + n] != _SYNC:
                    n += 1
                self._stray(n)
                continue
            if have < 7:
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
            self._start = end + 4
            self._suspect = False
            self._acknowledged(ack)
            handled = True
            if channel == CONTROL:
                self._controlled(rx[at + 7], seq)
            elif seq == (self._seen + 1) & 0xFF:
                self._seen = seq
                self._nak_sent = False
                self._dispatch(channel, rx[at + 7 : end])
            else:
                self._out_of_order(seq)
        return handled

    def _dispatch(self, channel: int, payload: memoryview) -> None:
        if channel & _MORE:
            if self._parts is None:
                self._parts = bytearray()
            self._parts.extend(payload)
            return
        if self._parts is not None:
            self._parts.extend(payload)
            payload = memoryview(self._parts)
            self._parts = None
        handler = self.handlers[channel & 15]
        if handler is not None:
            handler(payload)

    def _out_of_order(self, seq: int) -> None:
        if (self._seen - seq) & 0xFF < 128:
            self.repeats += 1
            self._control(_ACK)
        elif not self._nak_sent:
            self.gaps += 1
            self._nak_sent = True
            self._control(_NAK)

    def _controlled(self, op: int, last: int) -> None:
        if op == _NAK:
            self._repeat()
        elif op == _PING:
            self._control(_ACK if last == self._seen else _NAK)
        if op == _ACK and last != self._seen:
            self._control(_NAK)

    def _acknowledged(self, ack: int) -> None:
        while self._head < self._tail and self._acked != ack and (ack - self._acked) & 0xFF < 128:
            self._acked = (self._acked + 1) & 0xFF
            self._head += _OVERHEAD + unpack_from("<H", self._tx, self._head + 1)[0]
        if self._head == self._tail:
            self._head = self._tail = 0

    def _repeat(self) -> None:
        at = self._head
        while at < self._tail:
            size = _OVERHEAD + unpack_from("<H", self._tx, at + 1)[0]
            self.wire.write(self._tx[at : at + size])
            at += size


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


def link() -> Link:
    """The process's link.

    Raises:
        RuntimeError: `open_link` was not called.
    """
    if _link is None:
        raise RuntimeError("no bench link: the board file opens it")
    return _link
