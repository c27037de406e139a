"""Rows that the books have read and still know to be true, so that the next request need not read them again.

They are true while nobody else has written: for one transaction on any database, and for one commit after the other on
an SQLite file, whose `data_version` tells of others. Whoever keeps a working set longer has to ask first.
"""

from dataclasses import dataclass, field

from tillbench.host.acquirer.schema import Card, Counter, Terminal

MOST_ROWS = 50_000


@dataclass
class WorkingSet:
    """By what requests ask for. highest_stans: of a terminal and batch; what is above has never been used. counter: of
    references, and the last `reference` given, which it may not know, see `schema.Counter`.
    """

    terminals: dict[str, Terminal] = field(default_factory=dict)
    cards: dict[tuple[str, str], Card] = field(default_factory=dict)
    highest_stans: dict[tuple[str, int], int] = field(default_factory=dict)
    counter: Counter | None = None
    reference: int = 0

    @property
    def full(self) -> bool:
        """So large that it is time to begin again."""
        return len(self.terminals) + len(self.cards) + len(self.highest_stans) > MOST_ROWS
