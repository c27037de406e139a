"""What a command makes the printer do, once it is understood: the steps between the formatter and the mechanism."""

from __future__ import annotations

from dataclasses import dataclass

from tillbench.host.devices.printer_parser import Item


@dataclass(frozen=True)
class Print:
    """Burn dot rows and move on. `text` is None for image rows, which are no line of text."""

    rows: tuple[int, ...]
    text: str | None


@dataclass(frozen=True)
class Feed:
    """Move the paper by dot rows."""

    rows: int


@dataclass(frozen=True)
class Cut:
    """Cut, "full" or "partial", after moving the print to the blade and `rows` further if `to_blade`."""

    kind: str
    to_blade: bool = False
    rows: int = 0


@dataclass(frozen=True)
class Answer:
    """Send bytes to the host."""

    data: bytes


@dataclass(frozen=True)
class AnswerPaper:
    """Send the state of the paper sensors as it is when the turn of the command comes (GS r 1, ESC v)."""


@dataclass(frozen=True)
class AnswerDrawer:
    """Send the level of the drawer switch (GS r 2, ESC u)."""


@dataclass(frozen=True)
class Heating:
    """ESC 7."""

    dots: int
    time: int
    interval: int


@dataclass(frozen=True)
class AutomaticStatus:
    """GS a: what changes push the four status bytes; 0 switches it off."""

    mask: int


@dataclass(frozen=True)
class Pulse:
    """Kick the drawer on connector pin 2 or 5."""

    pin: int


@dataclass(frozen=True)
class RealtimePulse:
    """GS ( D: whether DLE DC4 may kick the drawer."""

    enabled: bool


@dataclass(frozen=True)
class AnswerCounter:
    """Send a maintenance counter (GS g 2)."""

    number: int


@dataclass(frozen=True)
class ResetCounter:
    """GS g 0."""

    number: int


@dataclass(frozen=True)
class Pause:
    """Stand still for so many microseconds."""

    us: int


@dataclass(frozen=True)
class AwaitButton:
    """Stand still until the paper feed button is pressed."""


@dataclass(frozen=True)
class Replay:
    """Obey `items` again, `times` times, each time after a pause, and after the paper feed button if `by_hand`."""

    items: tuple[Item, ...]
    times: int
    wait_us: int
    by_hand: bool


Action = (
    Print
    | Feed
    | Cut
    | Answer
    | AnswerPaper
    | AnswerDrawer
    | AnswerCounter
    | ResetCounter
    | Heating
    | AutomaticStatus
    | Pulse
    | RealtimePulse
    | Pause
    | AwaitButton
    | Replay
)
