"""The bench's end of the link: counted frames over a wire, repeated until the device has them."""

from __future__ import annotations

import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Protocol

from tillbench.host.emulator.window import Window
from tillbench.protocols.link import (
    CONTROL_FRAME,
    MAX_PAYLOAD,
    MORE,
    OVERHEAD,
    Channel,
    Control,
    Frame,
    FrameReader,
    control,
    control_fields,
    encode,
)

SILENCE_S = 0.25
SERIAL_WINDOW = 192
"""Most bytes that may be on their way to a device behind a serial wire: an ESP32's stdin holds 260."""
_FOR_CONTROL = 3 * CONTROL_FRAME
_IN_FLIGHT = 100
_QUIET_S = 4.0


class LinkLost(Exception):
    """The device has gone away, or says nothing although it was asked again and again."""


class LinkClosed(LinkLost):
    """The device has closed the link."""


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


@dataclass(slots=True)
class LinkCounters:
    """What went wrong on this side."""

    gaps: int = 0
    """How often a frame of the device was missing."""
    repeats: int = 0
    """Frames sent again, and frames that came again."""
    pings: int = 0
    """How often the device had to be asked whether something was lost."""
    unknown: int = 0
    """Messages on channels that do not exist."""
    stray: int = 0
    """Bytes between the frames."""


@dataclass(slots=True)
class _Kept:
    seq: int
    data: bytes
    sent: bool = False
    end: int = 0
    """Bytes written when it had gone out for the first time."""


