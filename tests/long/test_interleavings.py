"""Random interleavings find what they are there for: each mutant of the host is caught within a few of them."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tillbench.host.acquirer import authorise, originals, reversal
from tillbench.host.acquirer.books import Books
from tillbench.host.acquirer.effect import NOTHING
from tillbench.host.acquirer.schema import Account
from tillbench.host.acquirer.write_behind import WriteBehind
from tillbench.host.acquirer.writer import Writer

from bench.long.interleavings import Interleavings
from tests.unit.acquirer_interleavings import Interleavings as Machine

MOST = 150


@pytest.fixture(autouse=True)
def host_of_its_own() -> Iterator[None]:
    """A host that a mutant has been in is not used again."""
    Machine.host = None
    yield
    Machine.host = None


def reversals_give_nothing_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reversal, "undone", lambda _: NOTHING)


def late_originals_are_taken(patch: pytest.MonkeyPatch) -> None:
    """A request after its own reversal."""
    under_trace = Books.under_trace

    def forgetful(self: Books, *trace: Any) -> dict[str, Any]:
        found = under_trace(self, *trace)
        return {} if "reversal" in found and "request" not in found else found

    patch.setattr(Books, "under_trace", forgetful)


def trace_numbers_are_not_looked_up(patch: pytest.MonkeyPatch) -> None:
    """Repeats of advices and reversals are new business."""
    patch.setattr(Books, "highest_stan", lambda *_: 0)


def refunds_are_not_added_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(originals, "refunded", lambda *_: 0)


def money_moves_in_memory_only(patch: pytest.MonkeyPatch) -> None:
    change = WriteBehind.change

    def careless(self: WriteBehind, row: Any, **values: Any) -> None:
        change(self, row, **values)
        if isinstance(row, Account):
            self._changed.pop(Account)

    patch.setattr(WriteBehind, "change", careless)


def rows_stay_known_whoever_writes(patch: pytest.MonkeyPatch) -> None:
    of_now = Writer._books_of_now
    patch.setattr(Writer, "_books_of_now", lambda self, *what: self._books or of_now(self, *what))


def approvals_do_not_stand(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("tillbench.host.acquirer.books.UNDOES", (*authorise.AUTHORISES,))


MUTANTS = (
    reversals_give_nothing_back,
    late_originals_are_taken,
    trace_numbers_are_not_looked_up,
    refunds_are_not_added_up,
    money_moves_in_memory_only,
    rows_stay_known_whoever_writes,
    approvals_do_not_stand,
)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_mutant_is_caught(mutant: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mutant(monkeypatch)
    with pytest.raises(AssertionError, match=r"after (ask|sign_on|restart|wait)"):
        Interleavings(MOST).run(Random(6), tmp_path)


def test_the_host_as_it_is_passes(tmp_path: Path) -> None:
    assert Interleavings(15).run(Random(6), tmp_path) == "kept"
