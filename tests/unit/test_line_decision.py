"""Which message meets which fault: from seed, connection, way and number alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tillbench.host.line.decision import Chooser, Decision
from tillbench.host.line.scenario import Rule, Scenario, ScenarioError, Way, load_scenario

SIZE = 240
EVERYTHING = Rule.model_validate(
    {"drop": 0.1, "reset": 0.02, "half_close": 0.02}
    | dict.fromkeys(("duplicate", "delay", "reorder", "merge", "split", "flip"), 0.2)
)


def decisions(
    scenario: Scenario, seed: int = 7, connection: int = 1, way: Way = Way.TO_HOST, count: int = 400
) -> list[Decision]:
    chooser = Chooser(scenario, seed, connection, way)
    return [chooser.decide(number, "0200", SIZE) for number in range(1, count + 1)]


def one(**rule: object) -> Scenario:
    return Scenario.model_validate({"rules": [rule]})


def test_same_seed_same_decisions() -> None:
    scenario = Scenario(rules=(EVERYTHING,))
    assert decisions(scenario) == decisions(scenario)
    assert decisions(scenario) != decisions(scenario, seed=8)
    assert decisions(scenario) != decisions(scenario, connection=2)
    assert decisions(scenario) != decisions(scenario, way=Way.TO_TERMINAL)


def test_each_fault_comes_about_as_often_as_asked() -> None:
    found = decisions(Scenario(rules=(EVERYTHING,)), count=2000)
    assert 150 < sum(decision.drop for decision in found) < 250
    assert 20 < sum(decision.reset for decision in found) < 70
    assert 300 < sum(decision.copies == 2 for decision in found) < 500
    assert 300 < sum(bool(decision.flips) for decision in found) < 500


def test_another_fault_leaves_the_first_where_it_was() -> None:
    drops = [decision.drop for decision in decisions(one(drop=0.1))]
    assert drops == [decision.drop for decision in decisions(one(drop=0.1, flip=0.5, delay=0.5))]
    assert any(drops)


@given(st.integers(1, 4000), st.integers(2, 64), st.integers(1, 64), st.integers(0, 5000))
def test_cuts_and_flips_stay_inside_the_frame(size: int, pieces: int, bits: int, skip: int) -> None:
    scenario = one(split={"pieces": pieces}, flip={"bits": bits, "skip": skip})
    decision = Chooser(scenario, 1, 1, Way.TO_HOST).decide(1, "0200", size)
    assert len(decision.cuts) == min(pieces, size) - 1 == len(set(decision.cuts))
    assert all(0 < cut < size for cut in decision.cuts)
    assert len(decision.flips) == min(bits, max(0, size - skip) * 8)
    assert all(skip * 8 <= bit < size * 8 for bit in decision.flips)


def test_a_rule_is_for_its_class_way_and_numbers() -> None:
    scenario = one(message="0210", way="to-terminal", messages=[2, 3], drop=1)
    there, back = Chooser(scenario, 1, 1, Way.TO_HOST), Chooser(scenario, 1, 1, Way.TO_TERMINAL)
    kinds = ["0810", "0210", "0210", "0210", "0210"]
    assert not any(there.decide(number, kind, SIZE).drop for number, kind in enumerate(kinds, 1))
    dropped = [back.decide(number, kind, SIZE).drop for number, kind in enumerate(kinds, 1)]
    assert dropped == [False, False, True, True, False]


def test_words_tell_what_is_done() -> None:
    assert Decision(drop=True, delay_us=3).words == ["drop"]
    assert Decision(copies=2, delay_us=1500, cuts=(3, 9), gap_us=20, flips=(8,)).words == [
        "flip bits 8",
        "split at 3, 9, 20 us apart",
        "2 copies",
        "delay 1500 us",
    ]


GOOD = """
baud: 1200
rules:
  - message: "0210"
    way: to-terminal
    delay: {chance: 0.1, ms: [50, 3000]}
  - drop: 0.05
    duplicate: 0.05
    delay: {ms: 20}
"""


def test_a_scenario_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD)
    scenario = load_scenario(file)
    assert scenario.baud == 1200
    first, second = scenario.rules
    assert first.delay is not None
    assert (first.message, first.way, first.delay.chance, first.delay.ms) == ("0210", Way.TO_TERMINAL, 0.1, (50, 3000))
    assert second.duplicate is not None
    assert second.delay is not None
    assert (second.drop, second.duplicate.chance, second.delay.chance, second.delay.ms) == (0.05, 0.05, 1.0, (20, 20))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules:\n  - drop: 2\n", "bad.yaml:2: rules.0.drop: Input should be less than or equal to 1"),
        ("rules:\n  - way: up\n", "bad.yaml:2: rules.0.way: Input should be 'to-host' or 'to-terminal'"),
        ("rules:\n  - dorp: 1\n", "bad.yaml:2: rules.0.dorp: Extra inputs are not permitted"),
        ("baud: 10\n", "bad.yaml:1: baud: Input should be greater than or equal to 50"),
        (
            "rules:\n  - delay:\n      ms: [9, 1]\n",
            "bad.yaml:3: rules.0.delay: Value error, expected a range from low to high, found 9 to 1",
        ),
        ("rules: [", "bad.yaml:2: did not find expected node content"),
    ],
)
def test_a_bad_file_is_told_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert problem in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        load_scenario(tmp_path / "none.yaml")


def test_rules_are_frozen() -> None:
    with pytest.raises(ValidationError):
        EVERYTHING.drop = 0.5
