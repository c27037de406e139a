"""Sampling at a desk: what is marked is left out now and then, nothing for ever, and nothing else."""

from __future__ import annotations

import pytest

from tests.sample import is_drawn

FIRMWARES = [f"{number:012x}" for number in range(60)]


@pytest.mark.one_in(3)
@pytest.mark.parametrize("case", range(8))
def test_each_case_has_its_turn(request: pytest.FixtureRequest, case: int) -> None:
    del case
    drawn = sum(is_drawn(request.node, firmware) for firmware in FIRMWARES)
    assert len(FIRMWARES) / 6 < drawn < len(FIRMWARES) / 2


def test_what_is_not_marked_is_always_there(request: pytest.FixtureRequest) -> None:
    assert all(is_drawn(request.node, firmware) for firmware in FIRMWARES)
