"""The sale, from the first key to the torn-off slip: who pays what, how the cardholder is verified, why not."""

from __future__ import annotations

import pytest
from tillbench.host.cards import CardProfile
from tillbench.host.terminal import Terminal

from . import shop

PIN_MODE, NO_PIN_MODE = "051", "052"  # F22: chip with contacts, PIN entered or not


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    return None  # every card that is shipped


@pytest.mark.parametrize(("card", "amount"), [(shop.UNIONPAY, 1234), (shop.VISA, 1), (shop.UNIONPAY, 1_000_000)])
def test_approved(terminal: Terminal, card: str, amount: int) -> None:
    before = shop.balance(terminal, card)
    outcome = shop.sell(terminal, card, amount)
    price = f"RMB {amount // 100}.{amount % 100:02d}"
    assert outcome.approved
    assert price in outcome.screen
    merchant, cardholder = outcome.slips
    assert "MERCHANT COPY" in merchant
    assert "CARDHOLDER COPY" in cardholder
    profile = terminal.emulator.profile(card)
    for slip in outcome.slips:
        assert price in slip
        assert profile.masked_pan in slip
        assert "PIN VERIFIED" in slip
        assert "TC:" in slip
    exchange = terminal.acquirer.expect("0200", code="00", count=1)
    assert exchange.request is not None
    assert exchange.request.text(4) == f"{amount:012d}"
    assert exchange.request.text(22) == PIN_MODE
    sale = shop.only_sale(terminal)
    assert sale.authorisation_code
    assert sale.authorisation_code in outcome.screen
    assert (sale.booked, sale.stan, sale.masked_pan) == (-amount, 2, profile.masked_pan)
    assert shop.balance(terminal, card) == before - amount
    shop.check_books(terminal)


def test_one_sale_after_the_other(terminal: Terminal) -> None:
    for card, amount in ((shop.UNIONPAY, 100), (shop.VISA, 250), (shop.UNIONPAY, 1)):
        assert shop.sell(terminal, card, amount).approved
    assert shop.movements(terminal) == [("sale", -100), ("sale", -250), ("sale", -1)]
    assert shop.stans(terminal) == ["000001", "000002", "000003", "000004"]
    assert terminal.acquirer.journal("0400") == []
    assert (shop.spent(terminal), shop.spent(terminal, shop.VISA)) == (101, 250)
    shop.check_books(terminal)


@pytest.mark.parametrize(("choice", "aid", "label"), [("1", "01", "UnionPay Debit"), ("2", "02", "UnionPay Credit")])
def test_application_chosen(terminal: Terminal, choice: str, aid: str, label: str) -> None:
    outcome = shop.sell(terminal, "multi-app", 500, application=choice)
    assert outcome.approved
    assert label in outcome.slips[0]
    assert f"A0000003330101{aid}" in outcome.slips[0]
    assert shop.spent(terminal, "multi-app") == 500


def test_application_chosen_with_arrows(terminal: Terminal) -> None:
    outcome = shop.sell(terminal, "multi-app", 500, application="DOWN DOWN UP DOWN ENTER")
    assert "UnionPay Credit" in outcome.slips[0]


@pytest.mark.parametrize(
    ("card", "merchant_says", "cardholder_says"),
    [
        ("visa-signature", "CARDHOLDER SIGNATURE", None),
        ("visa-no-cvm", "NO SIGNATURE REQUIRED", "NO SIGNATURE REQUIRED"),
    ],
)
def test_without_pin(terminal: Terminal, card: str, merchant_says: str, cardholder_says: str | None) -> None:
    outcome = shop.sell(terminal, card, 900)
    assert outcome.approved
    merchant, cardholder = outcome.slips
    assert merchant_says in merchant
    assert "PIN VERIFIED" not in merchant + cardholder
    assert cardholder_says is None or cardholder_says in cardholder
    assert cardholder_says is not None or "SIGNATURE" not in cardholder
    request = terminal.acquirer.expect("0200", code="00", count=1).request
    assert request is not None
    assert request.text(22) == NO_PIN_MODE
    assert 52 not in request
    assert not any("ENTER PIN" in frame.text for frame in terminal.screen.frames)
    assert shop.spent(terminal, card) == 900
    shop.check_books(terminal)


