"""Characters on the I/O line of a contact card: bits in time, conventions, and the timing that an ATR announces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tillbench.host.emulator.wires import Clock, Timer
from tillbench.protocols.atr import interface_characters

F = 372  # clock cycles of one etu at D=1 (ISO/IEC 7816-3, 8.1)


@dataclass(frozen=True)
class Frame:
    """How one side makes or reads a character: `bit_ns` per bit, `parity` None, 0 (even) or 1 (odd)."""

    bit_ns: float
    parity: int | None


@lru_cache(4096)
def received(value: int, sender: Frame, receiver: Frame) -> tuple[int, bool]:
    """What `receiver` reads when `sender` sends `value`, and whether its parity and stop bit were right.

    The receiver samples the middle of each of its own bits, so a wrong rate or parity garbles a character the way a
    real UART garbles it. A start bit that is over before the first sample gives FF with an error.
    """
    bits = [0, *(value >> i & 1 for i in range(8))]
    if sender.parity is not None:
        bits.append(value.bit_count() & 1 ^ sender.parity)

    def sample(position: int) -> int:
        at = int((position + 0.5) * receiver.bit_ns / sender.bit_ns)
        return bits[at] if at < len(bits) else 1

    if sample(0):
        return 0xFF, False
    result = sum(sample(i + 1) << i for i in range(8))
    right = True
    stop = 9
    if receiver.parity is not None:
        right = sample(9) == result.bit_count() & 1 ^ receiver.parity
        stop = 10
    return result, right and sample(stop) == 1


def other_convention(value: int) -> int:
    """The same moments read by the other convention: bit order reversed, levels complemented (ISO/IEC 7816-3, 7.2)."""
    return int(f"{value:08b}"[::-1], 2) ^ 0xFF


@dataclass(frozen=True)
class CardTiming:
    """What a card's answer to reset says about the characters after it.

    Attributes:
        inverse: TS is 3F.
        d: bit rate adjustment in force after the answer, from TA1 if TA2 says so.
        guard: extra guard time for the terminal's characters, in etu; -1 where 11 etu are enough.
        blocks: T=1 is the first protocol offered.
        cwt: the longest time between the starts of two characters of a block, in etu.
    """

    inverse: bool = False
    d: int = 1
    guard: int = 0
    blocks: bool = False
    cwt: int = 0

    @property
    def turnaround(self) -> int:
        """Etu from the start of one side's last character to the start of the other's first (EMV Book 1, 9.2)."""
        return 22 if self.blocks else 16

    @classmethod
    def from_atr(cls, atr: bytes) -> CardTiming:
        """Read TS, TA1, TC1, TD1, TA2 and TB3; an answer that breaks off has the defaults."""
        names = interface_characters(atr)
        specific = "TA2" in names and not names["TA2"] & 0x10
        rate = names.get("TA1", 0x11) & 15 if specific else 1
        guard = names.get("TC1", 0)
        blocks = names.get("TD1", 0) & 15 == 1
        return cls(
            inverse=atr[:1] == b"\x3f",
            d=1 << max(rate - 1, 0),
            guard=guard if guard != 255 else -1 if blocks else 0,
            blocks=blocks,
            cwt=11 + (1 << (names.get("TB3", 0x45) & 15)) if blocks else 0,
        )

    def card_frame(self, etu_ns: float) -> Frame:
        """The card's character as a UART of the direct convention sees it: inverse convention turns even into odd."""
        return Frame(etu_ns, 1 if self.inverse else 0)


@dataclass
class Run:
    """Characters on the wire, one after the other: start of the first, time per character, all in nanoseconds."""

    lead_ns: float
    char_ns: float
    data: bytes
    timer: Timer | None = None

    @property
    def end_ns(self) -> float:
        return self.lead_ns + len(self.data) * self.char_ns

    def ended(self, now_ns: float) -> int:
        """How many of the characters are over."""
        return max(0, min(len(self.data), int((now_ns - self.lead_ns) / self.char_ns + 1e-6)))

    def overlaps(self, lead_ns: float, end_ns: float) -> bool:
        """True if any of it is on the wire between the two times."""
        return self.lead_ns < end_ns and lead_ns < self.end_ns


class Sender:
    """One side of the line: what it has under way.

    Args:
        clock: virtual time.
        arrive: called when a run is over, or cut off: the run, and how many of its characters went through.
    """

    def __init__(self, clock: Clock, arrive: Callable[[Run, int], None]) -> None:
        self.runs: list[Run] = []
        self._clock = clock
        self._arrive = arrive

    def send(self, lead_ns: float, char_ns: float, data: bytes, at_once: int) -> float:
        """Send `data` from `lead_ns` on, in runs of `at_once` characters; returns the start of the last character."""
        for at in range(0, len(data), at_once):
            self._start(Run(lead_ns + at * char_ns, char_ns, data[at : at + at_once]))
        return lead_ns + (len(data) - 1) * char_ns

    def _start(self, run: Run) -> None:
        def over() -> None:
            self.runs.remove(run)
            self._arrive(run, len(run.data))

        self.runs.append(run)
        run.timer = self._clock.at(-int(-run.end_ns // 1000), over)

    def cut(self) -> None:
        """Stop: what is over has arrived, the rest never does."""
        for run in self.forget():
            ended = run.ended(self._clock.now * 1000)
            if ended:
                self._arrive(run, ended)

    def forget(self) -> list[Run]:
        """Stop, and nothing arrives any more; returns what was under way."""
        stopped, self.runs = self.runs, []
        for run in stopped:
            if run.timer is not None:
                run.timer.cancel()
        return stopped
