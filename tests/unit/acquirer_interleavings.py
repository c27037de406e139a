"""Terminals, a host and an air between them in which anything may happen to a message, as a state machine.

The machine keeps books of its own, from the answers alone: what was approved and not reversed has moved its amount.
"""

import atexit
import copy
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.connection import Connection, Reply
from tillbench.protocols.iso8583 import Message

from .acquirer_batch import BatchClient
from .acquirer_flows import REVERSIBLE, ROWS, Done
from .acquirer_power import MOMENTS, PowerCut, cut
from .acquirer_till import MERCHANT, TERMINAL, TMK, UNIONPAY_CARD, Bench, Chip

MEMORY = Path("/dev/shm")  # where files cost nothing; there is none everywhere
SECOND = "87654321"
FOLLOWS = {
    "void": ("sale",),
    "refund": ("sale", "completion", "completion advice", "offline sale"),
    "adjustment": ("sale",),
    "preauth void": ("preauth",),
    "completion": ("preauth",),
    "completion advice": ("preauth",),
    "completion void": ("completion",),
}
FIRST = ("sale", "preauth", "offline sale", "offline chip sale", "load", "balance")
GOOD = ("00", "10", "11")
MONEY = "SELECT balance + purse FROM cards JOIN accounts ON accounts.id = account_id WHERE pan = ?"
CHOICE = st.integers(0, 99)
BESIDE = st.sampled_from([0, 0, 0, -1, 1])
ARRIVES = st.sampled_from([1, 1, 1, 2, 0])
"""How often a message arrives at once; 0: it stays in the air, to arrive later, or never."""


@dataclass
class Sent:
    """One request: what it asked, and every answer that the host has made to it, heard or not."""

    name: str
    client: BatchClient
    request: Message
    amount: int
    original: "Sent | None" = None
    of: "Sent | None" = None  # a reversal's
    answers: list[Message] = field(default_factory=list)
    reversals: "list[Sent]" = field(default_factory=list)
    adjustments: "list[Sent]" = field(default_factory=list)  # approved, in that order

    @property
    def approved(self) -> Message | None:
        return next((answer for answer in self.answers if answer.text(39) in GOOD), None)

    @property
    def reversed_(self) -> bool:
        return any(each.approved for each in self.reversals)

    @property
    def done(self) -> Done:
        """As the scripted client wants an original: a request that was never answered has an answer made up."""
        answer = self.approved or Message("0210", {13: "1123", 37: "632714999999", 38: "999999", 39: "00"})
        return Done(self.request, answer)


class Served(Connection):
    """Takes messages as a server does: at once where that can be, and by books that it has opened ahead while it waits
    `awake` for the next."""

    def __init__(self, acquirer: Acquirer) -> None:
        super().__init__(acquirer.business)
        self._business = acquirer.business
        self.awake = False

    def feed(self, data: bytes) -> list[Reply]:
        (packet,), broken = self.receive(data)
        assert not broken
        taking = self._business.taking([(packet.body, self.terminal_id)])
        outcomes = taking.at_once()
        (outcome,) = taking.to_the_end() if outcomes is None else outcomes
        replies = self.answer(packet, outcome)
        taking.enter([outcome])
        self._business.stand_by(soon=self.awake)
        return replies


