"""A recorded card as a profile: the same card again, with test keys."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cards.profile import CardProfile
from tillbench.host.emv_run import KernelProcess, Order
from tillbench.host.emv_run.sale import sell
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Exchange, Header, Reset, Session, SessionError
from tillbench.host.session.compare import compare, semantic
from tillbench.host.session.filled_pan import filled_pan, is_luhn
from tillbench.host.session.masking import mask
from tillbench.host.session.personalise import personalise
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.replayed_terminal import Fresh, ReplayedTerminal
from tillbench.host.session.session_card import issuer_of

from tests.session_replays.replays import Bench, no_clock

ALIKE = (
    "unionpay-debit",
    "visa-cda",
    "visa-dda-own-ddol",
    "mastercard-15",
    "unionpay-static-hash",
    "unionpay-dynamic-trailer",
    "visa-half-atr",
    "visa-cvm-unknown-method",
    "visa-second-cryptogram-refused",
)
"""Of the 154 shipped cards 121 come out alike; what the others have, a recording or a profile cannot tell."""


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with KernelProcess() as kernel:
        yield Bench(kernel)


def made(session: Session, folder: Path) -> CardProfile:
    file = folder / "made.yaml"
    file.write_text(personalise(session, "made").text(), "utf-8")
    return load_profile(file)


@pytest.mark.parametrize("name", ALIKE)
def test_the_same_card_again(bench: Bench, tmp_path: Path, name: str) -> None:
    """The recorded terminal finds no difference in it, but keys."""
    session = bench.record(name)
    profile = made(session, tmp_path)
    terminal = ReplayedTerminal(
        session,
        Fresh(rng=random.Random(1)),
        issuer=issuer_of(profile),
        recorded_issuer=issuer_of(load_profile(name)),
        pin=profile.pin,
    )
    again = terminal.play(Recorder(ServedCard(VirtualCard(profile)), no_clock))
    assert semantic(compare(session, again)) == []
    assert terminal.notes == []


def test_a_masked_session_gets_a_test_pan_and_sells(bench: Bench, tmp_path: Path) -> None:
    session = mask(bench.record("visa-cda"))
    profile = made(session, tmp_path)
    assert (profile.pan[:6], profile.pan[-4:]) == ("476173", "2032")
    assert profile.pan != load_profile("visa-cda").pan
    assert is_luhn(profile.pan)
    result = sell(bench.kernel, profile, Order(amount=500)).result
    assert (result.outcome, result.tvr.hex()) == ("APPROVED_ONLINE", "0000040000")  # CDA is good, the PIN goes online


@pytest.mark.parametrize("pan", ["476173******2032", "6200000****0005", "3*****************7"])
def test_a_test_pan(pan: str) -> None:
    filled = filled_pan(pan + "F" * (len(pan) % 2))
    assert is_luhn(filled)
    assert len(filled) == len(pan)
    assert all(a == b for a, b in zip(pan, filled, strict=True) if a != "*")


def test_a_pan_that_is_told_is_kept() -> None:
    assert filled_pan("4761739001012032") == "4761739001012032"


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([], "expected an application whose records were read"),
        ([Reset(atr="3B600000"), Exchange(command="00A4040000", response="6A82")], "expected an application"),
        (
            [
                Exchange(command="00A4040007D2760001240102", response="6F009000"),
                Exchange(command="80A8000002830000", response="8006000008010100" + "9000"),
                Exchange(command="00B2010C00", response="70035F3400" + "9000"),
            ],
            "AID D2760001240102: expected one of a scheme that is known here",
        ),
    ],
)
def test_what_is_no_card_is_refused(events: list[Exchange | Reset], words: str) -> None:
    with pytest.raises(SessionError) as error:
        personalise(Session(Header(), list(events)), "made")
    assert words in str(error.value)
