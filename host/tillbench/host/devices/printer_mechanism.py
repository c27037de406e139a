"""Head, motor, cutter and paper: one movement at a time, each with its duration."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.paper import PrintedLine, Receipt, Roll, Strip
from tillbench.host.devices.printer_actions import Cut, Feed, Pause, Print
from tillbench.host.devices.printer_head import Head
from tillbench.host.devices.printer_line import dots
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.devices.printer_status import Condition
from tillbench.host.devices.printer_wear import Wear

_CUT_US = 250_000

Movement = Print | Feed | Cut | Pause
"""A pause is one that moves nothing."""


class Mechanism:
    """What moves, burns and runs out. Times are microseconds of the bench's clock."""

    def __init__(self, profile: PrinterProfile, complain: Callable[[str], None]) -> None:
        self.profile = profile
        self.head = Head(profile)
        self.wear = Wear(profile.line_spacing)
        self.roll = Roll()
        self.strip = Strip(profile.width)
        self.cover_open = False
        self.cutter_jam = False
        self.broken = False
        self.feeding = False
        """The paper feed button is pressed."""
        self.awaits_button = False
        """A macro goes on with the paper feed button (GS ^)."""
        self.line_listeners: list[Callable[[PrintedLine], None]] = []
        self.receipt_listeners: list[Callable[[Receipt], None]] = []
        self._complain = complain
        self._doing: Movement | None = None
        self._done_at = 0

    def condition(self, drawer_open: bool) -> Condition:
        """What the sensors say, and the drawer's switch."""
        return Condition(
            paper_end=self.roll.left <= self.profile.sensor_rows,
            near_end=self.roll.left <= self.profile.near_end_rows,
            cover_open=self.cover_open,
            overheated=self.head.overheated,
            cutter_jam=self.cutter_jam,
            broken=self.broken,
            feeding=self.feeding,
            drawer_high=self.profile.drawer_high != drawer_open,
        )

    @property
    def done_at(self) -> int | None:
        """When the movement in hand ends; None when all stands still."""
        return None if self._doing is None else self._done_at

    @property
    def stands(self) -> bool:
        """It could begin a movement."""
        return self._doing is None and not self.awaits_button

    def stop(self) -> None:
        """Power off: the movement in hand leaves nothing on paper."""
        self._doing = None
        self.awaits_button = False

    def start(self, movement: Movement, at: int) -> None:
        """Begin a movement."""
        if isinstance(movement, Cut):
            duration = _CUT_US
        elif isinstance(movement, Pause):
            duration = movement.us
        else:
            duration = self.head.print_us(movement.rows if isinstance(movement, Print) else [0] * movement.rows)
        self._doing = movement
        self._done_at = at + duration

    def finish(self) -> None:
        """End the movement in hand: dots are on paper, the slip is off, who listens is told."""
        movement, self._doing = self._doing, None
        if isinstance(movement, Cut):
            self.wear.cuts += 1
            self._part(movement.kind)
        elif isinstance(movement, Print | Feed):
            self._move(movement)

    def press_feed(self, pressed: bool) -> None:
        """The feed button: a line of paper with each press, unless something else moves it."""
        if pressed and self.awaits_button:
            self.awaits_button = False
        elif pressed and not self.feeding and self._doing is None:
            self._move(Feed(self.profile.line_spacing))
        self.feeding = pressed

    def tear(self) -> Receipt:
        """Part what hangs out from what is still inside. ValueError if nothing hangs out."""
        if len(self.strip.uncut().rows) <= self.profile.cutter_rows:
            raise ValueError("no paper hangs out of the printer")
        return self._part("torn")

    def _part(self, kind: str) -> Receipt:
        receipt, through = self.strip.cut(self.strip.length - self.profile.cutter_rows, kind)
        for line in through:
            self._complain(f"the cut went through the line {line.text!r}")
        for tell in self.receipt_listeners:
            tell(receipt)
        return receipt

    def _move(self, movement: Print | Feed) -> None:
        rows = movement.rows if isinstance(movement, Print) else (0,) * movement.rows
        on_paper = rows[: self.roll.left]
        self.roll.left -= len(on_paper)
        self.wear.rows += len(on_paper)
        self.wear.energized += sum(1 for row in on_paper if row)
        self.head.burn(self._done_at, dots(on_paper))
        if isinstance(movement, Feed) or movement.text is None:
            self.strip.feed(on_paper)
            return
        if any(rows[len(on_paper) :]):
            self._complain(f"printed past the end of the paper: {movement.text!r}")
        line = self.strip.add_line(movement.text, on_paper)
        for tell in self.line_listeners:
            tell(line)