@pytest.mark.one_in(3)
@pytest.mark.parametrize(
    ("card", "code", "text"),
    [
        ("unionpay-poor", "51", "LOW FUNDS"),
        ("visa-poor", "51", "LOW FUNDS"),
        ("unionpay-blocked", "05", "NOT HONOURED"),
        ("visa-blocked", "05", "NOT HONOURED"),
        ("unionpay-unknown", "14", "INVALID CARD"),
        ("visa-unknown", "14", "INVALID CARD"),
        ("unionpay-expired", "54", "EXPIRED CARD"),
    ],
)
def test_declined_by_the_issuer(terminal: Terminal, card: str, code: str, text: str) -> None:
    outcome = shop.sell(terminal, card)
    assert outcome.screen.split("\n")[0].strip() == "DECLINED"
    assert text in outcome.screen
    assert code in outcome.screen
    assert outcome.slips == ()
    assert terminal.emulator.printer.receipts() == []
    terminal.acquirer.expect("0200", code=code, count=1)
    assert terminal.acquirer.journal("0400") == []
    assert shop.movements(terminal) == [("sale", 0)]
    shop.check_books(terminal)
    assert shop.sell(terminal, shop.UNIONPAY).approved


def test_wrong_pin_until_the_tries_are_used_up(terminal: Terminal) -> None:
    ledger, pan = terminal.acquirer.ledger, terminal.emulator.profile(shop.UNIONPAY).pan
    for left in (2, 1, 0):
        assert "WRONG PIN" in shop.sell(terminal, pin="654321").screen
        terminal.acquirer.expect("0200", code="55", count=3 - left)
        assert ledger.card(pan).pin_tries_left == left
    assert "PIN TRIES OVER" in shop.sell(terminal).screen
    terminal.acquirer.expect("0200", code="75", count=1)
    assert shop.movements(terminal) == [("sale", 0)] * 4
    assert shop.spent(terminal) == 0
    shop.check_books(terminal)


def test_a_right_pin_gives_the_tries_back(terminal: Terminal) -> None:
    pan = terminal.emulator.profile(shop.VISA).pan
    assert "WRONG PIN" in shop.sell(terminal, shop.VISA, pin="9999").screen
    assert shop.sell(terminal, shop.VISA).approved
    assert terminal.acquirer.ledger.card(pan).pin_tries_left == 3


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("card", "text"),
    [
        ("visa-decline-1gac", "CARD DECLINED"),
        ("visa-atm-only", None),
        ("unionpay-app-blocked", None),
        ("unionpay-card-blocked", None),
    ],
)
def test_ended_by_the_card_before_the_host_hears_of_it(terminal: Terminal, card: str, text: str | None) -> None:
    outcome = shop.sell(terminal, card)
    assert "NOT APPROVED" in outcome.screen
    assert text is None or text in outcome.screen
    assert terminal.acquirer.journal("0200") == []
    assert shop.movements(terminal) == []
    assert shop.sell(terminal, shop.UNIONPAY).approved


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    "card", ["unionpay-no-pse", "unionpay-confirm", "visa-cdol2", "visa-not-effective", "visa-velocity"]
)
def test_odd_cards_that_are_good(terminal: Terminal, card: str) -> None:
    assert shop.sell(terminal, card, 777).approved
    assert shop.spent(terminal, card) == 777


def test_a_host_that_declines_for_a_reason_of_its_own(terminal: Terminal) -> None:
    terminal.acquirer.rules.answer("0200", "61")
    assert "AMOUNT LIMIT" in shop.sell(terminal).screen
    assert shop.movements(terminal) == [("sale", 0)]
    assert shop.spent(terminal) == 0


def test_an_answer_that_is_neither_yes_nor_no_is_reversed(terminal: Terminal) -> None:
    terminal.acquirer.rules.answer("0200", "A2")
    outcome = shop.sell(terminal)
    assert "NOT APPROVED" in outcome.screen
    assert "ANSWER UNCLEAR" in outcome.screen
    request = terminal.acquirer.expect("0400", code="00", count=1).request
    assert request is not None
    assert request.text(39) == "06"
    assert shop.spent(terminal) == 0
