"""Asking the terminal's application: settings, journal, totals, health, as JSON (`firmware/terminal/desk.py`)."""

from __future__ import annotations

import json
from typing import Any

from tillbench.host.emulator.bench import Bench
from tillbench.protocols.link import Desk

_PIECE = 1000
_LONGEST = 4096
"""Bytes of a request that the device takes."""
_PATIENCE_S = 90.0


class DeskError(ValueError):
    """The terminal refuses a request; says which name, what it expected and what it found."""


class DeskClient:
    """One request at a time. The terminal answers when it is idle."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._coming = b""
        self._answers: list[bytes] = []
        bench.on_desk = self._take

    def ask(self, request: dict[str, Any], timeout_s: float = _PATIENCE_S) -> Any:
        """What the terminal answers under the request's one key.

        Raises:
            DeskError: it refuses, or the request is too long.
            WaitTimeout: it is not idle within `timeout_s` virtual seconds.
        """
        data = json.dumps(request, ensure_ascii=False).encode()
        if len(data) > _LONGEST:
            raise DeskError(f"request: expected at most {_LONGEST} bytes, found {len(data)}")
        self._answers.clear()
        for at in range(0, len(data), _PIECE):
            op = Desk.LAST if at + _PIECE >= len(data) else Desk.MORE
            self._bench.post_desk(op, data[at : at + _PIECE])
        self._bench.run_until(lambda: bool(self._answers), timeout_s, "the terminal's answer")
        answer = json.loads(self._answers.pop())
        if "error" in answer:
            error = answer["error"]
            raise DeskError(f"{error['name']}: expected {error['expected']}, found {error['found']!r}")
        return next(iter(answer.values()))

    def _take(self, op: int, piece: bytes) -> None:
        self._coming += piece
        if op == Desk.LAST:
            self._answers.append(self._coming)
            self._coming = b""
