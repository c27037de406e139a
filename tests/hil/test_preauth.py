"""An amount is held, let go, taken, and taken back; and the balance that it leaves is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.terminal import Terminal

from . import business, shop

PREAUTH, VOID, COMPLETION = "PRE-AUTH", "PRE-AUTH VOID", "COMPLETION"


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with business.open_shop(tmp_path_factory.mktemp("preauth"), shop.UNIONPAY, "unionpay-poor") as terminal:
        yield terminal


def held(till: Terminal) -> int:
    """What is held on the card's account."""
    return sum(entry.held for entry in till.acquirer.ledger.transactions())


def test_held_and_let_go(till: Terminal) -> None:
    outcome = shop.finish(till, business.hold(till))
    assert outcome.approved
    assert "PRE-AUTH" in outcome.slips[0]
    assert "TC:" in outcome.slips[0], "the chip has had its whole transaction"
    request = till.acquirer.expect("0100", code="00", count=1).request
    assert request is not None
    assert (request.text(3), request.text(25), request.text(60)[:2]) == ("030000", "06", "10")
    assert held(till) == shop.AMOUNT
    preauth = business.last(till, "preauth")

    outcome = shop.finish(till, business.follow(till, VOID, preauth, shop.AMOUNT))
    assert outcome.approved
    assert preauth.authorisation_code is not None
    assert preauth.authorisation_code in outcome.slips[0]
    request = till.acquirer.journal("0100")[-1].request
    assert request is not None
    assert (request.text(38), request.text(61)) == (preauth.authorisation_code, "0" * 12 + f"{preauth.at:%m%d}")
    assert 55 not in request
    assert held(till) == 0
    assert shop.spent(till) == 0
    assert business.check_totals(till) == {}


def test_taken_and_taken_back(till: Terminal) -> None:
    assert shop.finish(till, business.hold(till, 1000)).approved
    preauth = business.last(till, "preauth")
    assert "DECLINED" in shop.finish(till, business.follow(till, COMPLETION, preauth, 1151)).screen, "over 115 %"
    outcome = shop.finish(till, business.follow(till, COMPLETION, preauth, 1150))
    assert outcome.approved
    assert "COMPLETION" in outcome.slips[0]
    assert (held(till), shop.spent(till)) == (0, 1150)
    assert business.check_totals(till) == {"completion": [1, 1150]}
    completion = business.last(till, "completion")

    assert "NOT VOIDABLE" in business.void(till, completion.stan)
    shop.idle(till)
    assert shop.finish(till, business.void(till, completion.stan, entry="PRE-AUTHS/COMPL. VOID")).approved
    request = till.acquirer.journal("0200")[-1].request
    assert request is not None
    assert (request.text(25), request.text(60)[:2]) == ("06", "21")
    assert request.text(61)[:12] == f"{completion.batch:06}{completion.stan:06}"
    assert (request.text(37), request.text(38)) == (completion.rrn, completion.authorisation_code)
    assert (held(till), shop.spent(till)) == (1000, 0), "what was held is held again"
    assert business.check_totals(till) == {}


@pytest.mark.parametrize(("entry", "mti"), [(PREAUTH, "0100"), (VOID, "0100"), (COMPLETION, "0200")])
def test_what_is_not_answered_is_reversed(till: Terminal, entry: str, mti: str) -> None:
    before, preauth = held(till), business.last(till, "preauth")
    till.acquirer.rules.silence(mti)
    shown = business.hold(till, 500) if entry == PREAUTH else business.follow(till, entry, preauth, 1000)
    assert "REVERSED" in shop.finish(till, shown).screen
    assert (held(till), shop.spent(till)) == (before, 0)
    request, reversal = till.acquirer.journal(mti)[-1].request, till.acquirer.journal("0400")[-1].request
    assert request is not None
    assert reversal is not None
    for field in (2, 3, 4, 11, 22, 25, 60, 61):
        assert reversal.fields.get(field) == request.fields.get(field), f"field {field}"
    business.check_totals(till)


def balance(till: Terminal, card: str = shop.UNIONPAY) -> str:
    till.menu("BALANCE")
    business.insert(till, card, "ENTER PIN")
    shop.enter_pin(till)
    return shop.wait(till, "REMOVE CARD")


def test_the_balance_is_shown_and_nothing_is_kept_of_it(till: Terminal) -> None:
    known, slips = till.desk.ask({"journal": {}})["count"], len(till.emulator.printer.receipts())
    shown = balance(till, "unionpay-poor")
    assert "BALANCE" in shown
    assert "RMB 1.00" in shown
    till.card.remove()
    shop.idle(till)
    request = till.acquirer.journal("0200")[-1].request
    assert request is not None
    assert (request.text(3), request.text(60)[:2]) == ("310000", "01")
    assert 4 not in request
    assert 55 in request

    till.acquirer.rules.silence("0200")
    reversals = len(till.acquirer.journal("0400"))
    assert "NO ANSWER" in balance(till)
    till.card.remove()
    shop.idle(till)
    assert len(till.acquirer.journal("0400")) == reversals
    till.acquirer.rules.answer("0200", "91")
    assert "ISSUER AWAY" in balance(till)
    till.card.remove()
    shop.idle(till)
    assert till.desk.ask({"journal": {}})["count"] == known
    assert len(till.emulator.printer.receipts()) == slips
