"""What a case is, and the verdicts there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import pytest

PASS, FAIL, NOT_OFFERED, NOT_RUN = "pass", "fail", "not offered by this reader", "not run"
VERDICTS = (PASS, FAIL, NOT_OFFERED, NOT_RUN)
_Test = TypeVar("_Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Case:
    """One case of the suite.

    Attributes:
        id: stays the same for ever.
        requirement: standard and section, or "own".
        needs: the preconditions.
        passes: when it passes.
    """

    id: str
    requirement: str
    needs: str
    passes: str


def case(id_: str, *, requirement: str, passes: str, needs: str = "a card") -> Callable[[_Test], _Test]:
    """Marks a test as the case of that id."""

    def mark(test: _Test) -> _Test:
        marked: _Test = pytest.mark.till_case(Case(id_, requirement, needs, passes))(test)
        return marked

    return mark


def case_of(item: pytest.Item) -> Case | None:
    """The case that a test is, None for others."""
    mark = item.get_closest_marker("till_case")
    found: Case | None = mark.args[0] if mark else None
    return found


def not_offered(why: str) -> NoReturn:
    """This reader, or the card that is in it, lacks what the case needs."""
    pytest.skip(f"{NOT_OFFERED}: {why}")
