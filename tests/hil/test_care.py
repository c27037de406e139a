"""Care of the device: self-tests, health, finding transactions, looking codes up."""

from __future__ import annotations

from tillbench.host.terminal import Terminal

from . import shop


def device(terminal: Terminal, *entries: str) -> None:
    terminal.menu("MANAGEMENT", "DEVICE", *entries)


def test_the_screen_shows_all_dots_off_on_and_stripes(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "SCREEN")
    dark = terminal.screen.frames[-1].pixels
    terminal.press("ENTER")
    lit = terminal.screen.frames[-1].pixels
    terminal.press("ENTER")
    striped = terminal.screen.frames[-1].pixels
    assert (sum(dark), sum(lit)) == (0, 128 * 64)
    assert 0 < sum(striped) < 128 * 64


def test_the_keypad_is_tested_key_by_key(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "KEYPAD")
    shop.wait(terminal, "1234567890*#")
    terminal.press("1 2 3 4 5 6 7 8 9 0 * #")
    assert "CLEAR ENTER MENU" in shop.wait(terminal, "CLEAR")
    terminal.press("CLEAR ENTER MENU FN UP DOWN")
    shop.wait(terminal, "FEED")
    terminal.press("FEED")
    shop.wait(terminal, "PASSED")


def test_a_key_that_does_not_come_is_named(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "KEYPAD")
    terminal.press("1 2 3 4 5 6 7 8 9 0 * CLEAR ENTER MENU FN UP DOWN FEED CANCEL")
    assert "#" in shop.wait(terminal, "NOT DONE")


def test_the_printer_prints_edges_styles_and_density(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "PRINTER TEST")
    slip = terminal.receipt()
    assert "LEFT" + " " * 23 + "RIGHT" in slip.text
    assert "@" * 32 in slip.text
    assert all(row.bit_length() <= 384 for row in slip.rows)
    assert any(row >> 383 for row in slip.rows), "the left edge"
    assert any(row & 1 for row in slip.rows) or any(row & 0b110 for row in slip.rows), "the right edge"


def test_the_card_slot_tells_the_answer_to_reset(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "CARD SLOT")
    shop.wait(terminal, "INSERT CARD")
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "ATR 3B")
    terminal.card.remove()
    shop.wait(terminal, "SELF-TEST")


def test_sound_and_light(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "SOUND, LIGHT")
    shop.wait(terminal, "DONE")


def test_the_line_is_timed_and_missed(terminal: Terminal) -> None:
    device(terminal, "SELF-TEST", "LINE TEST")
    assert " MS" in shop.wait(terminal, "PASSED")
    terminal.press("ENTER CANCEL CANCEL")
    shop.line(terminal).up = False
    device(terminal, "SELF-TEST", "LINE TEST")
    shop.wait(terminal, "NO LINE")


def test_health_counts_what_failed(terminal: Terminal) -> None:
    shop.line(terminal).up = False
    shop.finish(terminal, shop.decide(terminal))
    terminal.clock.advance(3600)
    device(terminal, "HEALTH")
    shop.wait(terminal, "UPTIME 1:0")
    for _ in range(6):
        if "LINE FAULTS" not in terminal.screen.text:
            terminal.press("DOWN")
    assert "LINE FAULTS 1" in terminal.screen.text


def test_the_printers_state_follows_the_printer(terminal: Terminal) -> None:
    printer = terminal.emulator.printer
    device(terminal, "SELF-TEST", "PRINTER STATE")
    shop.wait(terminal, "PAPER OK")
    assert terminal.screen.text.split("\n")[1:] == ["PAPER OK", "HEAD OK", "COVER SHUT"]
    printer.warm_up(70)
    shop.wait(terminal, "HEAD TOO HOT")
    shop.wait(terminal, "HEAD OK")
    printer.cover(True)
    shop.wait(terminal, "COVER OPEN")
    printer.cover(False)
    printer.open_drawer()
    shop.wait(terminal, "DRAWER OPEN")
    printer.shut_drawer()
    printer.paper_left(0)
    shop.wait(terminal, "PAPER OUT")
    printer.load_paper()
    shop.wait(terminal, "PAPER OK")
    printer.break_down()
    shop.wait(terminal, "NEEDS REPAIR")
    printer.break_down(False)
    shop.wait(terminal, "PAPER OK")
    terminal.press("ENTER")
    assert "@" * 32 in terminal.receipt().text, "the density strip"
    shop.wait(terminal, "PAPER OK")
    printer.power(False)
    shop.wait(terminal, "NO_ANSWER")
    printer.power(True)
    terminal.press("CANCEL")
    shop.wait(terminal, "SELF-TEST")


def test_health_knows_how_worn_the_flash_is(terminal: Terminal) -> None:
    """The model counts erasures for as long as there is the chip, not the run."""
    before = terminal.desk.ask({"health": {}})
    assert 0 < before["flash_worst"] <= before["flash_erases"]
    for _ in range(6):
        assert shop.sell(terminal).approved
    sold = terminal.desk.ask({"health": {}})
    # Budgets of a sale: measured are 42 operations and 4,700 bytes.
    assert sold["flash_operations"] - before["flash_operations"] <= 6 * 52
    assert 6 * 1000 < sold["flash_written"] - before["flash_written"] <= 6 * 5800
    terminal.power.cut()
    terminal.power.restore()
    terminal.screen.wait_text("READY")
    after = terminal.desk.ask({"health": {}})
    assert after["flash_erases"] > before["flash_erases"]
    assert after["flash_worst"] >= before["flash_worst"]


