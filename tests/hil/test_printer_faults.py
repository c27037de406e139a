"""Paper out, cover open, printer off, in mid-slip: the result stands, no line is lost or doubled, a reprint works."""

from __future__ import annotations

import pytest
from tillbench.host.devices.printer import Printer
from tillbench.host.terminal import Terminal

from . import shop

SLIP_ROWS = 1_000
"""Dot rows of a sale's slip, roughly: paper ends are spread over it."""


def printer(terminal: Terminal) -> Printer:
    return terminal.emulator.printer


def start_printing(terminal: Terminal) -> None:
    """A sale whose first slip is about to be printed."""
    shown = shop.decide(terminal)
    assert "APPROVED" in shown
    terminal.card.remove()


def reference_slips(terminal: Terminal) -> tuple[str, str]:
    """Both slips of the same sale, from a reprint on a printer that works."""
    reprints = reprint(terminal)
    return without_duplicate_mark(reprints[0]), without_duplicate_mark(reprints[1])


def reprint(terminal: Terminal) -> tuple[str, str]:
    """MENU, PRINT, REPRINT LAST."""
    terminal.menu("PRINT", "REPRINT LAST")
    slips = shop.take_slips(terminal)
    shop.idle(terminal)
    for slip in slips:
        assert "DUPLICATE" in slip
    return slips


def without_duplicate_mark(slip: str) -> str:
    return "\n".join(line for line in slip.split("\n") if "DUPLICATE" not in line)


def check_result_stands(terminal: Terminal) -> None:
    assert shop.movements(terminal) == [("sale", -1234)]
    assert terminal.acquirer.journal("0400") == []
    shop.check_books(terminal)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("rows", [0, 250, 740, SLIP_ROWS])
def test_paper_out_in_mid_slip(terminal: Terminal, rows: int) -> None:
    start_printing(terminal)
    printer(terminal).paper_left(rows)
    shop.wait(terminal, "OUT OF PAPER")
    assert printer(terminal).receipts() == []
    printer(terminal).load_paper()
    terminal.press("ENTER")
    slips = shop.take_slips(terminal)
    shop.idle(terminal)
    check_result_stands(terminal)
    assert slips == reference_slips(terminal)
    assert printer(terminal).bytes_lost == 0


def test_paper_out_again_and_again(terminal: Terminal) -> None:
    start_printing(terminal)
    for _ in range(4):
        printer(terminal).paper_left(100)
        shop.wait(terminal, "OUT OF PAPER")
        printer(terminal).load_paper()
        terminal.press("ENTER")
    slips = shop.take_slips(terminal)
    shop.idle(terminal)
    assert slips == reference_slips(terminal)
    check_result_stands(terminal)


def test_cover_open_in_mid_slip(terminal: Terminal) -> None:
    start_printing(terminal)
    terminal.clock.advance(0.8)
    printer(terminal).cover(True)
    shop.wait(terminal, "PRINTER FAULT")
    printer(terminal).cover(False)
    terminal.press("ENTER")
    slips = shop.take_slips(terminal)
    shop.idle(terminal)
    assert slips == reference_slips(terminal)
    check_result_stands(terminal)


def test_switched_off_in_mid_slip(terminal: Terminal) -> None:
    """It forgets what it was given, so what is on paper is cut off, and the slip printed anew and whole."""
    start_printing(terminal)
    terminal.clock.advance(0.8)
    printer(terminal).power(False)
    shop.wait(terminal, "PRINTER FAULT")
    printer(terminal).power(True)
    terminal.press("ENTER")
    shop.wait(terminal, "LOST")
    terminal.press("ENTER")
    begun = terminal.receipt().text
    slips = shop.take_slips(terminal)
    shop.idle(terminal)
    expected = reference_slips(terminal)
    assert slips == expected
    assert expected[0].startswith(begun)
    assert begun != expected[0]
    check_result_stands(terminal)


def test_no_printer_at_all(terminal: Terminal) -> None:
    printer(terminal).power(False)
    start_printing(terminal)
    shop.wait(terminal, "PRINTER FAULT")
    terminal.press("CANCEL")
    shop.idle(terminal)
    assert printer(terminal).receipts() == []
    check_result_stands(terminal)
    printer(terminal).power(True)
    merchant, cardholder = reprint(terminal)
    assert "RMB 12.34" in merchant
    assert "CARDHOLDER COPY" in cardholder
    check_result_stands(terminal)
    shop.check_next_sale(terminal)


def test_slip_given_up_at_paper_out(terminal: Terminal) -> None:
    start_printing(terminal)
    printer(terminal).paper_left(300)
    shop.wait(terminal, "OUT OF PAPER")
    terminal.press("CANCEL")
    shop.idle(terminal)
    check_result_stands(terminal)
    printer(terminal).load_paper()
    before = len(printer(terminal).strip.lines)
    terminal.menu("PRINT", "REPRINT LAST")
    shop.wait(terminal, "TEAR OFF")
    terminal.press("ENTER")
    shop.idle(terminal)
    printed = "\n".join(line.text for line in printer(terminal).strip.lines[before:])
    assert printed.count("DUPLICATE") == 2
    assert printed.count("CARDHOLDER COPY") == 1
    check_result_stands(terminal)


def test_reprint_after_a_restart(terminal: Terminal) -> None:
    slips = shop.sell(terminal).slips
    terminal.power.cut()
    terminal.power.restore()
    shop.idle(terminal)
    assert tuple(map(without_duplicate_mark, reprint(terminal))) == slips


def test_nothing_to_reprint(terminal: Terminal) -> None:
    terminal.menu("PRINT", "REPRINT LAST")
    shop.wait(terminal, "NO SLIP YET")
    shop.idle(terminal)
    assert printer(terminal).strip.lines == []


def test_second_copy_comes_by_itself(terminal: Terminal) -> None:
    start_printing(terminal)
    assert "MERCHANT COPY" in terminal.receipt().text
    assert "CARDHOLDER COPY" in terminal.receipt().text
    shop.idle(terminal)
