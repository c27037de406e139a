"""The settlement of a batch: its totals, and how far it has come, on flash after every step.

    none ---> TOTALS ---> UPLOAD ---> END ---> CLOSED ---> DONE
                 |  the host cannot compare: none again

The record is JSON in a file beside the journal, replaced as a whole. A message goes out only after the record knows
its trace number, so what was not answered before a power cut is sent again as it was. From TOTALS to CLOSED nothing is
sold. CLOSED means that host and terminal are through: the journal is put away and the batch number moves on, as often
as that takes. In DONE the record is that of the last totals, for its slip.
"""

import json

from terminal import kinds, store
from terminal.journal_search import adjusted, cancelled
from terminal.totals import BY_TYPE, moved, sums
from terminal.transaction import APPROVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.app import Terminal
    from terminal.journal import Journal
    from terminal.transaction import Transaction

TOTALS = "totals"
UPLOAD = "upload"
END = "end"
CLOSED = "closed"
DONE = "done"
_LAST_BATCH = 999999
BALANCED = "1"
_DOMESTIC = "62"
"""Front of UnionPay card numbers (ISO/IEC 7812); all others are foreign."""


class Settlement:
    """The record in the file of the journal. Raises store.Damaged when that cannot be read."""

    def __init__(self, journal: Journal) -> None:
        self._path = journal.path + "_settlement"
        self.stage = ""
        self.batch = 0
        self.stan = 0
        """Of the message that is under way; 0 when none is."""
        self.totals = [0] * 8
        """Amount and number of debits and of credits, domestic and then foreign."""
        self.flags = ""
        """The host's word on domestic and on foreign totals: 1 balanced, 2 not, 3 not comparable."""
        self.whole = False
        """True when everything is uploaded: the totals differ, or there are advices that the host has not decided."""
        self.step = 0
        """Which records are being uploaded (`flows/batch_upload.py`)."""
        self.at = 0
        """How many transactions of the journal that step has gone through."""
        self.sent = 0
        """Records that the host has taken."""
        self.by_type: dict[str, list[int]] = {}
        self.operator = ""
        self.time = ""
        body = store.read(self._path)
        if body is not None:
            try:
                for name, value in json.loads(body).items():
                    setattr(self, name, value)
            except (ValueError, AttributeError):
                raise store.Damaged(self._path, 0, "not a JSON object")

    @property
    def under_way(self) -> bool:
        """True from the first message until the batch is closed."""
        return self.stage not in ("", DONE)

    @property
    def balanced(self) -> bool:
        """True if the host has counted the same, for domestic and for foreign cards."""
        return self.flags == BALANCED * 2

    def begin(self, terminal: Terminal, stan: int) -> None:
        """Counts the journal and writes the record of a new settlement. Raises OSError."""
        self.stage, self.batch, self.stan = TOTALS, terminal.counters.batch, stan
        self.flags, self.whole = "", bool(terminal.journal.advices)
        self.step = self.at = self.sent = 0
        self.count(terminal.journal)
        self.operator, self.time = terminal.operator, terminal.clock.now()
        self.save()

    def count(self, journal: Journal) -> None:
        """Takes the totals from the journal; `save` keeps them."""
        self.totals = settlement_totals(journal)
        self.by_type = sums(journal, BY_TYPE)

    def save(self) -> None:
        """Writes the record. Raises OSError."""
        record: "dict[str, Any]" = {}
        for name in _KEPT:
            record[name] = getattr(self, name)
        store.replace(self._path, json.dumps(record).encode())

    def forget(self) -> None:
        """The host has compared nothing: as if the settlement had never begun. Raises OSError."""
        self.stage = ""
        self.save()

    def close(self, terminal: Terminal) -> None:
        """Puts the journal away and moves the batch number on, again if a power cut came in between. Raises OSError."""
        terminal.journal.close_batch(last_batch(terminal.journal))
        if terminal.counters.batch == self.batch:
            terminal.counters.adopt_batch(self.batch % _LAST_BATCH + 1)
        self.stage = DONE
        self.save()


_KEPT = ("stage", "batch", "stan", "totals", "flags", "whole", "step", "at", "sent", "by_type", "operator", "time")


def last_batch(journal: Journal) -> str:
    """Path of the journal of the batch that was settled last."""
    return journal.path + "_last"


def settlement_totals(journal: Journal) -> "list[int]":
    """As `Settlement.totals`: what is approved, not voided, and moves money."""
    taken_back = cancelled(journal.history())
    totals = [0] * 8
    for t in journal.history():
        side = kinds.side(t.type)
        if t.state != APPROVED or not side or (t.batch, t.stan) in taken_back:
            continue
        at = (0 if is_domestic(t) else 4) + (0 if side > 0 else 2)
        totals[at] += moved(t)
        totals[at + 1] += 0 if t.type in kinds.ADJUSTS else 1
    return totals


def standing(journal: Journal) -> "dict[tuple[int, int], int]":
    """What transactions are worth now that were voided (0), adjusted or got a tip, by batch and STAN."""
    worth = adjusted(journal.history())
    for place in cancelled(journal.history()):
        worth[place] = 0
    return worth


def is_domestic(t: Transaction) -> bool:
    """True for a UnionPay card."""
    return t.masked_pan.startswith(_DOMESTIC)


def field_48(totals: "list[int]") -> str:
    """F48 of the settlement: amounts of 12 digits, numbers of 3, a flag for each side."""
    sides = ["%012d%03d%012d%03d0" % tuple(totals[at : at + 4]) for at in (0, 4)]
    return "".join(sides)
