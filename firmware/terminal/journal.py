"""The journal: what was promised to whom, written ahead.

It is a log (`store.py`) of transactions (`transaction.py`). `open` puts a transaction on flash before its request
leaves; if the power fails after that, the next start finds it PENDING and a reversal is owed. `record` adds what
became of it. Records are never changed and never deleted; the newest one about a transaction holds.

Only one transaction is under way at a time, and `open` refuses another one while a reversal is owed: this, and not
the good behaviour of the flows, is what keeps a second amount from being put on top of an unknown one.
"""

import os

from terminal import store
from terminal.kinds import is_advice
from terminal.transaction import (
    ANSWERED,
    APPROVED,
    CHANGED,
    NOTIFIED,
    OPENED,
    PENDING,
    STORED,
    Transaction,
    apply,
    key_of,
    pack,
    pack_answer,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

RESERVE = 16384
"""Bytes of free flash below which no transaction is opened: room to write down what becomes of the last one."""


class JournalFull(Exception):
    """No transaction can be opened: `reason` is "COUNT" (batch limit reached) or "SPACE" (flash is full)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Journal:
    """The log in the file `path`, on the file system mounted at `storage`. Raises store.Damaged."""

    def __init__(self, storage: str, path: str) -> None:
        self._storage = storage
        self.path = path
        self._begin()
        for transaction in self.history():
            self.count += 1
            if self.last is None or transaction.offset > self.last.offset:
                self.last = transaction
            if transaction.state == PENDING:
                self.pending = transaction
            if transaction.untold:
                self.advices.append(transaction.offset)
            if transaction.notice_due:
                self.notices.append(transaction.offset)
            self.day = self.day or transaction.time[:8]

    def _begin(self) -> None:
        self.count = 0
        """Transactions opened so far."""
        self.last: Transaction | None = None
        """The newest transaction."""
        self.pending: Transaction | None = None
        """The transaction for which a reversal is owed, or the repeat of an advice, if there is one."""
        self.advices: list[int] = []
        """Where the transactions are of which the host has still to be told, oldest first; for `at`."""
        self.notices: list[int] = []
        """Where those are whose script results the host has still to be told."""
        self._known: dict[int, bytes] = {}
        """What is on flash of the newest transaction, as far as it was written since the start, by tag."""
        self.day = ""
        """YYYYMMDD of the oldest transaction, "" without any."""

    def history(self) -> Iterator[Transaction]:
        """All transactions, oldest first, each as far as it is known; one that is owed after what was stored meanwhile.

        Raises store.Damaged.
        """
        current = held = None
        answers, notified = _Answers(self.path, ANSWERED), _Answers(self.path, NOTIFIED)
        for offset, body in store.records(self.path):
            ready = None
            try:
                kind, stan, batch = key_of(body)
                if kind == OPENED:
                    before, current = current, Transaction(stan, batch)
                    current.offset = offset
                    apply(body, current)
                    if before is not None and before.state == PENDING:
                        if current.state != STORED or held is not None:
                            raise ValueError("STAN %06d opened while %06d is pending" % (stan, before.stan))
                        held = before
                    elif before is not None:
                        ready = _as_told(before, answers, notified)
                elif kind == CHANGED and current is not None and _is_of(body, current):
                    apply(body, current)
                elif kind == CHANGED and held is not None and _is_of(body, held):
                    apply(body, held)
                    if held.state != PENDING:
                        held, ready = None, _as_told(held, answers, notified)
            except ValueError as e:
                raise store.Damaged(self.path, offset, str(e))
            if ready is not None:
                yield ready
        for left in (current, held):
            if left is not None:
                try:
                    left = _as_told(left, answers, notified)
                except ValueError as e:
                    raise store.Damaged(self.path, left.offset, str(e))
                yield left

    def at(self, offset: int) -> Transaction:
        """The transaction that was opened at `offset`, without what the host was told of it later."""
        found = None
        for _, body in store.records(self.path, offset):
            kind, stan, batch = key_of(body)
            if found is None:
                found = Transaction(stan, batch)
                found.offset = offset
            elif kind == OPENED:
                break
            if kind in (OPENED, CHANGED) and _is_of(body, found):
                apply(body, found)
        if found is None:
            raise store.Damaged(self.path, offset, "nothing there")
        return found

    @property
    def owed_text(self) -> str:
        """The text that says what is owed, "" when nothing is."""
        if self.pending is None:
            return ""
        return "advice_due" if is_advice(self.pending.type) else "reversal_due"

    def check_room(self, limit: int) -> None:
        """Raises JournalFull when no further transaction could be opened; `limit` is the number a batch may hold."""
        if self.count >= limit:
            raise JournalFull("COUNT")
        if store.free_bytes(self._storage) < RESERVE:
            if not store.exists(self.path + "_last"):
                raise JournalFull("SPACE")
            # The batch before this one is settled, and was only kept to be looked at.
            os.remove(self.path + "_last")

    def open(self, transaction: Transaction) -> None:
        """Writes the transaction ahead, PENDING. Only when this has returned may its request leave.

        Raises OSError when the flash fails: then there is no record, and nothing may be sent.
        """
        if self.pending is not None:
            raise RuntimeError(self.owed_text)
        transaction.state = PENDING
        self._opened(transaction)
        self.pending = transaction

    def add(self, transaction: Transaction) -> None:
        """Writes a transaction that has happened already: it stands, and the host will be told of it.

        Also while something is owed: this is what a shop does while its host is away. Raises OSError when the flash
        fails: then it has not happened.
        """
        transaction.state = STORED
        self.advices.append(self._opened(transaction))
        transaction.state = APPROVED
        transaction.untold = True

    def note(self, transaction: Transaction, state: str) -> None:
        """Writes down an inquiry, in `state`, because the host has still to be told what the card made of its scripts.

        It is in no sum, report or upload. Raises OSError when the flash fails: then nothing will be told.
        """
        transaction.state = state
        self.notices.append(self._opened(transaction))
        transaction.notice_due = True

    def _opened(self, transaction: Transaction) -> int:
        self._known = {}
        transaction.offset = store.append(self.path, pack(transaction, OPENED, self._known))
        self.last = transaction
        self.count += 1
        self.day = self.day or transaction.time[:8]
        return transaction.offset

    def record(self, transaction: Transaction, state: str) -> None:
        """Adds what is now known about the transaction; it is in `state` when this returns, not before.

        Raises OSError when the flash fails: then the transaction stays as it was.
        """
        before = transaction.state
        transaction.state = state
        known = self._known if transaction is self.last else {}
        try:
            store.append(self.path, pack(transaction, CHANGED, known))
        except OSError:
            self._known = {}
            transaction.state = before
            raise
        if self.pending is transaction and state != PENDING:
            self.pending = None
        if transaction.notice_stan and not transaction.notice_due:
            transaction.notice_due = True
            self.notices.append(transaction.offset)

    def told(self, transaction: Transaction, state: str, code: str, reference: str) -> None:
        """The host has answered an advice that waited, which is the transaction's: APPROVED or DECLINED.

        Raises OSError when the flash fails: then it will be told again.
        """
        store.append(self.path, pack_answer(transaction, ANSWERED, state, code, reference))
        self.advices.remove(transaction.offset)

    def notified(self, transaction: Transaction, code: str) -> None:
        """The same for a script notice."""
        store.append(self.path, pack_answer(transaction, NOTIFIED, "", code, ""))
        self.notices.remove(transaction.offset)

    def log(self, body: bytes) -> None:
        """Adds a record that is about no transaction. Raises OSError when the flash fails: then it is not there."""
        store.append(self.path, body)

    def close_batch(self, kept: str) -> None:
        """Moves the log to the file `kept`, in the place of what was there, and begins an empty one.

        It happens as a whole or, when the power fails, not at all. Raises OSError.
        """
        if store.exists(self.path):
            os.rename(self.path, kept)
        self._begin()


class _Answers:
    """What the host has answered, for transactions that ask for it in the order of the journal.

    Nearly always it was told in that order too, and then each answer is read once. An upload tells by kind: an answer
    that is not the next one is looked for by itself.
    """

    def __init__(self, path: str, kind: int) -> None:
        self._path = path
        self._kind = kind
        self._in_order = self._all()
        self._next: bytes | None = None
        """The first answer that nobody has asked for; empty after the last one, None before the first question."""
        self._found_ahead: "set[tuple[int, int, int]]" = set()

    def _all(self) -> Iterator[bytes]:
        for _, body in store.records(self._path):
            if body[0] == self._kind:
                yield body

    def of(self, t: Transaction) -> bytes:
        """The answer about the transaction; empty when there is none yet."""
        while self._next is None or (self._next and key_of(self._next) in self._found_ahead):
            self._next = next(self._in_order, b"")
        if not self._next:
            return b""
        if _is_of(self._next, t):
            found, self._next = self._next, None
            return found
        for body in self._all():
            if _is_of(body, t):
                self._found_ahead.add(key_of(body))
                return body
        return b""


def _as_told(t: Transaction, answers: _Answers, notified: _Answers) -> Transaction:
    """The transaction with what the host has answered to its advice and to its script notice."""
    if t.state == STORED:
        t.state = APPROVED
        answer = answers.of(t)
        t.untold = not answer
        if answer:
            apply(answer, t)
    if t.notice_stan:
        t.notice_due = not notified.of(t)
    return t


def _is_of(body: bytes, t: Transaction) -> bool:
    return key_of(body)[1:] == (t.stan, t.batch)
