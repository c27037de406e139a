"""What a kind of long run is, and how its cases are drawn."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Protocol


class Kind(Protocol):
    """One kind of case. What cases share (a device) must not change their outcome."""

    name: str
    share: float
    """Part of the time that this kind gets, against the others'."""

    def run(self, random: Random, folder: Path) -> str:
        """Run a case with all its chance from `random` and all its files in `folder`; what came of it, in a word.

        Raises:
            Exception: any, when the case fails; its text is for people.
        """
        ...

    def close(self) -> None:
        """Let go of what the cases share."""
        ...


def chance_of(seed: int, kind: str, case: int) -> Random:
    """The chance of one case."""
    return Random(f"{seed}/{kind}/{case}")


def repeat_command(seed: int, kind: str, case: int) -> str:
    """The command that runs exactly this case again."""
    return f".venv/bin/python -m bench.long --seed {seed} --only {kind} --case {case}"
