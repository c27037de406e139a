"""The printer's condition, and the bytes in which it tells it (Epson ESC/POS Command Reference; see the layouts)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from construct import Construct
from tillbench.host.devices.printer_actions import Answer, AnswerDrawer, AnswerPaper
from tillbench.protocols import escpos


@dataclass(frozen=True)
class Condition:
    """Everything a status byte can say, at one moment."""

    paper_end: bool = False
    near_end: bool = False
    cover_open: bool = False
    overheated: bool = False
    cutter_jam: bool = False
    broken: bool = False
    """An error that only a repair ends."""
    feeding: bool = False
    """The paper feed button is pressed."""
    drawer_high: bool = False

    @property
    def error(self) -> bool:
        return self.overheated or self.cutter_jam or self.broken

    @property
    def offline(self) -> bool:
        """Whether printing stands still."""
        return self.paper_end or self.cover_open or self.error or self.feeding

    def realtime(self, n: int) -> bytes | None:
        """The answer to DLE EOT n, or None for an n that has none."""
        if n == 1:
            return _byte(
                escpos.PRINTER_STATUS,
                feed_button=self.feeding,
                waiting=False,
                offline=self.offline,
                drawer_high=self.drawer_high,
            )
        if n == 2:
            return _byte(
                escpos.OFFLINE_CAUSE,
                error=self.error,
                paper_end_stop=self.paper_end,
                feeding=self.feeding,
                cover_open=self.cover_open,
            )
        if n == 3:
            return _byte(
                escpos.ERROR_CAUSE,
                auto_recoverable=self.overheated,
                unrecoverable=self.broken,
                cutter=self.cutter_jam,
                recoverable=False,
            )
        if n == 4:
            return _byte(escpos.PAPER_SENSOR, end=self.paper_end, near_end=self.near_end or self.paper_end)
        return None

    def paper(self) -> bytes:
        """The answer to GS r 1 and ESC v."""
        return _byte(escpos.PAPER_STATUS, end=self.paper_end, near_end=self.near_end or self.paper_end)

    def drawer(self) -> bytes:
        """The answer to GS r 2 and ESC u."""
        return bytes([self.drawer_high])

    def automatic(self) -> bytes:
        """The four bytes of automatic status back."""
        return _byte(
            escpos.AUTOMATIC_STATUS,
            feed_button=self.feeding,
            cover_open=self.cover_open,
            offline=self.offline,
            drawer_high=self.drawer_high,
            auto_recoverable=self.overheated,
            unrecoverable=self.broken,
            cutter=self.cutter_jam,
            recoverable=False,
            feed_switch=self.feeding,
            waiting=False,
            end=self.paper_end,
            near_end=self.near_end or self.paper_end,
        )

    def group(self, mask: int) -> tuple[bool, ...]:
        """What automatic status back watches for the mask n of GS a: drawer, online, errors, paper, panel."""
        return (
            *((self.drawer_high,) if mask & 1 else ()),
            *((self.offline, self.cover_open, self.feeding) if mask & 2 else ()),
            *((self.overheated, self.cutter_jam, self.broken) if mask & 4 else ()),
            *((self.near_end, self.paper_end) if mask & 8 else ()),
            *((self.feeding,) if mask & 64 else ()),
        )


def reply(action: Answer | AnswerPaper | AnswerDrawer, condition: Condition) -> bytes:
    """What is sent for an action that asks."""
    if isinstance(action, Answer):
        return action.data
    return condition.paper() if isinstance(action, AnswerPaper) else condition.drawer()


@lru_cache  # asked for with every line of print
def _byte(layout: Construct, **flags: bool) -> bytes:
    return bytes(layout.build(flags))
