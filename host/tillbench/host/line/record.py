"""The line's timeline: one entry for each message and each event, the same for the same seed and traffic.

An entry holds what was decided, not when it was carried out, and nothing of what a message says unless it is asked for,
then masked: a host's answers hold its clock, and two runs could not be compared.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from tillbench.host.line.scenario import Way


@dataclass(frozen=True, slots=True)
class Entry:
    """A message with its faults, or an event of a connection.

    connection: from 1, in the order in which they were opened. way: None for both. message: from 1, on its way.
    message_class: message type, or "opaque". size: bytes of the frame. faults: what is done to it, in words.
    lines: what it says, masked.
    """

    connection: int
    way: Way | None = None
    event: str = ""
    message: int = 0
    message_class: str = ""
    size: int = 0
    faults: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    def as_json(self) -> str:
        """One line of a timeline file; sorted as text, the lines of a connection stand together and in order."""
        row: dict[str, object] = {"connection": self.connection}
        if self.way:
            row["way"] = self.way.value
        if self.event:
            row["event"] = self.event
        if self.message:
            row |= {"message": self.message, "class": self.message_class, "bytes": self.size}
            row["faults"] = list(self.faults)
        if self.lines:
            row["lines"] = list(self.lines)
        return json.dumps(row, ensure_ascii=False)

    def __str__(self) -> str:
        what = self.event or f"{self.message:4} {self.message_class:6} {self.size:5} bytes"
        faults = f"  {'; '.join(self.faults)}" if self.faults else ""
        return f"{self.connection:4} {self.way or '':11} {what}{faults}"


REMEMBERED = 100_000


class Record:
    """Tells its listeners of entries, and keeps the last `REMEMBERED`.

    contents: entries also hold what messages say.
    """

    def __init__(self, *, contents: bool = False) -> None:
        self.contents = contents
        self.entries: deque[Entry] = deque(maxlen=REMEMBERED)
        self.listeners: list[Callable[[Entry], None]] = []

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        for listener in self.listeners:
            listener(entry)

    def write_to(self, file: IO[str]) -> None:
        """Write every entry from now on to `file`, one JSON object a line, each at once."""

        def write(entry: Entry) -> None:
            file.write(entry.as_json() + "\n")
            file.flush()

        self.listeners.append(write)
