"""Reports on paper after a few transactions."""

from __future__ import annotations

from tillbench.host.terminal import Terminal

from . import shop


def report(terminal: Terminal, name: str) -> str:
    terminal.menu("PRINT", name)
    text = terminal.receipt().text
    shop.idle(terminal)
    return text


def test_totals_detail_and_failures_agree_with_the_books(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    assert shop.sell(terminal, shop.VISA, 5600).approved
    terminal.acquirer.rules.answer("0200", "51")
    assert not shop.sell(terminal, amount=999).approved
    totals = report(terminal, "X REPORT")
    assert "SALE  2:                   68.34" in totals
    assert "01  2:                     68.34" in totals
    assert "16:00  2:                  68.34" in totals
    assert totals.count("68.34") == 3
    assert "12.34" in totals  # by card
    assert "56.00" in totals
    detail = report(terminal, "DETAIL LIST")
    assert [line for line in detail.split("\n") if " SALE:" in line] == [
        "000002 SALE:               12.34",
        "000003 SALE:               56.00",
    ]
    assert terminal.emulator.profile(shop.UNIONPAY).pan not in detail
    failed = report(terminal, "FAILED LIST")
    assert "000004 SALE:                9.99" in failed
    assert "DECLINED 51" in failed
    assert "12.34" not in failed


def test_nothing_sold_is_said(terminal: Terminal) -> None:
    assert report(terminal, "X REPORT").count("NOTHING YET") == 4


def test_settings_and_applications(terminal: Terminal) -> None:
    settings = report(terminal, "SETTINGS")
    assert "batch_limit:                 500" in settings
    assert "merchant_name:" in settings
    assert "AID:            A000000333010101" in report(terminal, "EMV TABLES")


def test_any_slip_is_printed_again_by_its_number(terminal: Terminal) -> None:
    for amount in (1234, 5600):
        assert shop.sell(terminal, amount=amount).approved
    terminal.menu("PRINT", "REPRINT ANY")
    shop.wait(terminal, "VOUCHER NO")
    terminal.press("2 ENTER")
    merchant, cardholder = shop.take_slips(terminal)
    shop.idle(terminal)
    for slip in (merchant, cardholder):
        assert "RMB 12.34" in slip
        assert "DUPLICATE" in slip
    terminal.menu("PRINT", "REPRINT ANY")
    shop.wait(terminal, "VOUCHER NO")
    terminal.press("9 9 ENTER")
    shop.wait(terminal, "NO SLIP YET")
