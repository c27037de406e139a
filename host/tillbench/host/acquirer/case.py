"""One request on the desk, with all that is needed to decide it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.hsm import Hsm
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.policy import Policy
from tillbench.host.acquirer.request import Answer, Request
from tillbench.host.acquirer.rules import BEHAVE, Misbehaviour
from tillbench.host.acquirer.schema import Terminal


@dataclass(slots=True)
class Case:
    """The request, who asks, the books, the keys, the time. `bent` is what a test demands."""

    request: Request
    terminal: Terminal
    books: Books
    hsm: Hsm
    now: datetime
    institution: Institution
    bent: Misbehaviour = BEHAVE

    @property
    def policy(self) -> Policy:
        return self.institution.policy

    def answer(self, code: str, because: str = "", **more: Any) -> Answer:
        """An answer that is no entry in the books."""
        return Answer(code=code, at=self.now, because=because, **more)


class Declined(Exception):
    """The reason why the checks ended: field 39 and words for the log."""

    def __init__(self, code: str, because: str) -> None:
        super().__init__(code, because)
        self.code = code
        self.because = because
