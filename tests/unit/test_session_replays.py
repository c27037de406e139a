"""Sessions of a sample of the shipped cards at fresh inputs; every seeded change. `python -m tests.session_replays`
does all cards, many times."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.emv_run import KernelProcess
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Session
from tillbench.host.session.compare import semantic
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.replayed_terminal import ReplayedTerminal

from tests.session_replays.changes import CHANGES, Change
from tests.session_replays.replays import Bench, as_terminal, compared, no_clock

SAMPLE = (
    "unionpay-debit",
    "unionpay-dynamic-transaction-data",
    "visa-22",
    "visa-cryptogram-changed",
    "visa-cvm-enciphered-pin",
    "visa-issuer-authentication-fails",
    "visa-mute-at-generate-ac",
    "mastercard-15",
)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with KernelProcess() as kernel:
        yield Bench(kernel)


@pytest.fixture(scope="module")
def sessions(bench: Bench) -> dict[str, Session]:
    return {name: bench.record(name) for name in sorted({*SAMPLE, *(change.base for change in CHANGES)})}


@pytest.mark.parametrize("name", SAMPLE)
def test_nothing_differs_that_need_not(bench: Bench, sessions: dict[str, Session], name: str) -> None:
    rng = random.Random(f"7 {name}")
    differences, notes = bench.as_card(sessions[name], rng)
    assert (semantic(differences), notes) == ([], [])
    again, notes = as_terminal(sessions[name], rng)
    differences = compared(load_profile(name), sessions[name], again)
    assert (semantic(differences), notes) == ([], [])


def test_what_is_new_is_told_as_expected(bench: Bench, sessions: dict[str, Session]) -> None:
    differences, _notes = bench.as_card(sessions["visa-cda"], random.Random(3))
    tags = {item.tag for item in differences if item.kind == "expected"}
    assert {0x9F37, 0x9A, 0x9F02, 0x9F36, 0x9F4B, 0x91} <= tags


@pytest.mark.one_in(3)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name.replace(" ", "-"))
def test_a_change_that_means_something_is_found(sessions: dict[str, Session], change: Change) -> None:
    differences = change.apply(sessions[change.base], random.Random(change.name))
    assert change.is_found(differences), "\n".join(map(str, differences))


def test_there_are_enough_of_them() -> None:
    assert len(CHANGES) >= 50
    assert len({change.name for change in CHANGES}) == len(CHANGES)


def test_without_keys_it_plays_to_its_first_cryptogram(bench: Bench, sessions: dict[str, Session]) -> None:
    card = ReplayedCard(sessions["visa-cda"])
    recorder = Recorder(ServedCard(card), no_clock)
    terminal = ReplayedTerminal(sessions["visa-cda"])
    again = terminal.play(recorder)
    assert again.exchanges[-1].command.startswith("80AE")
    assert card.notes == ["the keys of this card are not known: it plays to its first cryptogram and no further"]


def test_an_issuer_that_is_not_the_cards_is_not_believed(sessions: dict[str, Session]) -> None:
    """EXTERNAL AUTHENTICATE of the replayed card checks the ARPC, as the recorded card did."""
    from tillbench.host.issuer import CardIssuer, IssuerKeys
    from tillbench.host.session.resigning import CardKeys

    profile = load_profile("visa-credit")
    card = ReplayedCard(sessions["visa-credit"], CardKeys.of(profile))
    stranger = CardIssuer(IssuerKeys(bytes(range(16))), profile.pan, profile.psn)
    terminal = ReplayedTerminal(sessions["visa-credit"], issuer=stranger)
    again = terminal.play(Recorder(ServedCard(card), no_clock))
    assert [one.response for one in again.exchanges if one.command.startswith("0082")] == ["6300"]


def test_a_card_that_asks_for_more_is_given_more(sessions: dict[str, Session]) -> None:
    """The lists of the card in the slot say where the values go, not those of the recorded one."""
    profile = load_profile("visa-credit")
    more = next(change for change in CHANGES if change.name == "CDOL1 asks more")
    assert more.card is not None
    card = VirtualCard(more.card(profile))
    again, _notes = as_terminal(sessions["visa-credit"], random.Random(1), card)
    first = next(one for one in again.exchanges if one.command.startswith("80AE"))
    assert int(first.command[8:10], 16) == 30  # bytes: one more than CDOL1 of the recorded card asks for
