"""Asking the terminal's application: settings, journal, totals, health, as JSON (`firmware/terminal/desk.py`)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
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
    """Requests, answered in their order. The terminal answers when it is idle."""

    def __init__(self, bench: Bench) -> None:
        self.told: list[Callable[[dict[str, Any]], None]] = []
        """Hear what the terminal says without being asked: what somebody elsewhere may see of it."""
        self._bench = bench
        self._coming = b""
        self._waiting: deque[Callable[[Any], None]] = deque()
        bench.on_desk = self._take

    def send(self, request: dict[str, Any], answered: Callable[[Any], None]) -> None:
        """Ask, and go on; `answered` gets what the terminal answers under the request's one key, or a DeskError.

        Raises:
            DeskError: the request is too long.
        """
        data = json.dumps(request, ensure_ascii=False).encode()
        if len(data) > _LONGEST:
            raise DeskError(f"request: expected at most {_LONGEST} bytes, found {len(data)}")
        for at in range(0, len(data), _PIECE):
            op = Desk.LAST if at + _PIECE >= len(data) else Desk.MORE
            self._bench.post_desk(op, data[at : at + _PIECE])
        self._waiting.append(answered)

    def ask(self, request: dict[str, Any], timeout_s: float = _PATIENCE_S) -> Any:
        """Ask, and wait for the answer.

        Raises:
            DeskError: it refuses, or the request is too long.
            WaitTimeout: it is not idle within `timeout_s` virtual seconds.
        """
        answers: list[Any] = []
        self.send(request, answers.append)
        self._bench.run_until(lambda: bool(answers), timeout_s, "the terminal's answer")
        if isinstance(answers[0], DeskError):
            raise answers[0]
        return answers[0]

    def forget(self) -> None:
        """The terminal is switched off: what it has been asked it will not answer."""
        self._coming = b""
        self._waiting.clear()

    def assisted(self) -> list[list[str]]:
        """What others have done to the terminal from elsewhere in the open batch, oldest first: time, operator, who,
        what, detail. Raises as `ask`."""
        found: list[list[str]] = []
        while True:
            part = self.ask({"assisted": len(found)})
            found += part["records"]
            if len(found) >= part["count"]:
                return found

    def journal(self, **filters: Any) -> list[dict[str, Any]]:
        """Every transaction in the terminal's journal that passes the filters, oldest first: the whole of it, exported.

        Raises as `ask`.
        """
        found: list[dict[str, Any]] = []
        while True:
            part = self.ask({"journal": {**filters, "from": len(found)}})
            found += part["transactions"]
            if len(found) >= part["count"]:
                return found

    def _take(self, op: int, piece: bytes) -> None:
        if op == Desk.TOLD:
            for listener in self.told:
                listener(json.loads(piece))
            return
        self._coming += piece
        if op != Desk.LAST:
            return
        answer = json.loads(self._coming)
        self._coming = b""
        if not self._waiting:
            return
        answered = self._waiting.popleft()
        if "error" in answer:
            error = answer["error"]
            answered(DeskError(f"{error['name']}: expected {error['expected']}, found {error['found']!r}"))
        else:
            answered(next(iter(answer.values())))
