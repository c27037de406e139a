"""What is asked beside the rest: about a part that is approved, the account, the same sale once more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.terminal import Terminal

from . import business, shop

POOR = "unionpay-poor"
"""Has 1.00."""


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    allowed: dict[str, str | int] = {"partial_approval": 1}
    with business.open_shop(tmp_path_factory.mktemp("choices"), POOR, shop.UNIONPAY, settings=allowed) as terminal:
        yield terminal


def ask_too_much(till: Terminal) -> None:
    shop.key_in(till, 300)
    shop.present(till, POOR)
    shop.enter_pin(till)
    shown = shop.wait(till, "PARTLY APPROVED", *shop.DECIDED)
    assert "RMB 1.00" in shown
    assert "OF RMB 3.00" in shown


def test_a_part_that_is_refused_is_reversed(till: Terminal) -> None:
    ask_too_much(till)
    till.press("CANCEL")
    assert "REVERSED" in shop.finish(till, shop.wait(till, *shop.DECIDED)).screen
    reversal = till.acquirer.expect("0400", code="00", count=1).request
    assert reversal is not None
    assert (reversal.text(4), reversal.text(39)) == ("000000000300", "06")
    assert business.check_totals(till) == {}


def test_a_part_that_is_taken_is_the_sale(till: Terminal) -> None:
    ask_too_much(till)
    till.press("ENTER")
    outcome = shop.finish(till, shop.wait(till, *shop.DECIDED))
    assert outcome.approved
    assert "RMB 1.00" in outcome.screen
    for slip in outcome.slips:
        assert "RMB 1.00" in slip
        assert "AMOUNT ASKED:" in slip
        assert "3.00" in slip
    request = till.acquirer.journal("0200")[-1].request
    assert request is not None
    assert request.text(60)[13] == "1"
    assert business.check_totals(till) == {"sale": [1, 100]}
    sale = business.last(till, "sale")
    assert shop.finish(till, business.void(till, sale.stan, POOR)).approved
    assert business.check_totals(till) == {}


def test_the_same_sale_once_more_is_asked_about(till: Terminal) -> None:
    till.desk.ask({"settings": {"repeat_minutes": 5}})
    assert shop.sell(till, amount=777).approved
    requests = len(till.acquirer.journal("0200"))
    shop.key_in(till, 777)
    till.card.insert(shop.UNIONPAY)
    shop.wait(till, "SAME ONCE MORE?")
    till.press("CANCEL")
    assert "CANCELLED" in shop.finish(till, shop.wait(till, "NOT APPROVED")).screen
    assert len(till.acquirer.journal("0200")) == requests
    shop.key_in(till, 777)
    till.card.insert(shop.UNIONPAY)
    shop.wait(till, "SAME ONCE MORE?")
    till.press("ENTER")
    shop.wait(till, "ENTER PIN")
    shop.enter_pin(till)
    assert shop.finish(till, shop.wait(till, *shop.DECIDED)).approved
    till.clock.advance(301)
    shop.idle(till)
    assert shop.sell(till, amount=777).approved, "after five minutes nobody asks"
    till.desk.ask({"settings": {"repeat_minutes": 0}})


def test_the_account_is_chosen(till: Terminal) -> None:
    till.desk.ask({"settings": {"account_choice": 1}})
    shop.press(till, "1 0 0 ENTER")
    shop.wait(till, "ACCOUNT")
    till.press("2")
    shop.wait(till, "INSERT CARD")
    shop.present(till)
    shop.enter_pin(till)
    outcome = shop.finish(till, shop.wait(till, *shop.DECIDED))
    till.desk.ask({"settings": {"account_choice": 0}})
    assert outcome.approved
    assert "CREDIT" in outcome.slips[0]
    request = till.acquirer.journal("0200")[-1].request
    assert request is not None
    assert request.text(3) == "000000", "this dialect has no accounts in its processing codes"


def test_a_completion_is_told_later(till: Terminal) -> None:
    assert shop.finish(till, business.hold(till, 500)).approved
    held = business.last(till, "preauth")
    outcome = shop.finish(till, business.complete_later(till, held, 500))
    assert outcome.approved
    assert (held.authorisation_code or "-") in outcome.slips[0]
    till.desk.ask({"settings": {"advices_at_once": 1}})
    assert shop.sell(till, amount=1).approved
    advice = till.acquirer.expect("0220", code="00", count=1).request
    assert advice is not None
    assert (advice.text(60)[:2], advice.text(38)) == ("24", held.authorisation_code)
    assert business.check_totals(till)["completion_advice"] == [1, 500]
    assert load_profile(shop.UNIONPAY).balance - shop.balance(till) > 500
