"""A sale is taken back: once, as a whole, by the supervisor, with the card that paid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.terminal import Terminal

from . import business, shop


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with business.open_shop(tmp_path_factory.mktemp("void"), shop.UNIONPAY, shop.VISA) as terminal:
        yield terminal


def test_a_sale_is_voided_once(till: Terminal) -> None:
    assert shop.sell(till).approved
    sale = business.last(till, "sale")
    outcome = shop.finish(till, business.void(till, sale.stan))
    assert outcome.approved
    for slip in outcome.slips:
        assert "VOID" in slip
        assert f"{sale.stan:06}" in slip
        assert "RMB 12.34" in slip
        assert "TC:" not in slip
    request = till.acquirer.expect("0200", code="00", count=2).request
    assert request is not None
    assert (request.text(3), request.text(60)[:2], request.text(4)) == ("200000", "23", "000000001234")
    assert request.text(61) == f"{sale.batch:06}{sale.stan:06}{sale.at:%m%d}"
    assert (request.text(37), request.text(38)) == (sale.rrn, sale.authorisation_code)
    assert 55 not in request, "the card is read, and asked for no cryptogram"
    assert 52 not in request
    assert shop.spent(till) == 0
    assert business.check_totals(till) == {}

    assert "ALREADY VOIDED" in business.void(till, sale.stan)
    shop.idle(till)
    assert "NOT VOIDABLE" in business.void(till, sale.stan + 1), "a void is no sale"
    shop.idle(till)
    assert "NO SUCH SLIP" in business.void(till, 999_999)
    shop.idle(till)
    till.menu("PRINT", "DETAIL LIST")
    assert "VOIDED" in till.receipt().text
    shop.idle(till)


def test_another_card_gets_nothing(till: Terminal) -> None:
    assert shop.sell(till).approved
    stan = business.last(till, "sale").stan
    before = shop.movements(till)
    outcome = shop.finish(till, business.void(till, stan, shop.VISA))
    assert "ANOTHER CARD" in outcome.screen
    assert shop.movements(till) == before
    assert business.check_totals(till) == {"sale": [1, shop.AMOUNT]}


def test_a_void_that_is_not_answered_is_reversed_and_the_sale_stands(till: Terminal) -> None:
    stan = business.last(till, "sale").stan
    till.acquirer.rules.silence("0200")
    outcome = shop.finish(till, business.void(till, stan))
    assert "REVERSED" in outcome.screen
    assert outcome.slips == ()
    assert shop.movements(till)[-2:] == [("void", shop.AMOUNT), ("reversal", -shop.AMOUNT)]
    reversal = till.acquirer.journal("0400")[-1].request
    void = till.acquirer.journal("0200")[-1].request
    assert reversal is not None
    assert void is not None
    for field in (2, 3, 4, 11, 22, 25, 60, 61):
        assert reversal.fields[field] == void.fields[field], f"field {field}"
    assert business.check_totals(till) == {"sale": [1, shop.AMOUNT]}


def test_what_the_host_declines_stands(till: Terminal) -> None:
    till.acquirer.rules.answer("0200", "22")
    assert "DECLINED" in shop.finish(till, business.void(till, business.last(till, "sale").stan)).screen
    assert business.check_totals(till) == {"sale": [1, shop.AMOUNT]}


@pytest.mark.parametrize("step", ["SUPERVISOR PASS", "VOUCHER NO", "****", "INSERT CARD"])
def test_cancelled_at_any_step(till: Terminal, step: str) -> None:
    sale = business.last(till, "sale")
    exchanges = len(till.acquirer.journal())
    till.menu("VOID")
    for question, answer in (("SUPERVISOR PASS", "123456"), ("VOUCHER NO", str(sale.stan)), ("****", "")):
        if question == step:
            break
        business.ask(till, question, answer)
    shop.wait(till, step)
    till.press("CANCEL")
    shop.wait(till, "CANCELLED")
    shop.idle(till)
    assert len(till.acquirer.journal()) == exchanges


def test_without_the_card_when_that_is_allowed(till: Terminal) -> None:
    sale = business.last(till, "sale")
    till.desk.ask({"settings": {"void_card": 0}})
    business.supervised(till, "VOID")
    business.ask(till, "VOUCHER NO", sale.stan)
    business.ask(till, "****", "")
    assert shop.finish(till, shop.wait(till, *business.DECIDED)).approved
    assert till.acquirer.journal("0200")[-1].request.text(22) == "012"  # type: ignore[union-attr]  # it is there
    assert business.check_totals(till) == {}


def test_after_a_sign_on_in_the_middle_of_a_batch(till: Terminal) -> None:
    """The host has given another batch number; the sale of before is in the same journal."""
    till.desk.ask({"settings": {"void_card": 1}})
    assert shop.sell(till, amount=700).approved
    sale = business.last(till, "sale")
    till.menu("MANAGEMENT", "SIGN ON")
    shop.wait(till, "SIGNED ON")
    till.press("ENTER")
    shop.idle(till)
    assert till.desk.ask({"info": {}})["batch"] != sale.batch
    before = business.check_totals(till)
    assert shop.finish(till, business.void(till, sale.stan)).approved
    assert business.check_totals(till) != before
