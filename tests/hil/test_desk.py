"""What a program asks the terminal over the link: settings, journal, totals, health; and what it cannot do."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.desk import DeskError
from tillbench.host.terminal import Terminal

from . import shop


def test_settings_are_read_changed_and_stay(terminal: Terminal) -> None:
    settings = terminal.desk.ask({"settings": {}})
    assert settings["batch_limit"] == 500
    changed = terminal.desk.ask({"settings": {"merchant_name": "测试商店", "language": "zh", "entry_ms": 20000}})
    assert changed == {**settings, "merchant_name": "测试商店", "language": "zh", "entry_ms": 20000}
    shop.wait(terminal, "就绪")
    terminal.power.cut()
    terminal.power.restore()
    shop.wait(terminal, "就绪")
    assert terminal.desk.ask({"settings": {}}) == changed


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"settings": {"entry_ms": 5}}, "entry_ms: expected a number from 1000 to 600000, found 5"),
    ({"settings": {"entry_ms": 5000, "tpdu": "x"}}, "tpdu: expected a text of 10 to 10 characters, found 'x'"),
    ({"settings": {"merchant_name": "鑫"}}, "merchant_name: expected characters that the terminal can show"),
    ({"settings": {"__class__": 1}}, "__class__: expected a known name, found 1"),
    ({"settings": []}, r"settings: expected an object, found \[\]"),
    ({"journal": {"pan": "1"}}, "pan: expected one of amount, batch, card, failed, operator, repeated, stan, state"),
    ({"journal": {"repeated": "5"}}, "repeated: expected a number of minutes, found '5'"),
    ({"journal": {"count": 21}}, "from, count: expected from 0 on, 1 to 20"),
    ({"totals": "by_magic"}, "totals: expected one of by_type"),
    (
        {"__import__('os')": {}},
        "request: expected one of assist, assisted, certificates, health, info, journal, settings, settlement, totals",
    ),
    ({"info": {}, "health": {}}, "request: expected an object with one key"),
]


def test_what_is_refused_and_why(terminal: Terminal) -> None:
    before = terminal.desk.ask({"settings": {}})
    for request, error in REFUSED:
        with pytest.raises(DeskError, match=error):
            terminal.desk.ask(request)
    assert terminal.desk.ask({"settings": {}}) == before


def test_a_request_that_is_too_long_is_not_sent(terminal: Terminal) -> None:
    with pytest.raises(DeskError, match="at most 4096 bytes, found 5"):
        terminal.desk.ask({"settings": {"merchant_name": "x" * 5000}})


def test_the_journal_is_searched_and_hides_the_card(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    assert shop.sell(terminal, shop.VISA, 5600).approved
    terminal.acquirer.rules.answer("0200", "51")
    assert not shop.sell(terminal, amount=999).approved
    found = terminal.desk.ask({"journal": {}})
    assert found["count"] == 3
    assert [row["state"] for row in found["transactions"]] == ["approved", "approved", "declined"]
    pan = terminal.emulator.profile(shop.VISA).pan
    (visa,) = terminal.desk.ask({"journal": {"card": pan[-4:]}})["transactions"]
    assert (visa["amount"], visa["stan"], visa["operator"]) == (5600, 3, "01")
    assert visa["card"] == pan[:6] + "*" * (len(pan) - 10) + pan[-4:]
    assert terminal.desk.ask({"journal": {"state": "declined"}})["transactions"][0]["response_code"] == "51"
    assert terminal.desk.ask({"journal": {"from": 1, "count": 1}})["transactions"] == [visa]
    assert terminal.desk.journal(failed=True) == terminal.desk.journal(state="declined")
    assert terminal.desk.journal(failed=False) == terminal.desk.journal(state="approved")
    assert terminal.desk.journal(repeated=60) == []
    assert terminal.desk.ask({"totals": "by_type"}) == {"sale": [2, 6834]}
    assert terminal.desk.ask({"info": {}})["stan"] == 4
    assert terminal.desk.ask({"health": {}})["transactions"] == 3


def test_what_looks_as_if_it_was_done_twice(terminal: Terminal) -> None:
    assert shop.sell(terminal, amount=500).approved
    assert shop.sell(terminal, shop.VISA, 500).approved
    assert shop.sell(terminal, amount=501).approved
    assert shop.sell(terminal, amount=500).approved
    (again,) = terminal.desk.journal(repeated=60)
    assert (again["amount"], again["stan"]) == (500, 5)
    terminal.clock.advance(120)
    assert shop.sell(terminal, amount=500).approved
    assert terminal.desk.journal(repeated=1) == [again], "the third is more than a minute later"
    assert len(terminal.desk.journal(repeated=60)) == 2
    terminal.menu("MANAGEMENT", "FIND", "REPEATED")
    shop.wait(terminal, "000006 5.00")
    terminal.press("2")
    assert "SALE 000005" in shop.wait(terminal, "SALE")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.acquirer.rules.answer("0200", "51")
    assert not shop.sell(terminal, amount=999).approved
    terminal.menu("MANAGEMENT", "FIND", "FAILED")
    shown = shop.wait(terminal, "SALE 000007")
    assert "DECLINED" in shown


def test_it_waits_until_the_terminal_is_idle(terminal: Terminal) -> None:
    terminal.press("5")
    shop.wait(terminal, "AMOUNT")
    before = terminal.clock.now_s
    assert terminal.desk.ask({"info": {}})["terminal"] == "12345678"
    assert terminal.clock.now_s - before > 59, "the amount was waited for to its time-out"
