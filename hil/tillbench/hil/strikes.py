"""Which boards cannot be trusted, and why: a file beside the board map.

A strike is a run before which a board had to be repaired, or in which it went away. A run that it begins in good health
takes them back; at the third the board is benched, until somebody has looked at it and pardons it.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LIMIT = 3


class StrikesDamaged(Exception):
    """The file is not what was written there."""


class Strikes:
    """The strikes of the boards of one map."""

    def __init__(self, boards: Path) -> None:
        """`boards` is the board map; the file is called after it."""
        self.file = boards.with_suffix(".strikes.json")

    @contextmanager
    def _locked(self) -> Iterator[tuple[IO[str], dict[str, list[str]]]]:
        # Several workers of pytest, or several runs, may have the same map.
        with self.file.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            yield file, self._parsed(file.read())

    def _parsed(self, text: str) -> dict[str, list[str]]:
        try:
            found = json.loads(text or "{}")
            return {str(name): [str(reason) for reason in reasons] for name, reasons in found.items()}
        except (ValueError, AttributeError, TypeError):
            raise StrikesDamaged(f"{self.file}: expected a list of reasons for each board; remove it") from None

    def _write(self, file: IO[str], boards: dict[str, list[str]]) -> None:
        file.seek(0)
        file.truncate()
        file.write(json.dumps(boards, indent=2) + "\n")

    def add(self, board: str, reason: str) -> int:
        """One more; how many it has now. Raises StrikesDamaged."""
        with self._locked() as (file, boards):
            boards.setdefault(board, []).append(reason)
            self._write(file, boards)
            return len(boards[board])

    def take_back(self, board: str) -> None:
        """It is in good health, or pardoned. Raises StrikesDamaged."""
        if not self.file.exists():
            return
        with self._locked() as (file, boards):
            if boards.pop(board, None) is not None:
                self._write(file, boards)

    def of(self, board: str) -> list[str]:
        """Its strikes, oldest first. Raises StrikesDamaged."""
        return self._parsed(self.file.read_text()).get(board, []) if self.file.exists() else []

    def benched(self, board: str) -> str | None:
        """Why it is benched, None if it is not. Raises StrikesDamaged."""
        reasons = self.of(board)
        if len(reasons) < LIMIT:
            return None
        return f"benched after {len(reasons)} strikes, the last: {reasons[-1]}; `tillbench hil doctor --pardon {board}`"