def test_health_counts_answers_that_did_not_come_and_cards_that_failed(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    assert "REVERSED" in shop.sell(terminal).screen
    shop.key_in(terminal)
    terminal.emulator.slot.faults.mute = True
    terminal.card.insert(shop.UNIONPAY)
    shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))
    terminal.emulator.slot.faults.mute = False
    found = terminal.desk.ask({"health": {}})
    assert (found["answers_missing"], found["line_failures"]) == (1, 0)
    assert found["card_faults"] == 1


def test_a_transaction_is_found_by_number_card_and_amount(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    assert shop.sell(terminal, amount=5600).approved
    terminal.acquirer.rules.answer("0200", "51")
    assert not shop.sell(terminal, amount=5600).approved
    terminal.menu("MANAGEMENT", "FIND", "VOUCHER NO")
    terminal.press("2 ENTER")
    assert "RMB 12.34" in shop.wait(terminal, "SALE 000002")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.menu("MANAGEMENT", "FIND", "AMOUNT")
    terminal.press("5 6 0 0 ENTER")
    shown = shop.wait(terminal, "000004 56.00")
    assert "000003 56.00" in shown
    terminal.press("1")
    shop.wait(terminal, "DECLINED")
    terminal.press("DOWN DOWN")
    shop.wait(terminal, "CODE 51")
    terminal.press("CANCEL")
    terminal.menu("MANAGEMENT", "FIND", "CARD ENDS IN")
    terminal.press("0 0 0 0 ENTER")
    shop.wait(terminal, "NOTHING FOUND")


def test_a_code_is_explained_with_what_to_do(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "CODE LOOK-UP")
    terminal.press("5 1")
    assert "ANOTHER CARD" in shop.wait(terminal, "LOW FUNDS")
    terminal.press("CLEAR CLEAR UP 0")
    assert "SIGN ON AGAIN" in shop.wait(terminal, "MAC BAD, SIGN ON")
    terminal.press("0 0")
    assert "CALL THE BANK" in shop.wait(terminal, "CODE 00")


def train(terminal: Terminal) -> None:
    device(terminal, "TRAINING")
    shop.wait(terminal, "SUPERVISOR PASS")
    terminal.press("1 2 3 4 5 6 ENTER")
    shop.wait(terminal, "FACTORY PASSWORD")
    terminal.press("ENTER")
    for _ in range(2):
        terminal.press("2 5 8 0 3 6 ENTER")
    shop.wait(terminal, "PASSWORD CHANGED")
    terminal.press("ENTER")
    shop.wait(terminal, "PRACTICE ONLY")
    terminal.press("ENTER")
    assert "TRAINING" in shop.wait(terminal, "READY")


def test_training_books_nothing_and_leaves_the_journal_alone(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    before = terminal.desk.ask({"journal": {}}), terminal.desk.ask({"info": {}})
    asked = len(terminal.acquirer.journal())
    train(terminal)
    practice = shop.sell(terminal, shop.VISA, 77777)
    assert practice.approved
    assert all("*** TRAINING ***" in slip and "NOT VALID" in slip for slip in practice.slips)
    assert "CODE 51" in shop.sell(terminal, shop.VISA, 51).screen
    assert [row["amount"] for row in terminal.desk.ask({"journal": {}})["transactions"]] == [77777, 51]
    assert len(terminal.acquirer.journal()) == asked
    device(terminal, "TRAINING")
    shop.wait(terminal, "BACK TO WORK")
    terminal.press("ENTER")
    assert "TILLBENCH" in shop.wait(terminal, "READY")
    assert (terminal.desk.ask({"journal": {}}), terminal.desk.ask({"info": {}})) == before
    shop.check_next_sale(terminal)


def test_a_card_that_insists_on_its_issuer_declines_in_training(terminal: Terminal) -> None:
    """The training host has no issuer's keys: such a card is reversed, and only in the training's journal."""
    train(terminal)
    assert "CARD DECLINED" in shop.sell(terminal, shop.UNIONPAY).screen
    assert terminal.desk.ask({"journal": {}})["transactions"][0]["state"] == "reversed"
    assert shop.movements(terminal) == []


def test_a_power_cut_ends_a_training_and_the_next_begins_empty(terminal: Terminal) -> None:
    train(terminal)
    assert shop.sell(terminal, shop.VISA, 77777).approved
    terminal.power.cut()
    terminal.power.restore()
    assert "TILLBENCH" in shop.wait(terminal, "READY")
    assert terminal.desk.ask({"journal": {}})["count"] == 0
    device(terminal, "TRAINING")
    shop.wait(terminal, "SUPERVISOR PASS")
    terminal.press("2 5 8 0 3 6 ENTER")
    shop.wait(terminal, "PRACTICE ONLY")
    terminal.press("ENTER")
    shop.wait(terminal, "READY")
    assert terminal.desk.ask({"journal": {}})["count"] == 0
    shop.check_books(terminal)


def test_what_is_owed_at_the_start_is_on_a_fault_slip_if_that_is_wanted(terminal: Terminal) -> None:
    terminal.desk.ask({"settings": {"fault_slips": 1}})
    terminal.acquirer.rules.silence("0200")
    terminal.acquirer.rules.silence("0400")
    assert not shop.sell(terminal).approved
    shop.line(terminal).up = False
    terminal.power.cut()
    terminal.power.restore()
    shop.wait(terminal, "CALL SERVICE")
    terminal.press("ENTER")
    slip = terminal.receipt().text
    assert "FAULT REPORT" in slip
    assert "NOT A RECEIPT" in slip
    assert "REVERSAL PENDING" in slip
    shop.line(terminal).up = True
    shop.check_next_sale(terminal)


def test_a_host_that_says_nothing_is_told_from_a_line_that_is_away(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0820")
    device(terminal, "SELF-TEST", "LINE TEST")
    shown = shop.wait(terminal, "NO ANSWER")
    assert "LINE" in shown
    assert " MS" in shown