class Host:
    """One acquirer for all runs of a process: making its tables and its statements would take most of the time."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tillbench-", dir=MEMORY if MEMORY.is_dir() else None))
        atexit.register(shutil.rmtree, self._folder)
        self._bench = Bench(f"sqlite:///{self._folder / 'ledger.db'}")
        self._bench.acquirer.provision([], [TerminalSetup(SECOND, MERCHANT, TMK)])
        self._clients = [BatchClient(self._bench.acquirer.connect(), name) for name in (TERMINAL, SECOND)]
        for client in self._clients:
            client.sign_on()
        self._books = sqlite3.connect(self._folder / "ledger.db")
        self._fresh = sqlite3.connect(":memory:")
        self._books.backup(self._fresh)

    def fresh(self) -> tuple[Bench, list[BatchClient]]:
        """The host with the books as they were at first, as another process may put them there; two terminals that
        have just signed on."""
        self._bench.acquirer.business.stand_by(soon=False)
        self._fresh.backup(self._books)
        clients = [copy.copy(client) for client in self._clients]
        for client in clients:
            client.line = Served(self._bench.acquirer)
        return self._bench, clients

    def written(self) -> None:
        """Another process writes into the file, something that makes no difference."""
        with self._books:
            self._books.execute("UPDATE merchants SET name = lower(hex(randomblob(8)))")

    def money_of(self, pan: str) -> int:
        """Balance and purse of a card, as anybody reads them in the file."""
        (money,) = self._books.execute(MONEY, (pan,)).fetchone()
        return int(money)


class Interleavings(RuleBasedStateMachine):
    """Drops, repeats, late answers, overtaking, restarts of either side, power cuts around the commit."""

    host: "Host | None" = None
    touched = False  # since the books were checked

    @initialize()
    def open(self) -> None:
        if Interleavings.host is None:
            Interleavings.host = Host()
        self.bench, self.clients = Interleavings.host.fresh()
        self.audited = False
        self.air: list[Sent] = []
        self.sent: list[Sent] = []
        self.chip = Chip(UNIONPAY_CARD)

    # What terminals do

    @rule(client=st.integers(0, 1), name=st.sampled_from(FIRST), amount=st.integers(1, 400_00), arrives=ARRIVES)
    def ask(self, client: int, name: str, amount: int, arrives: int) -> None:
        self._send(self.clients[client], name, 0 if name == "balance" else amount, None, arrives)

    @precondition(lambda self: self.sent)
    @rule(choice=CHOICE, name=st.sampled_from(sorted(FOLLOWS)), beside=BESIDE, arrives=ARRIVES)
    def follow(self, choice: int, name: str, beside: int, arrives: int) -> None:
        """A request about an earlier one, whatever became of that, for its amount or a little beside it."""
        originals = [each for each in self.sent if each.name in FOLLOWS[name]]
        if originals:
            original = originals[choice % len(originals)]
            self._send(original.client, name, max(1, original.amount + beside), original, arrives)

    @precondition(lambda self: self.sent)
    @rule(choice=CHOICE, arrives=ARRIVES)
    def reverse(self, choice: int, arrives: int) -> None:
        originals = [each for each in self.sent if each.name in REVERSIBLE]
        if originals:
            original = originals[choice % len(originals)]
            kept = {n: original.request[n] for n in (2, 3, 4, 11, 14, 22, 23, 25, 49, 60, 61) if n in original.request}
            request = original.client.message("0400", {**kept, 39: "98", 64: bytes(8)})
            reversal = Sent("reversal", original.client, request, original.amount, of=original)
            original.reversals.append(reversal)
            self._through_the_air(reversal, arrives)

    @precondition(lambda self: self.sent)
    @rule(choice=CHOICE, arrives=ARRIVES)
    def repeat(self, choice: int, arrives: int) -> None:
        self._through_the_air(self.sent[choice % len(self.sent)], arrives)

    @rule(client=st.integers(0, 1))
    def sign_on(self, client: int) -> None:
        self.clients[client].sign_on()

    # What the air does

    @precondition(lambda self: self.air)
    @rule(choice=CHOICE)
    def drop(self, choice: int) -> None:
        self.air.pop(choice % len(self.air))

    @precondition(lambda self: self.air)
    @rule(choice=CHOICE)
    def deliver(self, choice: int) -> None:
        """In any order, however late."""
        self._arrive(self.air.pop(choice % len(self.air)))

    # What happens to the host

    @rule()
    def restart(self) -> None:
        """Connections to terminals and database end; nothing else is in memory. `kill -9` has its own test."""
        self._audit()
        self.bench.acquirer.ledger.close()
        for client in self.clients:
            client.line = Served(self.bench.acquirer)

    @rule(awake=st.booleans(), beside=st.booleans())
    def wait(self, awake: bool, beside: bool) -> None:
        """For the next message, while another process may write."""
        for client in self.clients:
            assert isinstance(client.line, Served)
            client.line.awake = awake
        self.bench.acquirer.business.stand_by(soon=awake)
        if beside:
            assert self.host is not None, "opened"
            self.host.written()

    @precondition(lambda self: self.air)
    @rule(choice=CHOICE, moment=st.sampled_from(MOMENTS))
    def cut(self, choice: int, moment: str) -> None:
        """The host dies with a request in its hands; the terminal asks again or not."""
        sent = self.air[choice % len(self.air)]
        try:
            with cut(self.bench.acquirer, moment):
                self._arrive(sent)
        except PowerCut:
            self.restart()
        else:
            raise AssertionError(f"an answer left {moment.replace('_', ' ')}")
        if moment == "after_commit":
            # What the answer would have been, the books say.
            self._learn(sent)

    # What must be so

    @invariant()
    def the_money_is_where_the_answers_say(self) -> None:
        if self.touched:
            moved = sum(
                MOVES.get(each.name, _nothing)(each) for each in self.sent if each.approved and not each.reversed_
            )
            assert self.host is not None, "opened"
            assert self.host.money_of(UNIONPAY_CARD.pan) - UNIONPAY_CARD.balance == moved
        self.touched = False

    def teardown(self) -> None:
        """At the end everything that still is in the air arrives, and the books are audited as a whole."""
        if hasattr(self, "bench"):
            while self.air:
                self._arrive(self.air.pop())
            self.the_money_is_where_the_answers_say()
            self._audit()

    def _audit(self) -> None:
        if not self.audited:
            assert self.bench.acquirer.ledger.faults() == []
        self.audited = True

    # How

    def _send(self, client: BatchClient, name: str, amount: int, original: Sent | None, arrives: int) -> None:
        card = self.chip if ROWS[name].chip else UNIONPAY_CARD
        request = client.flow(name, card, amount, original.done if original else None)
        sent = Sent(name, client, request, amount, original)
        self.sent.append(sent)
        self._through_the_air(sent, arrives)

    def _through_the_air(self, sent: Sent, arrives: int) -> None:
        if not arrives:
            self.air.append(sent)
        for _ in range(arrives):
            self._arrive(sent)

    def _arrive(self, sent: Sent) -> None:
        self.touched, self.audited = True, False
        sent.request.fields[64] = bytes(8)  # under the working keys of now
        answer = sent.client.ask(sent.request)
        self._check(sent, answer)
        self._take(sent, answer)

    def _take(self, sent: Sent, answer: Message) -> None:
        if sent.name == "adjustment" and answer.text(39) in GOOD and not sent.approved:
            assert sent.original is not None, "an adjustment follows from a sale"
            sent.original.adjustments.append(sent)
        sent.answers.append(answer)

    def _check(self, sent: Sent, answer: Message) -> None:
        """One effect, one answer: an advice or a reversal has its first answer again, a request none that is good."""
        code = answer.text(39)
        first = sent.answers[0] if sent.answers else None
        if first is not None and sent.request.mti in ("0220", "0400") and first.text(39) in (*GOOD, "25"):
            assert (answer[37], code) == (first[37], first[39]), "another answer than the first"
        elif sent.approved is not None:
            assert code not in GOOD, "approved twice"
        if sent.of is None and code in GOOD and first is None:
            assert not any(each.answers and each.answers[0].text(39) == "25" for each in sent.reversals), (
                "approved after its own reversal"
            )

    def _learn(self, sent: Sent) -> None:
        request = sent.request
        found = self.bench.acquirer.ledger.transactions(
            terminal_id=sent.client.terminal_id,
            batch=int(request.text(60)[2:8]),
            stan=int(request.text(11)),
            place="reversal" if sent.of else "request",
        )
        for entry in found:
            fields: dict[int, str | bytes] = {13: f"{entry.at:%m%d}", 37: entry.rrn, 39: entry.response_code}
            if entry.authorisation_code:
                fields[38] = entry.authorisation_code
            if not any(answer.text(39) == entry.response_code for answer in sent.answers):
                self._take(sent, Message("0210", fields))


def _nothing(_: Sent) -> int:
    return 0


def _sale(sent: Sent) -> int:
    """What its last adjustment made of it."""
    return -(sent.adjustments[-1].amount if sent.adjustments else sent.amount)


MOVES: dict[str, Callable[[Sent], int]] = {
    **dict.fromkeys(
        ("completion", "completion advice", "offline sale", "offline chip sale"), lambda sent: -sent.amount
    ),
    **dict.fromkeys(("void", "refund", "completion void"), lambda sent: sent.amount),
    "sale": _sale,
}
"""What each kind moves on balance and purse together; a load moves from one to the other."""
