"""What happens without the host: kept on flash, told later, the same each time, and counted on both sides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.acquirer.download_data import AIDS, DownloadData, aid_parameters
from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule
from tillbench.host.cards import load_profile
from tillbench.host.terminal import Terminal

from . import business, shop

CARD = load_profile(shop.UNIONPAY)
OFFLINE = "unionpay-offline"
UNKNOWN = "6200001234567890128"
"""A number that passes its check digit and that no issuer has."""


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with business.open_shop(tmp_path_factory.mktemp("offline"), shop.UNIONPAY, OFFLINE) as terminal:
        yield terminal


def told(terminal: Terminal) -> list[bytes]:
    """Every 0220 and 0620 as the host has received it."""
    return [repr(e.request).encode() for e in terminal.acquirer.journal() if e.mti in ("0220", "0620") and e.request]


def test_an_offline_sale_waits_until_the_host_has_answered_another(till: Terminal) -> None:
    assert business.offline_sale(till, CARD.pan, 700).approved
    assert "↑1" in till.screen.text
    assert told(till) == []
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("↑1")
    assert shop.sell(till, amount=300).approved
    shop.idle(till)
    assert [e.mti for e in till.acquirer.journal()][-2:] == ["0200", "0220"]
    booked = business.last(till, "offline sale")
    assert (booked.booked, booked.response_code) == (-700, "00")
    assert "↑" not in till.screen.text
    assert business.check_totals(till)["offline_sale"] == [1, 700]


def test_it_is_repeated_to_the_byte_until_it_is_answered(till: Terminal) -> None:
    before, rules = len(told(till)), till.acquirer.rules
    assert business.offline_sale(till, CARD.pan, 100).approved
    for trouble in (rules.silence, rules.bad_mac):
        trouble("0220")
        assert shop.sell(till, amount=50).approved
        assert "↑1" in till.screen.text
    assert shop.sell(till, amount=50).approved
    sent = told(till)[before:]
    assert len(sent) == 3
    assert len(set(sent)) == 1
    assert business.last(till, "offline sale").booked == -100
    assert "↑" not in till.screen.text
    business.check_totals(till)


def test_a_tip_and_an_adjustment_change_what_a_sale_is_worth(till: Terminal) -> None:
    assert shop.sell(till, amount=10000).approved
    sale = business.last(till, "sale")
    business.begin_change(till, "TIP", sale.stan)
    till.press("1 0 0 1 ENTER")
    shop.wait(till, "ABOVE THE LIMIT")
    till.press("CLEAR 9 0 0 ENTER")
    shop.wait(till, "RMB 109.00")
    till.press("ENTER")
    slip, _ = business.stored(till).slips
    assert "RMB 109.00" in slip
    assert "WAS ADJUSTED" in business.void(till, sale.stan)
    till.press("ENTER")
    assert business.change(till, "ADJUSTMENT", sale.stan, 9500).approved
    assert "↑2" in till.screen.text
    assert shop.sell(till, amount=10).approved
    shop.idle(till)
    assert [business.last(till, kind).booked for kind in ("tip", "adjustment")] == [-900, 1400]
    rows = business.check_totals(till)
    assert (rows["tip"], rows["adjustment"]) == ([1, 900], [1, -1400])


def test_what_the_host_refuses_is_no_sale_and_a_slip_says_so(till: Terminal) -> None:
    assert business.offline_sale(till, UNKNOWN, 4200).approved
    assert shop.sell(till, amount=20).approved
    assert any("ADVICE REFUSED" in frame.text for frame in till.screen.frames)
    slip = till.receipt().text
    assert [words for words in ("FAULT REPORT", "NOT A RECEIPT", "42.00") if words not in slip] == []
    shop.idle(till)
    assert "↑" not in till.screen.text
    till.menu("PRINT", "FAILED LIST")
    assert "620000*********0128:" in till.receipt().text.replace(" ", "")
    shop.idle(till)
    business.check_totals(till)


def test_the_host_is_away_and_the_shop_goes_on(till: Terminal) -> None:
    """A sale that is not answered nor reversed, then what the bank authorises by telephone; then the line is back."""
    till.acquirer.rules.silence("0200")
    till.acquirer.rules.lose("0400")
    shop.key_in(till, 5000)
    shop.present(till)
    shop.enter_pin(till)
    shop.finish(till, shop.wait(till, "NOT APPROVED"))
    till.screen.wait_text("REVERSAL PENDING")
    till.line.up = False
    for amount in (110, 120):
        assert business.offline_sale(till, CARD.pan, amount, idle="REVERSAL PENDING").approved
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("↑2")
    assert "REVERSAL PENDING" in till.screen.text
    till.line.up = True
    before = len(till.acquirer.journal())
    assert shop.sell(till, amount=30).approved
    shop.idle(till)
    assert [e.mti for e in till.acquirer.journal()[before:]] == ["0400", "0200", "0220", "0220"]
    assert "↑" not in till.screen.text
    business.check_totals(till)


def test_enough_of_them_are_sent_without_a_sale(till: Terminal) -> None:
    till.desk.ask({"settings": {"advices_at_once": 2}})
    before = len(told(till))
    assert business.offline_sale(till, CARD.pan, 1).approved
    assert len(told(till)) == before
    assert business.offline_sale(till, CARD.pan, 2).approved
    shop.idle(till)
    assert len(told(till)) == before + 2
    business.check_totals(till)


def test_what_the_card_made_of_an_issuer_script_is_told_until_it_is_answered(till: Terminal) -> None:
    script = bytes.fromhex("7210 9F180400000001 8607 04DA9F58020000")
    till.acquirer.rules.add([Rule(Condition(messages=("0200",)), ({"script": script},))])
    till.acquirer.rules.silence("0620")
    assert shop.sell(till, amount=60).approved
    assert "↑1" in till.screen.text
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("↑1")
    before = len(till.acquirer.journal())
    assert shop.sell(till, amount=70).approved
    assert [e.mti for e in till.acquirer.journal()[before:]] == ["0620", "0200"], "the notice goes first"
    assert "↑" not in till.screen.text
    notices = [repr(e.request) for e in till.acquirer.journal("0620")]
    assert len(notices) == 2
    assert len(set(notices)) == 1
    assert business.last(till, "script notice").script_result
    business.check_totals(till)


def test_a_script_that_came_with_a_balance_inquiry_is_told_of_too(till: Terminal) -> None:
    script = bytes.fromhex("7210 9F180400000002 8607 04DA9F58020000")
    slips, sums = len(till.emulator.printer.receipts()), business.check_totals(till)
    reversals = len(till.acquirer.journal("0400"))
    till.acquirer.rules.add([Rule(Condition(messages=("0200",)), ({"script": script},))])
    till.acquirer.rules.silence("0620")
    till.menu("BALANCE")
    business.insert(till, shop.UNIONPAY, "ENTER PIN")
    shop.enter_pin(till)
    assert "RMB" in shop.wait(till, "REMOVE CARD")
    till.card.remove()
    shop.idle(till)
    assert "↑1" in till.screen.text
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("↑1")
    assert len(till.acquirer.journal("0400")) == reversals
    notices = len(till.acquirer.journal("0620"))
    assert shop.sell(till, amount=80).approved
    assert "↑" not in till.screen.text
    first, second = (repr(e.request) for e in till.acquirer.journal("0620")[notices - 1 :])
    assert first == second
    told = business.last(till, "script notice")
    assert told.script_result
    assert told.original is not None
    assert told.original.kind == "balance"
    assert business.check_totals(till) == {**sums, "sale": [sums["sale"][0] + 1, sums["sale"][1] + 80]}
    assert len(till.emulator.printer.receipts()) == slips + 2, "both copies of the sale"


def test_a_refund_tells_the_host_of_a_tip_on_the_sale_first(till: Terminal) -> None:
    assert shop.sell(till, amount=1000).approved
    sale = business.last(till, "sale")
    assert business.change(till, "TIP", sale.stan, 50).approved
    assert "↑1" in till.screen.text
    till.acquirer.rules.silence("0220")
    business.supervised(till, "REFUND")
    business.insert(till, shop.UNIONPAY, "REFERENCE NO")
    business.ask(till, "REFERENCE NO", sale.rrn)
    shown = shop.finish(till, shop.wait(till, "NOT APPROVED")).screen
    assert "ADVICE PENDING" in shown
    assert "NO ANSWER" in shown
    shown = business.refund(till, sale.rrn, f"{sale.at:%m%d}", 1050)
    assert shop.finish(till, shown).approved
    assert [(entry.kind, entry.booked) for entry in till.acquirer.ledger.transactions()[-2:]] == [
        ("tip", -50),
        ("refund", 1050),
    ]
    assert "NOT ADJUSTABLE" in business.begin_change(till, "TIP", sale.stan)
    till.press("ENTER")
    shop.idle(till)
    business.check_totals(till)


def test_a_chip_that_approves_by_itself_below_the_floor_limit(till: Terminal) -> None:
    """The host sends keys and a floor limit; the certificate of the card is verified when the host is told."""
    never_at_random = {0xDF16: b"\x00", 0xDF17: b"\x00"}
    floor_limit = {0x9F1B: (10000).to_bytes(4, "big")}
    unionpay = {**aid_parameters(*AIDS["A000000333010101"]), **never_at_random, **floor_limit}
    till.acquirer.offer(DownloadData(aids={bytes.fromhex("A000000333010101"): unionpay}))
    for entry in ("LOAD CA KEYS", "LOAD AIDS"):
        till.menu("MANAGEMENT", "HOST", entry)
        shop.wait(till, "DONE")
        till.press("ENTER")
        shop.idle(till)
    before = len(till.acquirer.journal("0200"))
    outcome = shop.finish(till, shop.decide(till, OFFLINE, 2500))
    assert outcome.approved
    assert "TC:" in outcome.slips[0]
    assert "CHIP OFFLINE" in outcome.slips[0]
    assert len(till.acquirer.journal("0200")) == before
    assert "↑1" in till.screen.text
    assert shop.sell(till, amount=10001).approved
    shop.idle(till)
    booked = business.last(till, "offline chip sale")
    assert (booked.booked, booked.response_code) == (-2500, "00")
    business.check_totals(till)
