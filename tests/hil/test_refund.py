"""Money goes back to the card that paid: in parts, never more than was paid, and told again until the host knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.acquirer.schema import Transaction
from tillbench.host.terminal import Terminal

from . import business, shop


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    limit: dict[str, str | int] = {"refund_limit": 100_000}
    with business.open_shop(tmp_path_factory.mktemp("refund"), shop.UNIONPAY, settings=limit) as terminal:
        yield terminal


@pytest.fixture
def sale(till: Terminal) -> Transaction:
    """What is given back."""
    assert shop.sell(till).approved
    return business.last(till, "sale")


def refund(till: Terminal, sale: Transaction, amount: int, date: str = "") -> str:
    return business.refund(till, sale.rrn, date or f"{sale.at:%m%d}", amount)


def books(till: Terminal) -> tuple[int, int, int]:
    """What the card has spent, number and sum of the refunds in both sides' totals."""
    number, total = business.check_totals(till).get("refund", [0, 0])
    return shop.spent(till), number, total


def after(before: tuple[int, int, int], amount: int) -> tuple[int, int, int]:
    """The books with one refund more."""
    spent, number, total = before
    return spent - amount, number + 1, total + amount


def test_a_part_and_the_rest(till: Terminal, sale: Transaction) -> None:
    before = books(till)
    outcome = shop.finish(till, refund(till, sale, 234))
    assert outcome.approved
    for slip in outcome.slips:
        assert "REFUND" in slip
        assert sale.rrn in slip
        assert f"{sale.at:%m/%d}" in slip
        assert "RMB 2.34" in slip
    told = till.acquirer.journal("0220")[-1]
    request = told.request
    assert request is not None
    assert told.code == "00"
    assert (request.text(3), request.text(60)[:2], request.text(63)) == ("200000", "25", "CUP")
    assert request.text(61) == "000000000000" + f"{sale.at:%m%d}"
    assert not {35, 52, 55} & set(request.fields)
    assert books(till) == after(before, 234)

    assert "DECLINED" in shop.finish(till, refund(till, sale, 1001)).screen
    assert till.acquirer.journal("0220")[-1].code == "64"
    assert "DECLINED" in shop.finish(till, refund(till, sale, 1, date="0101")).screen
    assert books(till) == after(before, 234)


def test_above_the_limit_of_the_terminal(till: Terminal) -> None:
    business.supervised(till, "REFUND")
    business.insert(till, shop.UNIONPAY, "REFERENCE NO")
    business.ask(till, "REFERENCE NO", "1" * 12)
    business.ask(till, "DATE", "1123")
    business.ask(till, "AMOUNT", 100_001)
    shop.wait(till, "ABOVE THE LIMIT")
    till.press("CANCEL")
    assert "CANCELLED" in shop.finish(till, shop.wait(till, "NOT APPROVED")).screen


def test_what_is_not_answered_is_told_again_to_the_byte(till: Terminal, sale: Transaction) -> None:
    before, reversals = books(till), len(till.acquirer.journal("0400"))
    till.acquirer.rules.silence("0220")
    outcome = shop.finish(till, refund(till, sale, 500))
    assert outcome.approved, "the repeat has its answer"
    *_, first, again = till.acquirer.journal("0220")
    assert first.request is not None
    assert again.request is not None
    assert first.request.fields == again.request.fields
    assert len(till.acquirer.journal("0400")) == reversals
    assert books(till) == after(before, 500)


def test_nothing_new_goes_out_before_it_is_answered_also_after_a_restart(till: Terminal, sale: Transaction) -> None:
    before = books(till)
    till.acquirer.rules.silence("0220", times=2)
    shown = refund(till, sale, 500)
    assert "NOT CONFIRMED" in shown
    assert "ADVICE PENDING" in shown
    assert shop.finish(till, shown).slips == ()
    assert "ADVICE PENDING" in till.screen.text
    till.power.cut()
    till.screen.turn_page()
    till.power.restore()
    shop.wait(till, "APPROVED")
    shop.idle(till)
    assert books(till) == after(before, 500)
    till.menu("PRINT", "REPRINT LAST")
    assert "REFUND" in till.receipt().text
    till.receipt()
    shop.idle(till)


def test_an_unclear_answer_is_asked_about_once_more_and_then_taken_for_done(till: Terminal, sale: Transaction) -> None:
    """A2 from a host that means 'booked, confirm with the issuer' does not hold up the shop for ever. Ours has not
    booked it, and says A2 to the repeat too: the settlement finds the difference."""
    asked, spent = len(till.acquirer.journal("0220")), shop.spent(till)
    till.acquirer.rules.answer("0220", "A2")
    outcome = shop.finish(till, refund(till, sale, 300))
    assert outcome.approved
    assert "CALL ISSUER" in outcome.screen
    assert len(outcome.slips) == 2
    assert all("CALL ISSUER" in slip for slip in outcome.slips)
    assert [each.code for each in till.acquirer.journal("0220")[asked:]] == ["A2", "A2"]
    assert shop.spent(till) == spent
    business.settle(till, "DIFFERENCES SENT")


def test_a_host_that_never_decides_fills_no_flash(tmp_path: Path) -> None:
    """10 to an advice means nothing that the terminal knows of, and stays what it is however often it is asked."""
    with business.open_shop(tmp_path, shop.UNIONPAY) as till:
        assert shop.sell(till).approved
        till.acquirer.rules.answer("0220", "10")
        assert "ADVICE PENDING" in shop.finish(till, refund(till, business.last(till, "sale"), 100)).screen
        written, asked = till.desk.ask({"health": {}})["flash_written"], len(till.acquirer.journal("0220"))
        for _ in range(3):
            till.press("1 ENTER")
            shop.wait(till, "NOT APPROVED")
            shop.finish(till, till.screen.text)
        assert len(till.acquirer.journal("0220")) == asked + 3
        assert till.desk.ask({"health": {}})["flash_written"] == written
