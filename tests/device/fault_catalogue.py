"""The faults of peripherals: what happens on the wire, what the driver makes of it, and which function does that.

`test_faults.py` plays each of them twice: as the driver is, where the outcome must be the expected one, and with the
named function replaced by a constant, where it must be another. docs/faults.md is the table of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tillbench.host.emulator.bench import Bench


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        part: which peripheral.
        name: what goes wrong.
        answer: what the driver makes of it, in words.
        handling: `module:function` without which it would not.
        without: what that function answers when it is replaced.
        play: makes it happen; returns the outcome.
        expected: the outcome.
        awaited: whether that function is one that is awaited.
    """

    part: str
    name: str
    answer: str
    handling: str
    without: Any
    play: Callable[[Bench], Any]
    expected: Any
    awaited: bool = False

    def __str__(self) -> str:
        return f"{self.part}: {self.name}"


def table(faults: list[Fault]) -> str:
    """The Markdown table."""
    rows = [f"| {f.part} | {f.name} | {f.answer} | `{f.handling.replace(':', '.')}` |" for f in faults]
    return "\n".join(["| Part | Fault | What the driver makes of it | By |", "|---|---|---|---|", *rows, ""])
