"""How a card comes into a sale: swiped, typed, or chip first and the stripe when the chip stays silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.terminal import Terminal
from tillbench.protocols.iso8583 import Message

from . import business, shop

STRIPE = "unionpay-stripe"


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One where everything is allowed that can be."""
    allowed: dict[str, str | int] = {"keyed_entry": 1, "fallback": 1}
    cards = (STRIPE, shop.UNIONPAY)
    with business.open_shop(tmp_path_factory.mktemp("entry"), *cards, settings=allowed) as terminal:
        yield terminal


def request(till: Terminal) -> Message:
    """The newest 0200."""
    found = till.acquirer.journal("0200")[-1].request
    assert found is not None
    return found


def test_swiped_with_pin(till: Terminal) -> None:
    shop.key_in(till)
    assert "OR SWIPE OR TYPE" in till.screen.text
    till.card.swipe(STRIPE, damaged=True)
    shop.wait(till, "SWIPE AGAIN")
    till.card.tap(STRIPE)
    shop.wait(till, "INSERT OR SWIPE")
    till.card.swipe(STRIPE)
    business.ask(till, "ENTER PIN", "123456")
    outcome = shop.finish(till, shop.wait(till, *shop.DECIDED))
    assert outcome.approved
    profile = load_profile(STRIPE)
    for slip in outcome.slips:
        assert profile.masked_pan + " S" in slip
        assert "PIN VERIFIED" in slip
        assert "AID" not in slip
    sent = request(till)
    assert sent.text(22) == "021"
    assert sent.text(35) == profile.stripe_track2.replace("=", "D")
    assert sent.text(60)[11:13] == "50"
    assert not {23, 55} & set(sent.fields)
    business.check_totals(till)


def test_a_wrong_pin_of_a_stripe(till: Terminal) -> None:
    shop.key_in(till)
    till.card.swipe(STRIPE)
    business.ask(till, "ENTER PIN", "654321")
    assert "WRONG PIN" in shop.finish(till, shop.wait(till, *shop.DECIDED)).screen
    assert till.acquirer.journal("0400") == []


def test_without_a_pin_where_that_is_allowed(till: Terminal) -> None:
    till.desk.ask({"settings": {"pin_bypass": 1}})
    shop.key_in(till)
    till.card.swipe(STRIPE)
    business.ask(till, "ENTER PIN", "")
    outcome = shop.finish(till, shop.wait(till, *shop.DECIDED))
    till.desk.ask({"settings": {"pin_bypass": 0}})
    assert outcome.approved
    assert "CARDHOLDER SIGNATURE" in outcome.slips[0]
    assert request(till).text(22) == "022"
    assert 52 not in request(till)


def test_a_card_with_a_chip_is_inserted(till: Terminal) -> None:
    shop.key_in(till)
    till.card.swipe(shop.UNIONPAY)
    shop.wait(till, "INSERT THE CHIP")
    till.card.swipe(shop.UNIONPAY)
    till.clock.advance(0.5)
    assert "INSERT THE CHIP" in till.screen.text, "the stripe is not asked for any more"
    assert "ENTER PIN" in shop.present(till)
    shop.enter_pin(till)
    assert shop.finish(till, shop.wait(till, *shop.DECIDED)).approved
    assert request(till).text(22) == "051"


def test_the_stripe_of_a_silent_chip(till: Terminal) -> None:
    card = VirtualCard(till.emulator.profile(shop.UNIONPAY))
    card.faults.wrong_atr(b"", b"")
    shop.key_in(till)
    till.card.insert(card)
    shop.wait(till, "REMOVE CARD")
    assert "CARD IS SILENT" in till.screen.text
    till.card.remove()
    shop.wait(till, "SWIPE CARD")
    till.card.swipe(shop.UNIONPAY)
    business.ask(till, "ENTER PIN", "123456")
    assert shop.finish(till, shop.wait(till, *shop.DECIDED)).approved
    assert request(till).text(22) == "021"
    assert request(till).text(60)[11:13] == "52", "the host is told that it is a fallback"


def test_typed(till: Terminal) -> None:
    pan = load_profile(STRIPE).pan
    shop.key_in(till)
    till.press(" ".join(pan[:-1]) + " ENTER")
    shop.wait(till, "CHECK THE DIGITS")
    till.press(f"{pan[-1]} ENTER")
    business.ask(till, "EXPIRY", "3012")
    outcome = shop.finish(till, shop.wait(till, *shop.DECIDED))
    assert outcome.approved
    assert " M\n" in outcome.slips[0]
    assert "CARDHOLDER SIGNATURE" in outcome.slips[0]
    sent = request(till)
    assert (sent.text(2), sent.text(14), sent.text(22)) == (pan, "3012", "012")
    assert not {35, 52, 53, 55} & set(sent.fields)
    business.check_totals(till)


def test_a_sale_by_stripe_is_voided_and_refunded_by_stripe(till: Terminal) -> None:
    sale = business.last(till, "sale")
    business.supervised(till, "VOID")
    business.ask(till, "VOUCHER NO", sale.stan)
    business.ask(till, "****", "")
    shop.wait(till, "INSERT CARD")
    till.card.swipe(STRIPE)
    assert shop.finish(till, shop.wait(till, *business.DECIDED)).approved
    assert request(till).text(22) == "022"
    business.check_totals(till)


def test_what_is_not_allowed_is_not_offered(till: Terminal) -> None:
    till.desk.ask({"settings": {"keyed_entry": 0, "fallback": 0}})
    shop.key_in(till)
    assert "OR SWIPE IT" in till.screen.text
    till.press("6 2")
    till.clock.advance(0.5)
    assert "CARD NUMBER" not in till.screen.text
    card = VirtualCard(till.emulator.profile(shop.UNIONPAY))
    card.faults.wrong_atr(b"", b"")
    till.card.insert(card)
    assert "CARD IS SILENT" in shop.finish(till, shop.wait(till, "NOT APPROVED")).screen
