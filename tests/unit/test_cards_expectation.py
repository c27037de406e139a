"""What a profile says is to come: its checks, its words; every shipped card has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tillbench.host.cards import ProfileError, T1Card, VirtualCard, load_profile, profile_names
from tillbench.host.cards.expectation import TVR_BITS, Expectation, tvr_names


@pytest.mark.parametrize("shelf", ["till", "lab"])
def test_every_shipped_card_states_it(shelf: str) -> None:
    assert [name for name in profile_names(shelf) if load_profile(name).expect is None] == []


def test_the_shelf_has_every_kind() -> None:
    expected = [load_profile(name).expect for shelf in ("till", "lab") for name in profile_names(shelf)]
    outcomes = {item.outcome for item in expected if item}
    assert outcomes == set(Expectation.model_fields["outcome"].annotation.__args__)  # type: ignore[union-attr]  # it is there
    terminal_matters = {"on-exception-file", "selected-at-random", "forced-online", "pin-pad-missing", "default-tdol"}
    scripts = {"script-failed-before", "script-failed-after"}  # the bench's issuer sends none of its own accord
    seen = {name for item in expected if item for name in item.tvr}
    assert set(TVR_BITS) - seen - terminal_matters - scripts == {"over-floor-limit"}


def test_it_is_not_inherited(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: visa-credit\nname: mine\nbalance: 0\n")
    assert load_profile(path).expect is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{outcome: perhaps}", "expect.outcome: Input should be 'approved-online', "),
        ("{outcome: approved-online, code: '51'}", "expect.code: approved-online: expected 00 (found '51')"),
        ("{outcome: declined-online, code: '00'}", "expect.code: declined-online: expected the host's response code"),
        ("{outcome: declined-online}", "expect.code: declined-online: expected the host's response code, not 00"),
        ("{outcome: declined-offline}", "expect.code: declined-offline: expected Z1 or Z3"),
        ("{outcome: use-stripe, code: Z1}", "expect.code: use-stripe: expected none (found 'Z1')"),
        ("{outcome: terminated, tvr: sda-fialed}", "expect.tvr: no TVR bit is called sda-fialed; they are no-offline-"),
        ("{outcome: terminated, pin: maybe}", "expect.pin: Input should be 'right', 'wrong' or 'none'"),
        ("{outcome: terminated, amount: -1}", "expect.amount: Input should be greater than or equal to 0"),
        ("{outcome: terminated, sum: 1}", "expect.sum: Extra inputs are not permitted"),
    ],
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: visa-credit\nname: mine\nexpect: {line}\n")
    with pytest.raises(ProfileError) as error:
        load_profile(path)
    assert error.value.problems[0].startswith(f"mine.yaml:3: {problem}")


@pytest.mark.parametrize(
    ("fields", "reversal"),
    [
        ({"outcome": "approved-online", "code": "00"}, False),
        ({"outcome": "declined-by-card", "code": "00"}, True),
        ({"outcome": "terminated", "code": "00"}, True),
        ({"outcome": "terminated"}, False),
        ({"outcome": "declined-online", "code": "51"}, False),
    ],
)
def test_whether_a_reversal_follows(fields: dict[str, Any], reversal: bool) -> None:
    assert Expectation(**fields).reversal is reversal


@given(st.sets(st.sampled_from(sorted(TVR_BITS))))
def test_names_and_bits_are_one(names: set[str]) -> None:
    expectation = Expectation(outcome="terminated", tvr=" ".join(names))  # type: ignore[arg-type]  # pydantic reads the names
    assert set(tvr_names(expectation.tvr_value)) == names
    assert len(TVR_BITS) == len(set(TVR_BITS.values()))


def test_reserved_bits_have_their_place_for_a_name() -> None:
    assert tvr_names(bytes.fromhex("0100030000")) == ["1-1", "3-2", "3-1"]


def test_in_words() -> None:
    assert str(load_profile("visa-poor").expect) == "declined-online 51, TVR 8000040000"
    with pytest.raises(ValidationError):
        Expectation(outcome="terminated", host="busy")  # type: ignore[arg-type]  # what is refused


def test_a_card_of_t_1_behaves_as_its_profile_says() -> None:
    assert T1Card(VirtualCard(load_profile("unionpay-wtx"))).options.wtx == 3
    assert T1Card(VirtualCard(load_profile("visa-small-blocks"))).options.ifsc == 16
