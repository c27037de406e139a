"""The journal: what was promised to whom, written ahead.

It is a log (`store.py`) of transactions (`transaction.py`). `open` puts a transaction on flash before its request
leaves; if the power fails after that, the next start finds it PENDING and a reversal is owed. `record` adds what
became of it. Records are never changed and never deleted; the newest one about a transaction holds.

Only one transaction is under way at a time, and `open` refuses another one while a reversal is owed: this, and not
the good behaviour of the flows, is what keeps a second amount from being put on top of an unknown one.
"""

from terminal import store
from terminal.kinds import is_advice
from terminal.transaction import CHANGED, OPENED, PENDING, Transaction, apply, key_of, pack

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
        self._path = path
        self.count = 0
        """Transactions opened so far."""
        self.last: Transaction | None = None
        """The newest transaction."""
        for transaction in self.history():
            self.count += 1
            self.last = transaction

    def history(self) -> Iterator[Transaction]:
        """All transactions, oldest first, each as far as it is known. Raises store.Damaged."""
        current = None
        for offset, body in store.records(self._path):
            try:
                kind, stan, batch = key_of(body)
                if kind == OPENED:
                    if current is not None:
                        if current.state == PENDING:
                            raise ValueError("STAN %06d opened while %06d is pending" % (stan, current.stan))
                        yield current
                    current = Transaction(stan, batch)
                if current is not None and (current.stan, current.batch) == (stan, batch):
                    apply(body, current)
            except ValueError as e:
                raise store.Damaged(self._path, offset, str(e))
        if current is not None:
            yield current

    @property
    def pending(self) -> Transaction | None:
        """The transaction for which a reversal is owed, or the repeat of an advice, if there is one."""
        last = self.last
        return last if last is not None and last.state == PENDING else None

    @property
    def owed_text(self) -> str:
        """The text that says what is owed, "" when nothing is."""
        pending = self.pending
        if pending is None:
            return ""
        return "advice_due" if is_advice(pending.type) else "reversal_due"

    def check_room(self, limit: int) -> None:
        """Raises JournalFull when no further transaction could be opened; `limit` is the number a batch may hold."""
        if self.count >= limit:
            raise JournalFull("COUNT")
        if store.free_bytes(self._storage) < RESERVE:
            raise JournalFull("SPACE")

    def open(self, transaction: Transaction) -> None:
        """Writes the transaction ahead, PENDING. Only when this has returned may its request leave.

        Raises OSError when the flash fails: then there is no record, and nothing may be sent.
        """
        if self.pending is not None:
            raise RuntimeError(self.owed_text)
        transaction.state = PENDING
        store.append(self._path, pack(transaction, OPENED))
        self.last = transaction
        self.count += 1

    def record(self, transaction: Transaction, state: str) -> None:
        """Adds what is now known about the transaction; it is in `state` when this returns, not before.

        Raises OSError when the flash fails: then the transaction stays as it was.
        """
        before = transaction.state
        transaction.state = state
        try:
            store.append(self._path, pack(transaction, CHANGED))
        except OSError:
            transaction.state = before
            raise
