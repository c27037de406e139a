"""One way of a line, without sockets and without a clock: messages go in with their decision, and come out when due."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from enum import Enum

from tillbench.host.line.decision import Decision

BITS_PER_BYTE = 10
"""On a serial line: start, eight of data, stop."""
SLICE_US = 50_000
"""What a slow line carries in this time arrives as one piece."""
MICROSECONDS = 1_000_000


class Event(Enum):
    """What leaves the line."""

    DATA = "data"
    END = "end"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Departure:
    """Bytes for the receiver, the end of what its peer sends, or a reset for both."""

    event: Event
    data: bytes = b""


@dataclass(slots=True)
class _Waiting:
    """Bytes that wait for the next message, until `deadline` at most."""

    data: bytes
    deadline: int


class Shaper:
    """Times are microseconds on whatever clock the caller has; each call must bring the same or a later one."""

    def __init__(self, baud: int | None = None) -> None:
        self._baud = baud
        self._queue: list[tuple[int, int, Departure]] = []
        self._order = 0
        self._wire: deque[tuple[int, Departure]] = deque()
        self._wire_free_at = 0
        self._held: list[_Waiting] = []
        self._merging: _Waiting | None = None
        self._over = False  # nothing that comes from now on leaves
        self._end_wanted = False
        self.waiting = 0
        """Bytes that have come and not left."""

    def take(self, frame: bytes, decision: Decision, now: int) -> None:
        """A message with what is to happen to it."""
        if self._over or decision.drop:
            return
        if decision.reset:
            self._over = True
            self._put(now + decision.delay_us, Departure(Event.RESET))
            return
        data = _flipped(frame, decision.flips)
        self.waiting += len(data) * decision.copies
        if decision.hold_us is not None:
            self._held.append(_Waiting(data * decision.copies, now + decision.hold_us))
        elif decision.merge_us is not None:
            before = self._merging.data if self._merging else b""
            self._merging = _Waiting(before + data * decision.copies, now + decision.merge_us)
        else:
            self._send(data, decision, now)
        if decision.half_close:
            self.end(now)

    def end(self, now: int) -> None:
        """The sender sends no more; the receiver hears of it when everything has left."""
        self._over = self._end_wanted = True
        for waiting in (*self._held, *([self._merging] if self._merging else [])):
            waiting.deadline = now

    def next_due(self) -> int | None:
        """When `due` has something to give, None: not before something is taken."""
        times = [waiting.deadline for waiting in self._held]
        times += [self._merging.deadline] if self._merging else []
        times += [self._queue[0][0]] if self._queue else []
        times += [self._wire[0][0]] if self._wire else []
        if not times and self._end_wanted:
            return 0
        return min(times, default=None)

    def due(self, now: int) -> list[Departure]:
        """What leaves by now, in order."""
        self._give_up_waiting(now)
        while self._queue and self._queue[0][0] <= now:
            at, _, departure = heapq.heappop(self._queue)
            self._onto_wire(at, departure)
        leaving: list[Departure] = []
        while self._wire and self._wire[0][0] <= now:
            leaving.append(self._wire.popleft()[1])
        self.waiting -= sum(len(departure.data) for departure in leaving)
        if self._end_wanted and not (self._wire or self._queue or self._held or self._merging):
            self._end_wanted = False
            leaving.append(Departure(Event.END))
        return leaving

    def _send(self, data: bytes, decision: Decision, now: int) -> None:
        at = now + decision.delay_us
        for _ in range(decision.copies):
            first, *rest = _pieces(data, decision.cuts)
            if self._merging:
                first, self._merging = self._merging.data + first, None
            self._put(at, Departure(Event.DATA, first))
            for piece in rest:
                at += decision.gap_us
                self._put(at, Departure(Event.DATA, piece))
        for held in self._held:
            self._put(at, Departure(Event.DATA, held.data))
        self._held.clear()

    def _give_up_waiting(self, now: int) -> None:
        if self._merging and self._merging.deadline <= now:
            self._put(self._merging.deadline, Departure(Event.DATA, self._merging.data))
            self._merging = None
        for held in [held for held in self._held if held.deadline <= now]:
            self._put(held.deadline, Departure(Event.DATA, held.data))
            self._held.remove(held)

    def _put(self, at: int, departure: Departure) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at, self._order, departure))

    def _onto_wire(self, at: int, departure: Departure) -> None:
        if self._baud is None or not departure.data:
            self._wire.append((max(at, self._wire_free_at), departure))
            return
        size = max(1, self._baud * SLICE_US // BITS_PER_BYTE // MICROSECONDS)
        self._wire_free_at = max(at, self._wire_free_at)
        for start in range(0, len(departure.data), size):
            piece = departure.data[start : start + size]
            self._wire_free_at += len(piece) * BITS_PER_BYTE * MICROSECONDS // self._baud
            self._wire.append((self._wire_free_at, Departure(Event.DATA, piece)))


def _flipped(frame: bytes, bits: tuple[int, ...]) -> bytes:
    data = bytearray(frame)
    for bit in bits:
        data[bit // 8] ^= 0x80 >> bit % 8
    return bytes(data)


def _pieces(data: bytes, cuts: tuple[int, ...]) -> list[bytes]:
    return [data[start:end] for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True)]
