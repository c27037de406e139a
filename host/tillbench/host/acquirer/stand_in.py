"""A host that only plays one: it reads a request, asks the rules, and answers. No ledger, no keys, nothing checked.

For terminals that are just learning to speak, and for load: what is left is lines, framing and the dialect.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from tillbench.host.acquirer import response_code, unionpay
from tillbench.host.acquirer.books import authorisation_code, retrieval_reference_number
from tillbench.host.acquirer.business import Business
from tillbench.host.acquirer.desk import Decision
from tillbench.host.acquirer.dialects import DIALECTS, HostDialect
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.journal import Journal
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.rules import BEHAVE, Misbehaviour, Rules
from tillbench.protocols.iso8583 import FormatError, Message

log = logging.getLogger("tillbench.acquirer")

AUTHORISATIONS = ("0100", "0200")
UNCOMMITTED = nullcontext()


class StandInDesk:
    """Approves every request, unless a rule says otherwise; what cannot be read is answered 30."""

    def __init__(self, now: Callable[[], datetime], institution: Institution, dialect: HostDialect) -> None:
        self._now = now
        self._dialect = dialect
        self.mti_of = dialect.mti_of
        self._institution = institution
        self._references = 0

    def now(self) -> datetime:
        """Host local time, without zone."""
        now = self._now()
        return now if now.tzinfo is None else now.replace(tzinfo=None)

    def group(self, *, wait: bool = True) -> AbstractContextManager[object]:  # noqa: ARG002  as a desk has it
        """There is nothing to commit."""
        return UNCOMMITTED

    def stand_by(self, *, soon: bool) -> None:
        """There is nothing to open."""

    def peek(self, body: bytes) -> Message | None:
        """A message without deciding it, or None when it cannot be read."""
        try:
            return self._dialect.codec.decode(body)
        except FormatError:
            return None

    def decide(
        self,
        body: bytes,
        bent: Misbehaviour = BEHAVE,
        known_terminal: str = "",  # noqa: ARG002  as a desk has it
    ) -> Decision:
        """Answer one message body, of which any bytes are allowed."""
        if bent.lost:
            return Decision(None, because="lost on purpose")
        try:
            message = self._dialect.codec.decode(body)
        except FormatError as error:
            log.warning("message that cannot be read: %s", error)
            return self._unreadable(self._dialect.salvage(body, error), str(error))
        if not unionpay.is_request(message.mti):
            return Decision(message, because="no request")
        return self._answered(message, bent.code or response_code.APPROVED)

    def decide_all(self, messages: Iterable[tuple[bytes, Misbehaviour, str]]) -> list[Decision]:
        """Answer message bodies, in their order."""
        return [self.decide(*each) for each in messages]

    def refuse(self, body: bytes, because: str, known_terminal: str = "") -> Decision:  # noqa: ARG002  as a desk has it
        """There are no books that could be missing."""
        raise AssertionError("a stand-in has no books")

    def _unreadable(self, message: Message | None, because: str) -> Decision:
        if message is None:
            return Decision(None, because=because)
        return self._answered(message, response_code.FORMAT_ERROR, because)._replace(broken=True)

    def _answered(self, message: Message, code: str, because: str = "") -> Decision:
        now = self.now()
        self._references += 1
        answer = Answer(code=code, at=now, rrn=retrieval_reference_number(self._references, now), because=because)
        if code == response_code.APPROVED and message.mti in AUTHORISATIONS:
            answer.authorisation_code = authorisation_code(self._references)
        reply = self._dialect.write(message, answer, self._institution)
        return Decision(message, reply, self._dialect.codec.encode(reply), because=because)


class StandIn:
    """In an `Acquirer`'s place where a server is all that is wanted. rules, journal: as there."""

    def __init__(
        self, now: Callable[[], datetime], institution: Institution | None = None, dialect: str = "unionpay"
    ) -> None:
        """`dialect`: one of `dialects.DIALECTS`."""
        self.rules = Rules()
        self.journal = Journal(DIALECTS[dialect].codec.decode)
        desk = StandInDesk(now, institution or Institution(), DIALECTS[dialect])
        self.business = Business(desk, self.rules, self.journal)

    def trouble(self) -> str:
        """There is nothing that could fail."""
        return ""
