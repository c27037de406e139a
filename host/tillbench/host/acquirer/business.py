"""Between lines and desk: messages in, in the order they came; what is to leave for each of them, once it is booked.

This is all that a front end (TCP, TLS, a serial line, the emulator's line in steered time) knows of the host.
"""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from tillbench.host.acquirer.desk import Decision
from tillbench.host.acquirer.journal import Exchange, Journal
from tillbench.host.acquirer.ledger import GroupUndone, NoBooks
from tillbench.host.acquirer.rule_match import Seen
from tillbench.host.acquirer.rules import BEHAVE, Misbehaviour, Rules
from tillbench.host.acquirer.wishes import NOTHING
from tillbench.host.acquirer.writer import WouldWait
from tillbench.protocols.iso8583 import Message

OTHER_HEX = bytes.maketrans(b"0123456789ABCDEF", b"1032547698BADCFE")


Asked = tuple[bytes, Misbehaviour, str]
"""A message body, what rules demand of its answer, and who spoke on its line before."""


class Incoming(NamedTuple):
    """A message body off a line, and who spoke on that line before it ("" for nobody)."""

    body: bytes
    terminal_id: str = ""


class Delivery(NamedTuple):
    """One thing for the line: a message body to be framed as its request was, or bytes that go out as they are.

    delay_us: how long it waits. processing_request: the header's digit. first: only so many bytes of the frame leave.
    close: the line is cut after it.
    """

    delay_us: int = 0
    body: bytes = b""
    raw: bytes = b""
    processing_request: str = NOTHING
    first: int | None = None
    close: bool = False


class Outcome(NamedTuple):
    """What became of one message, and what leaves for it."""

    decision: Decision
    deliveries: tuple[Delivery, ...]


class Desk(Protocol):
    """Who decides: `desk.Desk` with its ledger, or one that only plays a host."""

    def now(self) -> datetime:
        """Host local time, without zone."""
        ...

    def group(self, *, wait: bool = True) -> AbstractContextManager[object]:
        """See `desk.Desk.group`."""
        ...

    def stand_by(self, *, soon: bool) -> None:
        """See `desk.Desk.stand_by`."""
        ...

    def mti_of(self, body: bytes) -> str:
        """The message type, whatever follows it."""
        ...

    def peek(self, body: bytes) -> Message | None:
        """See `desk.Desk.peek`."""
        ...

    def decide(self, body: bytes, bent: Misbehaviour = ..., known_terminal: str = "") -> Decision:
        """See `desk.Desk.decide`."""
        ...

    def decide_all(self, messages: Iterable[Asked]) -> list[Decision]:
        """See `desk.Desk.decide_all`."""
        ...

    def refuse(self, body: bytes, because: str, known_terminal: str = "") -> Decision:
        """See `desk.Desk.refuse`."""
        ...


class Business:
    """Takes messages, one commit for all that came together."""

    def __init__(self, desk: Desk, rules: Rules, journal: Journal) -> None:
        self._desk = desk
        self._rules = rules
        self._journal = journal

    def take(self, messages: Sequence[tuple[bytes, str]]) -> list[Outcome]:
        """Decide messages in their order and commit once; returns only after that, so any outcome may leave at once.

        When the books fail, the whole group is undone and its messages are taken one by one: what can be booked is
        booked, the others are answered 96. Without any books all are.
        """
        taking = self.taking(messages)
        outcomes = taking.to_the_end()
        taking.enter(outcomes)
        return outcomes

    def stand_by(self, *, soon: bool) -> None:
        """Whether messages are expected at once, so that what they need may be got ready. Not while any are taken."""
        self._desk.stand_by(soon=soon)

    def taking(self, messages: Sequence[tuple[bytes, str]]) -> "Taking":
        """The same in parts, for a front end that must not wait for a disk, a server or another writer."""
        return Taking(self._desk, self._rules, self._journal, messages)


class Taking:
    """A group of messages on its way into the books: `at_once`, and when that gives nothing, `to_the_end`. When the
    answers have left, `enter`."""

    def __init__(self, desk: Desk, rules: Rules, journal: Journal, messages: Sequence[tuple[bytes, str]]) -> None:
        self._desk = desk
        self._rules = rules
        self._journal = journal
        self._messages = messages
        self._asked: list[Asked] = []
        self._one_by_one = False

    def at_once(self) -> list[Outcome] | None:
        """See `Business.take`; None when that may take a while, with nothing booked."""
        try:
            return self._together(wait=False)
        except (WouldWait, NoBooks):
            return None
        except GroupUndone:
            self._one_by_one = True
            return None

    def to_the_end(self) -> list[Outcome]:
        """See `Business.take`."""
        if not self._one_by_one:
            try:
                return self._together(wait=True)
            except NoBooks as error:
                self._bend()
                because = str(error)
                return self._settled([self._desk.refuse(body, because, known) for body, _, known in self._asked])
            except GroupUndone:
                pass
        return self._settled([self._desk.decide(*each) for each in self._asked])

    def _together(self, *, wait: bool) -> list[Outcome]:
        with self._desk.group(wait=wait):
            self._bend()
            decisions = self._desk.decide_all(self._asked)
        return self._settled(decisions)

    def _bend(self) -> None:
        """Ask the rules, once: one that a group has used up before it was undone still holds for its message."""
        if not self._asked:
            none = self._rules.none
            self._asked = [(body, BEHAVE if none else self._bent(body), known) for body, known in self._messages]

    def _bent(self, body: bytes) -> Misbehaviour:
        mti = self._desk.mti_of(body)
        fields = self._desk.peek(body) if self._rules.look_inside else None
        return self._rules.take(Seen(mti, fields or Message(mti), self._desk.now()))

    def _settled(self, decisions: list[Decision]) -> list[Outcome]:
        """What leaves, now that it is booked."""
        pairs = zip(decisions, self._asked, strict=True)
        return [Outcome(decision, _deliveries(decision, bent)) for decision, (_, bent, _) in pairs]

    def enter(self, outcomes: list[Outcome]) -> list[Exchange]:
        """The journal's entries for the group, made now."""
        now = self._desk.now()
        pairs = zip(outcomes, self._asked, strict=True)
        return [self._entered(now, outcome.decision, *asked) for outcome, asked in pairs]

    def _entered(self, now: datetime, decision: Decision, body: bytes, bent: Misbehaviour, _known: str) -> Exchange:
        request = decision.request
        mti = request.mti if request else self._desk.mti_of(body)
        fault = "" if bent is BEHAVE else str(bent)
        came = body if request and not decision.broken else b""
        return self._journal.enter(
            now, mti, request, decision.reply, decision.because, fault, came=came, went=decision.body
        )


def _deliveries(decision: Decision, bent: Misbehaviour) -> tuple[Delivery, ...]:
    if bent is BEHAVE:
        return (Delivery(0, decision.body, b"", decision.processing_request),) if decision.body else ()
    if bent.drop:
        return (Delivery(close=True),)
    if bent.garbage is not None:
        return (Delivery(bent.delay_us, raw=bent.garbage),)
    if bent.lost or bent.silent or not decision.body:
        return ()
    wish = bent.ask or decision.processing_request
    answer = Delivery(bent.delay_us, decision.body, processing_request=wish, first=bent.first)
    if bent.wrong_mac and decision.reply and 64 in decision.reply:
        answer = answer._replace(body=answer.body[:-8] + answer.body[-8:].translate(OTHER_HEX))
    return (answer, answer) if bent.duplicate else (answer,)
