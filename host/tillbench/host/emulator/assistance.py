"""Remote assistance as the helper has it: what the terminal's firmware shows of its screen, and keys that it takes.

Everything here goes through the firmware (`firmware/terminal/assist.py`), which asks the person in front of it, hides
what is secret and keeps a record; the models of the bench, which know everything, are not asked.
"""

from __future__ import annotations

from typing import Any

from tillbench.host.emulator.desk import DeskClient

MOST_KEYS = 8
"""The terminal takes so many in one request."""
HERE_S = 4.0
"""How often a helper says that they are there; ten seconds without a word and the terminal ends it."""


def groups(keys: str) -> list[list[str]]:
    """Keys as in "1 2 3 4 ENTER", in requests of which the terminal takes each."""
    names = keys.split()
    return [names[at : at + MOST_KEYS] for at in range(0, len(names), MOST_KEYS)]


class Helper:
    """Somebody who helps at a terminal, over its desk.

    Attributes:
        rows: what they see: four rows of text; empty while the terminal hides them.
        ended: why it has ended; None before that.
    """

    def __init__(self, desk: DeskClient, who: str) -> None:
        self.rows: list[str] = []
        self.ended: str | None = None
        self.who = who
        self._desk = desk
        desk.told.append(self._told)

    def ask(self) -> list[Any]:
        """Ask; the list gets the person's answer when it is there: {"agreed": True}, or a DeskError."""
        answers: list[Any] = []
        self._desk.send({"assist": {"who": self.who}}, answers.append)
        return answers

    def press(self, keys: str) -> None:
        """Press keys. Raises DeskError: hidden, ended, or no such key; WaitTimeout."""
        for names in groups(keys):
            self._desk.ask({"assist": {"keys": names}})

    def stay(self) -> None:
        """Say that they are still there. Raises DeskError: it has ended."""
        self._desk.ask({"assist": {"here": True}})

    def leave(self) -> None:
        """End it. Raises DeskError: it has ended before."""
        self._desk.ask({"assist": {"end": True}})

    def _told(self, what: dict[str, Any]) -> None:
        self.rows = what.get("rows", [])
        self.ended = what.get("ended", self.ended)
