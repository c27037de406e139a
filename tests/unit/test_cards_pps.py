"""PPS at the card's side: what it takes, what it takes less of, and what makes it mute."""

from __future__ import annotations

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.pps import DEFAULT_RATE, PpsCard, in_characters, offered_rate
from tillbench.host.cards.t0 import T0Card
from tillbench.host.cards.t1 import T1Card
from tillbench.host.devices.character_card import BlockCard, NegotiatingCard

FAST = "3B1013"
FAST_T1 = "3BF01300008131204536"
SELECT = bytes.fromhex("00A404000E")


def with_check(*characters: int) -> bytes:
    check = 0
    for each in characters:
        check ^= each
    return bytes([*characters, check])


def card(atr: str) -> CardProfile:
    profile = load_profile("visa-cda")
    return CardProfile.model_validate({**dict(profile), "atr": atr})


def inserted(atr: str = FAST) -> PpsCard:
    """A card that has just answered to reset."""
    found = in_characters(VirtualCard(card(atr)))
    assert isinstance(found, PpsCard)
    assert found.reset() == bytes.fromhex(atr)
    return found


@pytest.mark.parametrize(
    ("atr", "rate"),
    [
        ("3B600000", DEFAULT_RATE),
        (FAST, 0x13),
        (FAST_T1, 0x13),
        ("3B1018", 0x18),
        ("3B1095", DEFAULT_RATE),  # F=512, which this card does not do
        ("3B90131000", DEFAULT_RATE),  # TA2: the card has chosen
        ("3B101A", DEFAULT_RATE),  # reserved
    ],
)
def test_who_lets_the_reader_choose(atr: str, rate: int) -> None:
    assert offered_rate(bytes.fromhex(atr)) == rate


def test_a_card_without_a_choice_is_as_it_was() -> None:
    assert isinstance(in_characters(VirtualCard(card("3B600000"))), T0Card)
    assert isinstance(in_characters(VirtualCard(card("3BE00000813120" + "4535"))), T1Card)


def test_a_request_is_answered_and_the_card_goes_on() -> None:
    fast = inserted()
    request = with_check(0xFF, 0x10, 0x13)
    pieces = [piece for byte in request for piece in fast.receive(byte)]
    assert pieces == [(4, request)]
    assert (fast.d, fast.agreed) == (4, request)
    assert fast.receive(SELECT) == [(4, b"\xa4")]
    assert isinstance(fast, NegotiatingCard)
    assert fast.reset(cold=False) == bytes.fromhex(FAST)
    assert (fast.d, fast.agreed) == (1, b"")


@pytest.mark.parametrize("rate", [0x14, 0x95, 0x1A])
def test_more_than_was_offered_leaves_the_default(rate: int) -> None:
    fast = inserted()
    assert fast.receive(with_check(0xFF, 0x10, rate)) == [(4, with_check(0xFF, 0x00))]
    assert fast.d == 1


def test_less_than_was_offered_is_taken() -> None:
    fast = inserted("3B1018")
    assert fast.receive(with_check(0xFF, 0x10, 0x13)) == [(4, with_check(0xFF, 0x10, 0x13))]
    assert fast.d == 4


@pytest.mark.parametrize("request_", [bytes.fromhex("FF101300"), with_check(0xFF, 0x11, 0x13)])
def test_a_request_that_is_wrong_makes_it_mute_until_it_is_reset(request_: bytes) -> None:
    fast = inserted()
    assert fast.receive(request_) == []
    assert fast.receive(with_check(0xFF, 0x10, 0x13)) == []
    assert fast.receive(SELECT) == []
    fast.reset()
    assert fast.receive(SELECT) == [(4, b"\xa4")]


def test_it_is_only_taken_right_after_the_answer_to_reset() -> None:
    fast = inserted()
    fast.receive(bytes.fromhex("0084000000"))
    fast.receive(with_check(0xFF, 0x10, 0x13))
    assert fast.d == 1


def test_a_card_that_speaks_t1_behind_it() -> None:
    fast = inserted(FAST_T1)
    assert isinstance(fast, BlockCard)
    assert not isinstance(inserted(), BlockCard)
    request = with_check(0xFF, 0x11, 0x13)
    assert fast.receive(request) == [(4, request)]
    (piece,) = fast.receive(bytes.fromhex("00C101FE3E"))
    assert piece[1].hex() == "00e101fe1e"
