"""What happened in a test, moment by moment, fit to be shown: the timeline has masked it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from tillbench.host.devices.screen_png import screen_png
from tillbench.host.emulator.timeline import Entry
from tillbench.host.session import Dialogue, Pair, Session, fold
from tillbench.host.session.masking import mask
from tillbench.host.session.tell import step_details, step_line

_LEFT_OUT = ("leds",)


@dataclass
class Moments:
    """One test's, in order; pictures of the screen by their fingerprints."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, str] = field(default_factory=dict)
    failed_at: int | None = None
    """The row at which the test failed; what comes after it is the fixtures' own doing. -1: the last of those that come
    when the test is over, as what was said to a card in a reader does."""

    def add(self, entry: Entry) -> None:
        """A listener of a `Timeline`."""
        if entry.wire in _LEFT_OUT:
            return
        row = {"at": entry.t_us, "wire": entry.wire, "event": entry.event, "lines": list(entry.lines)}
        if entry.shown is not None and not entry.secret:
            name = row["picture"] = entry.shown.hash
            if name not in self.pictures:
                self.pictures[name] = base64.b64encode(screen_png(entry.shown.pixels, 2, 2)).decode("ascii")
        self.rows.append(row)

    def add_session(self, session: Session) -> None:
        """What was said to a card in a reader, masked."""
        dialogue = Dialogue()
        for event in fold(mask(session).events):
            step = dialogue.follow(event)
            if step and isinstance(event, Pair):
                told = {"event": step_line(step), "lines": list(step_details(step))}
                self.rows.append({"at": event.t_us, "wire": "reader", **told})
            elif not isinstance(event, Pair):
                self.rows.append({"at": event.t_us, "wire": "reader", "event": event.event, "lines": []})

    def fail(self) -> None:
        """The test has failed now, at the last event that is no beep; a later failure is the teardown's."""
        if self.failed_at is None:
            self.failed_at = max((at for at, row in enumerate(self.rows) if row["wire"] != "buzzer"), default=-1)

    def note(self, wire: str, event: str) -> None:
        """Something without a time."""
        self.rows.append({"at": None, "wire": wire, "event": event, "lines": []})
