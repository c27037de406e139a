"""A slot whose every exchange is kept: between whoever sends commands and whatever answers them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from tillbench.host.emv_run.card_guard import Slot
from tillbench.host.session.folding import exchange_of
from tillbench.host.session.record import Event, Header, Note, Removal, Reset, Session, digits

_MICROS = 1_000_000


def _now_us() -> int:
    return int(time.perf_counter() * _MICROS)


def utc_now() -> str:
    """For `Header.created`."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Recorder:
    """A `Slot` in front of another; `events` is what went through it. No PIN gets into it.

    `now_us` gives the time in microseconds; the computer's without it.
    """

    def __init__(self, slot: Slot, now_us: Callable[[], int] = _now_us) -> None:
        self.events: list[Event] = []
        self._slot = slot
        self._now = now_us
        self._start: int | None = None

    def _elapsed(self) -> int:
        """Since the first thing that happened."""
        now = self._now()
        if self._start is None:
            self._start = now
        return max(now - self._start, 0)

    def reset(self, *, cold: bool = True) -> bytes:
        """See `Slot`."""
        at = self._elapsed()
        atr = self._slot.reset()
        self.events.append(Reset(t_us=at, cold=cold, atr=digits(atr)))
        return atr

    def transmit(self, apdu: bytes) -> bytes | None:
        """See `Slot`; what the slot raises is noted, and passes through."""
        at = self._elapsed()
        try:
            answer = self._slot.transmit(apdu)
        except Exception as error:
            self.note(str(error))
            raise
        self.events.append(exchange_of(apdu, answer, at, self._elapsed() - at))
        return answer

    def removed(self) -> None:
        """The card has left."""
        self.events.append(Removal(t_us=self._elapsed()))

    def note(self, text: str) -> None:
        """Something for whoever reads the session."""
        self.events.append(Note(t_us=self._elapsed(), text=text[:2000]))

    def session(self, header: Header) -> Session:
        """What has been recorded so far: whole, in memory. `masking.fit_to_be_written` comes before a file."""
        return Session(header.model_copy(update={"contents": "full"}), list(self.events))
