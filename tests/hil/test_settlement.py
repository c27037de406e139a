"""The batch ends: totals beside the host's, the upload, an imbalance and its repair, interruptions, the batch after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule
from tillbench.host.acquirer.schema import Settlement
from tillbench.host.cards import load_profile
from tillbench.host.day.agreement import differences
from tillbench.host.terminal import Terminal

from . import business, shop

CARD = load_profile(shop.UNIONPAY)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    cards = (shop.UNIONPAY, shop.VISA, "unionpay-decline-2gac")
    with business.open_shop(tmp_path_factory.mktemp("settle"), *cards) as terminal:
        yield terminal


def uploaded(terminal: Terminal) -> list[str]:
    """Message types of a settlement, with the network code or the type of an advice."""
    found = []
    for e in terminal.acquirer.journal():
        if e.mti in ("0500", "0320") and e.request:
            codes = e.request.text(60)
            found.append(f"{e.mti} {codes[8:11] if codes[:2] == '00' else codes[:2]}")
    return found


def last_settlement(terminal: Terminal) -> Settlement:
    return business.settlements(terminal)[-1]


def test_a_day_that_balances(till: Terminal) -> None:
    assert shop.sell(till, amount=10000).approved
    sale = business.last(till, "sale")
    assert shop.sell(till, amount=2000).approved
    shop.finish(till, business.void(till, business.last(till, "sale").stan))
    assert shop.sell(till, shop.VISA, 4000).approved
    shop.finish(till, business.refund(till, sale.rrn, "1123", 1000))
    assert shop.sell(till, amount=5000).approved
    assert business.change(till, "TIP", business.last(till, "sale").stan, 500).approved
    assert business.offline_sale(till, CARD.pan, 300).approved
    assert not shop.sell(till, "unionpay-decline-2gac", 900).approved
    batch = till.desk.ask({"info": {}})["batch"]

    slip = business.settle(till)
    assert "DOMESTIC:               BALANCED" in slip
    assert "FOREIGN:                BALANCED" in slip
    assert "DR    3:                  158.00" in slip
    assert "CR    1:                   10.00" in slip
    assert "DR    1:                   40.00" in slip
    settlement = last_settlement(till)
    assert (settlement.state, settlement.flag_domestic, settlement.flag_foreign) == ("closed", 1, 1)
    # Three sales with their certificates, one of a foreign card; the one that the card refused; the end.
    assert uploaded(till) == ["0500 201", "0320 203", "0320 205", "0320 203", "0320 204", "0320 207"]
    assert till.desk.ask({"info": {}})["batch"] == batch + 1
    assert till.desk.ask({"journal": {}})["count"] == 0
    assert till.acquirer.ledger.terminal("12345678").batch == batch + 1
    assert till.acquirer.ledger.faults() == []

    till.menu("PRINT", "LAST TOTALS")
    again = till.receipt().text.split("\n")
    assert [line for line in again if "DUPLICATE" not in line] == slip.split("\n")
    assert len(again) == len(slip.split("\n")) + 1
    shop.idle(till)
    till.menu("PRINT", "LAST BATCH")
    assert f"{sale.stan:06} SALE:" in till.receipt().text
    shop.idle(till)
    till.menu("SETTLEMENT")
    shop.wait(till, "BATCH IS EMPTY")
    till.press("ENTER")
    shop.idle(till)


def test_an_imbalance_is_repaired_by_the_upload(till: Terminal) -> None:
    """The host has a sale of which the terminal does not know; both sides agree after the upload."""
    assert shop.sell(till, amount=1500).approved
    assert business.offline_sale(till, CARD.pan, 250).approved
    sale = business.last(till, "sale")
    business.book_behind_the_terminals_back(till, sale, 6600)
    before = len(uploaded(till))
    slip = business.settle(till, "DIFFERENCES SENT")
    assert "DOMESTIC:           NOT BALANCED" in slip
    assert uploaded(till)[before:] == ["0500 201", "0320 30", "0320 203", "0320 202"]
    settlement = last_settlement(till)
    assert (settlement.state, settlement.repaired) == ("closed", True)
    assert business.last(till, "unlisted").booked == 6600
    assert till.acquirer.ledger.faults() == []


def test_advices_that_still_wait_are_uploaded_by_kind(till: Terminal) -> None:
    """Not in the order in which they came about; the one that it refuses then is in no totals, and a slip tells."""
    till.desk.ask({"settings": {"advices_at_once": 9}})
    assert shop.finish(till, business.hold(till, 500)).approved
    assert shop.finish(till, business.complete_later(till, business.last(till, "preauth"), 500)).approved
    for amount in (700, 800):
        assert business.offline_sale(till, CARD.pan, amount).approved
    first, second, third = (row["stan"] for row in till.desk.ask({"journal": {}})["transactions"][1:])
    till.acquirer.rules.bad_mac("0220")
    till.acquirer.rules.add([Rule(Condition(messages=("0320",)), ({}, {"code": "51"}))])
    before = len(uploaded(till))
    slip = business.settle(till, "DIFFERENCES SENT", idle="ADVICE REFUSED")
    assert f"{third:06}" in till.receipt().text
    assert uploaded(till)[before:] == ["0500 201", "0320 30", "0320 30", "0320 24", "0320 202"]
    assert "DR    2:                   12.00" in slip
    assert differences(till) == []
    shop.idle(till)
    till.menu("PRINT", "LAST BATCH")
    listed = till.receipt().text
    assert [f"{stan:06}" in listed for stan in (first, second, third)] == [True, True, False]
    shop.idle(till)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("mti", ["0500", "0320"])
def test_a_settlement_without_an_answer_goes_on_later(till: Terminal, mti: str) -> None:
    assert shop.sell(till, amount=100).approved
    till.acquirer.rules.silence(mti)
    business.begin_settling(till)
    shop.wait(till, "NO ANSWER")
    till.press("ENTER")
    till.screen.wait_text("SETTLE FIRST")
    till.press("1 2 ENTER")
    shop.wait(till, "NOT APPROVED")
    till.press("ENTER")
    shop.idle(till)
    sent = [repr(e.request) for e in till.acquirer.journal(mti)]
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("UPLOAD GOES ON")
    till.screen.wait_text("BALANCED")
    till.receipt()
    till.screen.wait_text("READY")
    again = [repr(e.request) for e in till.acquirer.journal(mti)][len(sent)]
    assert again == sent[-1], "the message that was not answered, as it was"
    assert last_settlement(till).state == "closed"
    assert till.acquirer.ledger.faults() == []


def test_another_batch_than_the_hosts_is_put_right_by_a_sign_on(till: Terminal) -> None:
    assert shop.sell(till, amount=100).approved
    with till.acquirer.ledger.unit_of_work() as books:
        host = books.terminal("12345678")
        assert host is not None
        host.batch += 5
    business.begin_settling(till)
    shop.wait(till, "BATCH DIFFERS")
    till.screen.wait_text("SIGNED ON")
    shop.idle(till)
    assert "BALANCED" in business.settle(till)


def test_a_batch_that_is_full_and_a_day_that_is_over(till: Terminal) -> None:
    till.desk.ask({"settings": {"batch_limit": 1}})
    assert shop.sell(till, amount=100).approved
    assert "BATCH IS FULL" in till.screen.text
    till.press("1 2 ENTER")
    shop.wait(till, "BATCH IS FULL")
    till.press("ENTER")
    till.desk.ask({"settings": {"batch_limit": 500}})
    shop.wait(till, "READY")
    till.clock.advance(9 * 3600)
    assert "SETTLE THE DAY" in till.screen.text
    assert shop.sell(till, amount=200).approved
    till.desk.ask({"settings": {"day_change": 2}})
    till.press("1 2 ENTER")
    shop.wait(till, "SETTLE THE DAY")
    till.press("ENTER")
    shop.idle(till)
    business.settle(till)
    assert shop.sell(till, amount=300).approved
    assert "READY" in till.screen.text


def test_a_settlement_in_training_is_one_of_the_training(till: Terminal) -> None:
    before, sent = till.desk.ask({"settlement": {}}), len(till.acquirer.journal())
    business.supervised(till, "MANAGEMENT", "DEVICE", "TRAINING")
    shop.wait(till, "PRACTICE ONLY")
    till.press("ENTER")
    shop.idle(till)
    assert business.offline_sale(till, CARD.pan, 500).approved
    assert "*** TRAINING ***" in business.settle(till)
    till.menu("MANAGEMENT", "DEVICE", "TRAINING")
    shop.wait(till, "BACK TO WORK")
    till.press("ENTER")
    shop.idle(till)
    assert till.desk.ask({"settlement": {}}) == before
    assert len(till.acquirer.journal()) == sent


def test_after_the_settlement_the_keys_may_end(till: Terminal) -> None:
    till.desk.ask({"settings": {"auto_sign_off": 1}})
    business.settle(till, idle="SIGN ON FIRST")
    assert till.acquirer.journal()[-1].mti == "0820"
