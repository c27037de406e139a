"""A slip in front of the scanner is found: to be taken back, changed, printed again, looked at, paid back after the
settlement. What is no slip of this terminal is refused, and no card number comes this way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tillbench.host.devices.barcode_scanner import NoCode
from tillbench.host.terminal import Terminal

from . import business, shop


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """Two sales, of which each slip has its code."""
    with business.open_shop(tmp_path_factory.mktemp("scanner"), shop.UNIONPAY, shop.VISA) as terminal:
        terminal.desk.ask({"settings": {"slip_qr": 1, "keyed_entry": 1}})
        for amount in (700, 800):
            assert shop.sell(terminal, amount=amount).approved
        yield terminal


FIRST, SECOND, VOID = 2, 4, 6
"""Slips of the sales and of what is voided first, the cardholder's."""


def code_of(terminal: Terminal, slip: int) -> str:
    emulator = terminal.emulator
    return emulator.scanner.read(emulator.printer.receipts()[slip - 1].image, "slip")


def at_the_voucher(terminal: Terminal, *menu: str) -> None:
    shop.idle(terminal)
    terminal.menu(*menu)
    assert "ENTER OR SCAN" in shop.wait(terminal, "VOUCHER NO")


def test_a_void_begins_with_the_slip(till: Terminal) -> None:
    sale = business.last(till, "sale")
    business.supervised(till, "VOID")
    shop.wait(till, "VOUCHER NO")
    till.press("1 2")
    till.scan_slip(FIRST)
    assert "RMB 7.00" in shop.wait(till, "RMB"), "not the last one, and not what was typed"
    till.press("CANCEL")
    shop.idle(till)
    business.supervised(till, "VOID")
    shop.wait(till, "VOUCHER NO")
    till.scan_slip(SECOND)
    assert "RMB 8.00" in shop.wait(till, "RMB")
    till.press("ENTER")
    till.card.insert(shop.UNIONPAY)
    assert shop.finish(till, shop.wait(till, *shop.DECIDED)).approved
    assert till.acquirer.expect("0200", code="00").request.text(61)[6:12] == f"{sale.stan:06}"  # type: ignore[union-attr]  # it is there


def test_printed_again_and_looked_at(till: Terminal) -> None:
    shop.idle(till)
    record = code_of(till, FIRST)
    at_the_voucher(till, "PRINT", "REPRINT ANY")
    till.scan(record)
    merchant, _ = shop.take_slips(till)
    assert "DUPLICATE" in merchant
    assert "RMB 7.00" in merchant
    shop.idle(till)
    till.menu("MANAGEMENT", "FIND")
    till.choose("VOUCHER NO")
    shop.wait(till, "ENTER OR SCAN")
    till.scan(record)
    assert record.split("/")[4] in shop.wait(till, "SALE 0")
    till.press("ENTER")
    shop.idle(till)


@pytest.mark.parametrize(
    ("field", "value"), [(None, ""), (0, "TT2"), (1, "898110053110002"), (4, "000001"), (7, "99999"), (11, "00000000")]
)
def test_what_is_no_slip_of_this_terminal_is_refused(till: Terminal, field: int | None, value: str) -> None:
    shop.idle(till)
    fields = code_of(till, FIRST).split("/")
    if field is None:
        fields = ["6901234567892"]
    else:
        fields[field] = value
    at_the_voucher(till, "PRINT", "REPRINT ANY")
    till.scan("/".join(fields))
    shop.wait(till, "NO SLIP OF OURS")
    till.press("CANCEL")


def test_paid_back_from_the_slip_after_the_settlement(till: Terminal) -> None:
    shop.idle(till)
    sale, record = till.acquirer.ledger.transactions(kind="sale")[0], code_of(till, FIRST)
    void = code_of(till, VOID)
    business.settle(till)
    shop.idle(till)
    at_the_voucher(till, "PRINT", "REPRINT ANY")
    till.scan(record)
    shop.wait(till, "NO SLIP YET")
    for card, ends in ((shop.VISA, "ANOTHER CARD"), (shop.UNIONPAY, "APPROVED")):
        shop.idle(till)
        business.supervised(till, "REFUND")
        assert "ENTER OR SCAN" in business.insert(till, card, "REFERENCE NO")
        till.scan(void)
        shop.wait(till, "NOT THIS SLIP")
        till.scan(record)
        if card == shop.UNIONPAY:
            shop.wait(till, "AMOUNT")
            till.press("7 0 1 ENTER")
            shop.wait(till, "ABOVE THE LIMIT")
            till.press("CLEAR 4 0 0 ENTER")
            shop.wait(till, sale.rrn)
            till.press("ENTER")
        shop.finish(till, shop.wait(till, ends))
    request = till.acquirer.expect("0220", code="00").request
    assert request is not None
    assert (request.text(4), request.text(37), request.text(61)[12:]) == ("000000000400", sale.rrn, f"{sale.at:%m%d}")


def test_a_card_number_is_not_scanned(till: Terminal) -> None:
    shop.idle(till)
    shop.key_in(till)
    till.scan("4761739001010119")
    assert "INSERT CARD" in till.screen.text
    till.press("4")
    shop.wait(till, "CARD NUMBER")
    till.scan("761739001010119")
    till.clock.advance(1)
    assert till.screen.text.split("\n")[2].strip() == "4"
    till.press("CANCEL")
    shop.idle(till)


def test_without_codes_on_slips_nothing_is_scanned(till: Terminal) -> None:
    till.desk.ask({"settings": {"slip_qr": 0}})
    try:
        shop.idle(till)
        assert shop.sell(till).approved
        with pytest.raises(NoCode, match="no code on it; a slip has one with the setting slip_qr"):
            till.scan_slip()
        with pytest.raises(LookupError, match="no slip 999: there are"):
            till.scan_slip(999)
        till.menu("PRINT", "REPRINT ANY")
        assert "SCAN" not in shop.wait(till, "VOUCHER NO")
        till.press("CANCEL")
    finally:
        till.desk.ask({"settings": {"slip_qr": 1}})
