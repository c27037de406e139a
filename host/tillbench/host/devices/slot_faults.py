"""What a contact slot and its card can do wrong, and what they say about the terminal."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class SlotFaults:
    """What goes wrong. Characters count from 0 at power on; all of it can be changed at any time.

    Attributes:
        mute: no answer to reset.
        bad_atrs: sent, one after the other, instead of the card's next answers to reset.
        atr_delay_clk: from RST high to TS; 400 to 40,000 is legal.
        nulls: NULL procedure bytes (60) before each reply.
        reply_delay_etu: least time before each reply, from start to start of two characters as the work waiting time
            of 9,600 etu is.
        out_after_exchanges: the card leaves after this many TPDUs (0: after its answer to reset).
        out_after_characters: the card leaves after this many characters, of either side.
        echo_flips: bits that turn over in the echo of the terminal's n-th character: {n: mask}.
        flips: bits that turn over in the card's n-th character on its way to the terminal: {n: mask}.
    """

    mute: bool = False
    bad_atrs: list[bytes] = field(default_factory=list)
    atr_delay_clk: int = 2_000
    nulls: int = 0
    reply_delay_etu: int = 0
    out_after_exchanges: int | None = None
    out_after_characters: int | None = None
    echo_flips: dict[int, int] = field(default_factory=dict)
    flips: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Violation:
    """Something the terminal did that the standard forbids: when (microseconds) and what."""

    at_us: int
    what: str
