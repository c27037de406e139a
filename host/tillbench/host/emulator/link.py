"""The bench's end of the link: counted frames over a wire, repeated until the device has them."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tillbench.protocols.link import MAX_PAYLOAD, MORE, OVERHEAD, Channel, Control, Frame, FrameReader, encode

SILENCE_S = 0.25
SERIAL_WINDOW = 192
"""Most bytes that may be on their way to a device behind a serial wire: an ESP32's stdin holds 260."""


class LinkLost(Exception):
    """The device has gone away, or says nothing although it was asked again and again."""


class Wire(Protocol):
    """A byte stream to a device."""

    window: int | None
    """Most unacknowledged bytes towards the device; None where the wire does not lose any."""

    def fileno(self) -> int:
        """For `select`."""
        ...

    def read(self) -> bytes:
        """What has come; b"" if nothing has. Raises LinkLost at the end of the stream."""
        ...

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        ...

    def close(self) -> None:
        """Let go."""
        ...


class SocketWire:
    """The host end of a socketpair whose other end the device has inherited."""

    window: int | None = None

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        sock.setblocking(True)

    def fileno(self) -> int:
        """The socket's file descriptor."""
        return self._socket.fileno()

    def read(self) -> bytes:
        """What has come."""
        try:
            data = self._socket.recv(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LinkLost(f"the device has gone away: {error.strerror}") from error
        if not data:
            raise LinkLost("the device has gone away: its end of the link is closed")
        return data

    def write(self, data: bytes) -> None:
        """Send all of `data`."""
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise LinkLost(f"the device has gone away: {error.strerror}") from error

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@dataclass(slots=True)
class LinkCounters:
    """What went wrong on this side."""

    gaps: int = 0
    repeats: int = 0
    pings: int = 0


@dataclass(slots=True)
class _Kept:
    seq: int
    data: bytes


class LinkEnd:
    """Sends and receives messages in order, each once; finds out when frames were lost and has them repeated."""

    def __init__(self, wire: Wire, patience_s: float = 20.0) -> None:
        self.wire = wire
        self.counters = LinkCounters()
        self.reader = FrameReader()
        self.patience_s = patience_s
        self.on_raw: Callable[[str, bytes], None] = lambda direction, data: None
        self._seq = 0
        self._seen = 0
        self._kept: deque[_Kept] = deque()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._on_way = 0
        self._peer_ack = 0
        self._parts: list[bytes] = []
        self._nak_sent = False

    @property
    def all_taken(self) -> bool:
        """True if the device has handled every frame sent so far."""
        return self._peer_ack == self._seq and not self._waiting

    def send(self, channel: Channel, payload: bytes) -> None:
        """Send one message; a long one goes in several frames."""
        room = MAX_PAYLOAD if self.wire.window is None else self.wire.window - OVERHEAD
        for at in range(0, max(len(payload), 1), room):
            last = at + room >= len(payload)
            self._waiting.append((channel if last else channel | MORE, payload[at : at + room]))
        self._flush()

    def _flush(self) -> None:
        while self._waiting:
            channel, payload = self._waiting[0]
            size = OVERHEAD + len(payload)
            if self.wire.window is not None and self._on_way and self._on_way + size > self.wire.window:
                return
            if len(self._kept) >= 100:
                return
            self._waiting.popleft()
            self._seq = (self._seq + 1) & 0xFF
            data = encode(self._seq, self._seen, channel, payload)
            self._kept.append(_Kept(self._seq, data))
            self._on_way += size
            self._write(data)

    def _write(self, data: bytes) -> None:
        self.on_raw(">", data)
        self.wire.write(data)

    def _control(self, op: Control) -> None:
        self._write(encode(self._seq, self._seen, Channel.CONTROL, bytes([op])))

    def receive(self, timeout_s: float) -> list[tuple[Channel, bytes]]:
        """Wait for messages; [] if none came in `timeout_s`."""
        if not select.select([self.wire], [], [], timeout_s)[0]:
            return []
        data = self.wire.read()
        self.on_raw("<", data)
        messages: list[tuple[Channel, bytes]] = []
        bad = self.reader.bad
        for frame in self.reader.feed(data):
            self._take(frame, messages)
        if self.reader.bad != bad:
            self._ask_again()
        elif self.wire.window is not None and messages:
            self._control(Control.ACK)
        return messages

    def expect(self) -> list[tuple[Channel, bytes]]:
        """Wait until the device says something; after a while of silence ask it to repeat.

        Raises:
            LinkLost: it does not answer within `patience_s` seconds.
        """
        silent_since = asked_at = time.monotonic()
        while True:
            messages = self.receive(SILENCE_S)
            if messages:
                return messages
            now = time.monotonic()
            silent = now - silent_since
            if now - asked_at < SILENCE_S:
                continue
            asked_at = now
            if silent > self.patience_s:
                raise LinkLost(
                    f"the device has said nothing for {silent:.1f} s "
                    f"(sent {self._seq}, acknowledged {self._peer_ack}, received {self._seen})"
                )
            self._nak_sent = False
            self.counters.pings += 1
            self._control(Control.PING)

    def _ask_again(self) -> None:
        if not self._nak_sent:
            self._nak_sent = True
            self._control(Control.NAK)

    def _take(self, frame: Frame, messages: list[tuple[Channel, bytes]]) -> None:
        self._acknowledged(frame.ack)
        if frame.channel == Channel.CONTROL:
            op = frame.payload[0] if frame.payload else 0
            if op == Control.NAK:
                self._repeat()
            if op == Control.PING:
                self._control(Control.ACK if frame.seq == self._seen else Control.NAK)
            elif op == Control.ACK and frame.seq != self._seen:
                self._ask_again()
            return
        if frame.seq == (self._seen + 1) & 0xFF:
            self._seen = frame.seq
            self._nak_sent = False
            self._parts.append(frame.payload)
            if not frame.more:
                messages.append((Channel(frame.channel), b"".join(self._parts)))
                self._parts.clear()
        elif (self._seen - frame.seq) & 0xFF < 128:
            self.counters.repeats += 1
        else:
            self.counters.gaps += 1
            self._ask_again()

    def _acknowledged(self, ack: int) -> None:
        while self._kept and (ack - self._kept[0].seq) & 0xFF < 128:
            kept = self._kept.popleft()
            self._on_way -= len(kept.data)
            self._peer_ack = kept.seq
        self._flush()

    def _repeat(self) -> None:
        for kept in self._kept:
            self.counters.repeats += 1
            self._write(kept.data)
