"""Sales at the shop's terminal."""

from pathlib import Path

import pytest
from tillbench.host.cards import load_profile


@pytest.fixture
def till_profiles():
    """The cards that exist: one of the bench's, and our own."""
    return [load_profile("visa-credit"), load_profile(Path(__file__).with_name("loyal.yaml"))]


def pay(terminal, amount, card, pin):
    terminal.press(f"{' '.join(amount)} ENTER")
    terminal.screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    terminal.screen.wait_text("ENTER PIN")
    terminal.press(f"{' '.join(pin)} ENTER")
    return terminal.screen.wait_text("REMOVE CARD")


def test_a_sale(terminal, acquirer, session):
    assert "NOT APPROVED" not in pay(terminal, "1234", "visa-credit", "1234").text
    acquirer.expect("0200", code="00", count=1)
    terminal.card.remove()
    assert "12.34" in terminal.receipt().text
    assert session.exchanges


def test_not_enough_money(terminal, acquirer):
    assert "CODE 51" in pay(terminal, "2001", "loyal", "123456").text
    acquirer.expect("0200", code="51", count=1)


@pytest.mark.till_needs("clock")
def test_a_silent_host_is_reversed(terminal):
    terminal.acquirer.rules.silence("0200")
    pay(terminal, "500", "loyal", "123456")
    sale = terminal.acquirer.ledger.transaction(kind="sale", amount=500)
    assert terminal.acquirer.ledger.reversal_of(sale) is not None
