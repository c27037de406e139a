"""What happened at one terminal, numbered: kept for those who come later, told to those who listen."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

KEPT = 20_000

Event = dict[str, Any]
Listener = Callable[[Event], None]


class EventLog:
    """Written by one thread, read by any. Listeners are called in the thread that writes.

    Attributes:
        last: number of the latest event; 0 before the first.
        fence: number of the last one before what was done last (a key, a card, the power): what is awaited is the
            answer to it.
    """

    def __init__(self) -> None:
        self.last = 0
        self.fence = 0
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def append(self, event: Event) -> None:
        """Number an event, keep it, tell everybody."""
        with self._lock:
            event["n"] = self.last + 1
            self._events.append(event)
            self.last += 1
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def since(self, number: int) -> list[Event]:
        """The kept events after `number`."""
        with self._lock:
            return [event for event in self._events if event["n"] > number]

    def event(self, number: int) -> Event:
        """LookupError if there is no such event, or no longer."""
        found = next((event for event in self.since(number - 1)), None)
        if found is None or found["n"] != number:
            oldest = self.since(0)[0]["n"] if self.last else 0
            raise LookupError(f"event {number}: the events kept are {oldest} to {self.last}")
        return found

    def listen(self, listener: Listener, since: int) -> None:
        """Call `listener` for every kept event after `since`, and for each that comes."""
        with self._lock:
            for event in self._events:
                if event["n"] > since:
                    listener(event)
            self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Stop listening."""
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