class LinkEnd:
    """Sends and receives messages in order, each once; finds out when frames were lost and has them repeated.

    Args:
        wire: the byte stream; if it has a window, never more than that many bytes are on their way to the device.
        patience_s: how long `expect` asks a silent device.
    """

    def __init__(self, wire: Wire, patience_s: float = 20.0) -> None:
        self.wire = wire
        self.counters = LinkCounters()
        self.reader = FrameReader()
        self.patience_s = patience_s
        self.on_raw: Callable[[str, bytes], None] = lambda direction, data: None
        self.on_stray: Callable[[bytes], None] = lambda data: None
        self.closed = False
        self._seq = 0
        self._seen = 0
        self._kept: deque[_Kept] = deque()
        self._next = 0  # index in _kept of the first frame that is to be sent, for the first time or again
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._window = None if wire.window is None else Window(wire.window)
        self._pings = 0
        self._ping_seq = 0
        self._heard_at = time.monotonic()
        self._parts: list[bytes] = []
        self._nak_sent = False

    @property
    def all_taken(self) -> bool:
        """True if the device has handled every frame sent so far."""
        return not self._kept and not self._waiting

    @property
    def position(self) -> tuple[int, int]:
        """Numbers of the last frame sent and of the last one taken; both ends agree when all is taken."""
        return self._seq, self._seen

    def resume(self, position: tuple[int, int]) -> None:
        """Go on from `position`, with a device that does the same; nothing is on its way."""
        self._seq, self._seen = position
        self._kept.clear()
        self._waiting.clear()
        self._parts.clear()
        self._next = 0
        self._nak_sent = False
        self.reader = FrameReader()

    def faults(self) -> dict[str, int]:
        """Counters by name: what this end has seen go wrong."""
        return {"bad_frames": self.reader.bad, **asdict(self.counters)}

    def send(self, channel: Channel, payload: bytes) -> None:
        """Send one message; a long one goes in several frames."""
        self.send_all([(channel, payload)])

    def send_all(self, messages: Iterable[tuple[Channel, bytes]]) -> None:
        """Send messages in one piece: each piece wakes the device."""
        room = MAX_PAYLOAD if self._window is None else self._window.size - _FOR_CONTROL - OVERHEAD
        for channel, payload in messages:
            for at in range(0, max(len(payload), 1), room):
                last = at + room >= len(payload)
                self._waiting.append((channel if last else channel | MORE, payload[at : at + room]))
        self._flush()

    def close(self) -> None:
        """Tell the device that the link ends; one with a single port gives its REPL back. The wire stays open."""
        self._waiting.clear()
        self._control(Control.CLOSE, urgent=True)

    def ask(self) -> list[tuple[Channel, bytes]]:
        """After a silence: have repeated whatever was lost, in both directions.

        Returns messages found behind a damaged frame that promised more bytes than came.
        """
        messages: list[tuple[Channel, bytes]] = []
        for frame in self.reader.give_up():
            self._take(frame, messages)
        if self._window is not None and time.monotonic() - self._heard_at > _QUIET_S:
            self._window.quiet()
        self._nak_sent = False
        self.counters.pings += 1
        self._ping()
        return messages

    def receive(self, timeout_s: float) -> list[tuple[Channel, bytes]]:
        """Wait for messages; [] if none came in `timeout_s`.

        Raises:
            LinkLost: the device is gone.
        """
        if self.closed:
            raise LinkClosed("the device has closed the link")
        if not select.select([self.wire], [], [], timeout_s)[0]:
            return []
        return self.feed(self.wire.read())

    def feed(self, data: bytes) -> list[tuple[Channel, bytes]]:
        """Take bytes that were read from the wire; returns the messages that they complete.

        Raises:
            LinkLost: the device has closed the link.
        """
        self.on_raw("<", data)
        messages: list[tuple[Channel, bytes]] = []
        bad = self.reader.bad
        for frame in self.reader.feed(data):
            self._take(frame, messages)
        if self.reader.stray:
            self.counters.stray += len(self.reader.stray)
            self.on_stray(bytes(self.reader.stray))
            self.reader.stray.clear()
        if self.closed and not messages:
            raise LinkClosed("the device has closed the link")
        if self.reader.bad != bad:
            self._ask_again()
        return messages

    def listen(self, timeout_s: float) -> list[tuple[Channel, bytes]]:
        """Wait for messages of a device with a clock of its own, which may be silent for long; [] if none came.

        Raises:
            LinkLost: it does not even answer questions, for `patience_s` seconds.
        """
        until = time.monotonic() + timeout_s
        pause = SILENCE_S
        asked_at = time.monotonic()
        self._heard_at = asked_at
        while (now := time.monotonic()) < until:
            messages = self.receive(max(0.0, min(until, asked_at + pause) - now))
            now = time.monotonic()
            if not messages and now >= asked_at + pause:
                if now - self._heard_at > self.patience_s:
                    raise LinkLost(f"the device has answered nothing for {now - self._heard_at:.1f} s")
                asked_at, pause = now, self._next_pause(pause, asked_at)
                messages = self.ask()
            if messages:
                return messages
        return []

    def expect(self) -> list[tuple[Channel, bytes]]:
        """Wait until the device says something; after a while of silence ask whether something was lost.

        Raises:
            LinkLost: it is gone, or sends no message within `patience_s` seconds.
        """
        started = asked_at = time.monotonic()
        damaged = self.reader.bad
        pause = SILENCE_S
        while True:
            messages = self.receive(max(0.0, asked_at + pause - time.monotonic()))
            if messages:
                return messages
            now = time.monotonic()
            if now - asked_at < pause:
                continue
            if now - started > self.patience_s:
                what = "nothing whole" if self.reader.bad > damaged else "nothing"
                raise LinkLost(
                    f"the device has said {what} for {now - started:.1f} s "
                    f"(sent {self._seq}, {len(self._kept)} of them not acknowledged, received {self._seen}, "
                    f"{self.reader.bad} damaged)"
                )
            pause = self._next_pause(pause, asked_at)
            asked_at = now
            messages = self.ask()
            if messages:
                return messages

    def _next_pause(self, pause: float, asked_at: float) -> float:
        """A device that computes for long would find a heap of questions; one that answers, on a bad line, is asked
        again soon."""
        return SILENCE_S if self._heard_at > asked_at else min(2 * pause, _QUIET_S)

    def _flush(self) -> None:
        if not self._waiting and self._next == len(self._kept):
            return
        frames = list(self._sendable())
        if frames:
            self.wire.write(b"".join(frames))

    def _sendable(self) -> Iterator[bytes]:
        """The frames that may go out now, each marked as sent."""
        while True:
            if self._next == len(self._kept):
                if not self._waiting or len(self._kept) >= _IN_FLIGHT:
                    return
                channel, payload = self._waiting[0]
                seq = (self._seq + 1) & 0xFF
                kept = _Kept(seq, encode(seq, self._seen, channel, payload))
            else:
                kept = self._kept[self._next]
            if self._window is not None:
                if not self._window.fits(len(kept.data), _FOR_CONTROL):
                    return
            if self._next == len(self._kept):
                self._waiting.popleft()
                self._kept.append(kept)
                self._seq = kept.seq
            if kept.sent:
                self.counters.repeats += 1
            self._next += 1
            self._note_sent(kept.data)
            if self._window is not None and not kept.sent:
                kept.end = self._window.written
            kept.sent = True
            yield kept.data

    def _note_sent(self, data: bytes) -> None:
        if self._window is not None:
            self._window.written += len(data)
        self.on_raw(">", data)

    def _control(self, op: Control, number: int = 0, urgent: bool = False) -> None:
        if self._window is not None and not urgent and not self._window.fits(CONTROL_FRAME, 0):
            return  # it would only be lost; the next `ask` makes up for it
        frame = control(self._seq, self._seen, op, number)
        self._note_sent(frame)
        self.wire.write(frame)

    def _ping(self) -> None:
        self._pings = (self._pings + 1) & 0xFF
        self._ping_seq = self._seq
        self._control(Control.PING, self._pings)
        if self._window is not None:
            self._window.pinged(self._pings)

    def _ask_again(self) -> None:
        if not self._nak_sent:
            self._nak_sent = True
            self._control(Control.NAK)

    def _missing(self) -> None:
        if not self._nak_sent:
            self.counters.gaps += 1
        self._ask_again()

    def _take(self, frame: Frame, messages: list[tuple[Channel, bytes]]) -> None:
        self._heard_at = time.monotonic()
        self._acknowledged(frame.ack)
        if frame.channel == Channel.CONTROL:
            self._controlled(frame)
        elif frame.seq == (self._seen + 1) & 0xFF:
            self._seen = frame.seq
            self._nak_sent = False
            self._parts.append(frame.payload)
            if not frame.more:
                self._complete(frame.channel, messages)
        elif (self._seen - frame.seq) & 0xFF < 128:
            self.counters.repeats += 1
        else:
            self._missing()

    def _complete(self, channel: int, messages: list[tuple[Channel, bytes]]) -> None:
        payload = b"".join(self._parts)
        self._parts.clear()
        try:
            messages.append((Channel(channel), payload))
        except ValueError:
            self.counters.unknown += 1

    def _controlled(self, frame: Frame) -> None:
        op, number, taken = control_fields(frame.payload)
        if self._window is not None and op:
            self._window.taken(taken)
        match op:
            case Control.CLOSE:
                self.closed = True
                return
            case Control.PING:
                self._nak_sent = False
                self._control(Control.PONG, number)
                return  # the device repeats what this answer does not acknowledge
            case Control.PONG:
                if self._window is not None:
                    self._window.answered(number, taken)
                lost = self._kept and (self._ping_seq - self._kept[0].seq) & 0xFF < 128
                if number == self._pings and lost:
                    self._next = 0
                self._flush()
            case Control.NAK:
                self._next = 0
                self._flush()
                if self._next < len(self._kept):
                    # No room: what the device has read of all that can only be told by an answer.
                    self._ping()
        if frame.seq != self._seen:
            self._missing()
        elif op in (Control.ACK, Control.PONG):
            self._nak_sent = False

    def _acknowledged(self, ack: int) -> None:
        if not self._kept:
            return
        count = (ack - self._kept[0].seq + 1) & 0xFF
        if not 0 < count <= len(self._kept):
            return
        for _ in range(count):
            kept = self._kept.popleft()
        self._next = max(0, self._next - count)
        if self._window is not None:
            self._window.read_up_to(kept.end)
        self._flush()
