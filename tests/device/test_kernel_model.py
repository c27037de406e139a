"""The kernel against the model of `tests/emv_model`: random cards and terminals, mutants, hostile cards.

Samples; `python -m tests.emv_model`, part of `make long`, runs 20,000 scenarios, every mutant, 10,000 hostile sessions.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench

from ..emv_model.compare import Case
from ..emv_model.hostile import sessions
from ..emv_model.mutants import DECISIONS, STUBS, device, first_difference
from ..emv_model.scenario import Scenario, make

BATCHES = 4
SCENARIOS = 250
"""In a batch on the Unix port; on slower ones a tenth of it, in which not everything happens."""
SAMPLE = (
    *("equal-counters-pass", "expired-on-its-last-day", "signature-counts-as-success"),
    *("dda-before-cda", "y3-and-z3-exchanged", "card-blocked", "second-occurrence", "pin-blocked", "cryptogram-raised"),
)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """The generator of `emv_model.scenario`, its choices drawn and shrunk by hypothesis."""

    def pick(options: Sequence[Any]) -> Any:
        return draw(st.sampled_from(options))

    return make(pick)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("batch", range(BATCHES))
def test_kernel_and_model_agree(shared_device: Bench, device_target: str, batch: int) -> None:
    """Outcome, TVR, TSI, CVM Results, response code, script results, and every command byte for byte."""
    outcomes: Counter[str] = Counter()
    count = SCENARIOS if device_target == "unix" else SCENARIOS // 10
    for number in range(count):
        case = Case(make(random.Random(f"batch {batch}/{number}").choice))
        outcomes[str(case.expected["outcome"])] += 1
        assert case.differences(shared_device) == [], f"batch {batch}/{number}"
    everything = {"APPROVED_OFFLINE", "APPROVED_ONLINE", "DECLINED", "NOT_ACCEPTED", "TERMINATED"}
    assert count < SCENARIOS or everything <= set(outcomes)


@settings(max_examples=40, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios())
def test_the_smallest_disagreement(shared_device: Bench, scenario: Scenario) -> None:
    """The same, drawn by hypothesis: what fails here is shown with as little as it takes."""
    assert Case(scenario).differences(shared_device) == []


@pytest.mark.one_in(2)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_mutant_is_found(tmp_path: Path, name: str, cases: list[Case]) -> None:
    (mutant,) = [mutant for mutant in DECISIONS + STUBS if mutant.name == name]
    assert first_difference(mutant, tmp_path, cases, 400) is not None


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return []


def test_every_mutant_still_applies() -> None:
    """A kernel that has changed needs its mutants changed: each one's text is there, once."""
    assert len(DECISIONS) >= 30
    names = [mutant.name for mutant in DECISIONS + STUBS]
    assert len(set(names)) == len(names)
    for mutant in DECISIONS + STUBS:
        compile(mutant.source(), mutant.file, "exec")


def test_hostile_cards(shared_device: Bench) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(15):
        outcomes += sessions(shared_device, f"sample {number}", 20)
    assert len(outcomes) >= 5


def test_hostile_cards_leave_nothing_behind(tmp_path: Path) -> None:
    with device(tmp_path) as bench:
        # Everything is loaded after some of them.
        for number in range(8):
            sessions(bench, f"growth {number}", 20)
        before = bench.call("kernel_probe:heap")
        for number in range(8):
            sessions(bench, f"growth {number}", 20)
        assert bench.call("kernel_probe:heap") <= before + 256
