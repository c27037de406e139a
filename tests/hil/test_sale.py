"""The sale, from the first key to the torn-off slip, on every target."""

from __future__ import annotations

from tillbench.host.terminal import Terminal


def test_approved(terminal: Terminal) -> None:
    terminal.press("1 2 3 4 ENTER")
    terminal.screen.wait_text("INSERT CARD")
    terminal.card.insert("unionpay-debit")
    terminal.screen.wait_text("ENTER PIN")
    terminal.press("1 2 3 4 5 6 ENTER")
    terminal.screen.wait_text("APPROVED")
    terminal.card.remove()
    assert "RMB 12.34" in terminal.receipt().text
    terminal.press("ENTER")
    assert "CARDHOLDER COPY" in terminal.receipt().text
    sale = terminal.acquirer.expect("0200", code="00", count=1)
    assert sale.request is not None
    assert sale.request.text(4) == "000000001234"
