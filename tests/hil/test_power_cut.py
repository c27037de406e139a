"""The power fails at any moment of a sale: after the restart it was reversed once, or never sent, or it stands; no
amount is lost or doubled, no trace number used twice, and the batch goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import power_cuts, shop
from .flash_reader import read_flash

FLASH_OPERATIONS = 40
"""More than a sale takes, also with a reversal."""
UNANSWERED_FROM = 8
"""Up to here a sale that will not be answered is as one that will."""


def restart(terminal: Terminal) -> None:
    """Power on, and wait until the terminal has caught up with what it owes."""
    terminal.screen.turn_page()
    terminal.power.restore()
    terminal.screen.wait_text(shop.IDLE)


def check_flash_and_books_agree(terminal: Terminal) -> None:
    """The newest transaction on flash is in the ledger, with the same end."""
    flash = read_flash(terminal.emulator.state.flash)
    ledger = terminal.acquirer.ledger
    sales = ledger.transactions(kind="sale")
    if flash.last is None:
        assert sales == []
        return
    stan, batch, state, amount = flash.last
    assert state in ("A", "D", "R"), "nothing is left undecided"
    for entry in sales:
        assert entry.stan <= flash.stan, "a trace number could be used again"
        undone = ledger.reversal_of(entry) is not None
        assert undone or entry.booked == 0 or (entry.stan, state) == (stan, "A") or entry.stan < stan
    mine = ledger.transactions(stan=stan, batch=batch)
    if state == "A":
        assert [(entry.kind, entry.booked) for entry in mine] == [("sale", -amount)]
    if state == "R":
        assert sum(entry.booked for entry in mine) == 0
        assert [entry.kind for entry in mine].count("reversal") == 1


def check_after_restart(terminal: Terminal, *expected: tuple[str, int]) -> None:
    assert shop.movements(terminal) == list(expected)
    assert "READY" in terminal.screen.text
    shop.check_books(terminal)
    check_flash_and_books_agree(terminal)
    shop.check_next_sale(terminal)
    trace_numbers = shop.stans(terminal)
    assert len(trace_numbers) == len(set(trace_numbers)), "a trace number was used twice"
    assert trace_numbers == sorted(trace_numbers)
    assert len({entry.batch for entry in terminal.acquirer.ledger.transactions()}) == 1


def up_to_the_host(terminal: Terminal) -> None:
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)


SOLD, UNDONE = ("sale", -shop.AMOUNT), ("reversal", shop.AMOUNT)


@pytest.mark.parametrize("screen", ["RMB 12.34", "INSERT CARD", "READING CARD", "ENTER PIN"])
def test_before_anything_is_written(terminal: Terminal, screen: str) -> None:
    terminal.press("1 2 3 4")
    if screen != "RMB 12.34":
        terminal.press("ENTER")
        shop.wait(terminal, "INSERT CARD")
    if screen not in ("RMB 12.34", "INSERT CARD"):
        terminal.card.insert(shop.UNIONPAY)
        shop.wait(terminal, screen)
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    check_after_restart(terminal)
    assert terminal.acquirer.journal("0400") == []


def test_before_the_connection_is_up(terminal: Terminal) -> None:
    up_to_the_host(terminal)
    shop.wait(terminal, "CONNECTING")
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    check_after_restart(terminal)
    assert terminal.acquirer.journal("0400") == []


def test_after_the_journal_has_it_and_before_a_byte_has_arrived(terminal: Terminal) -> None:
    """The bytes are on the line when the terminal dies; the line dies with it, so the host sees nothing of them."""
    up_to_the_host(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    assert terminal.acquirer.journal("0200") == []
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    terminal.acquirer.expect("0400", code="25", count=1)
    check_after_restart(terminal, ("reversal", 0))


def test_between_request_and_answer(terminal: Terminal) -> None:
    up_to_the_host(terminal)
    bench = terminal.emulator.bench
    bench.run_until(lambda: bool(terminal.acquirer.journal("0200")), 10, "the host to book")
    assert shop.movements(terminal) == [SOLD]
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    sent = terminal.acquirer.expect("0400", code="00", count=1).request
    assert sent is not None
    assert sent.text(39) == "98"
    check_after_restart(terminal, SOLD, UNDONE)


def test_after_the_answer_has_come_and_before_the_card_has_heard_of_it(terminal: Terminal) -> None:
    up_to_the_host(terminal)
    answers: list[bytes] = []
    shop.line(terminal).on_bytes = lambda direction, data: answers.append(data) if direction == ">" else None
    terminal.emulator.bench.run_until(lambda: bool(answers), 10, "the answer to leave")
    terminal.clock.advance(0.001)
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    check_after_restart(terminal, SOLD, UNDONE)


def test_during_the_second_generate_ac(terminal: Terminal) -> None:
    up_to_the_host(terminal)
    done: list[bytes] = []
    terminal.emulator.apdu_listeners.append(lambda command, response: done.append(command))
    terminal.emulator.bench.run_until(
        lambda: [command[1] for command in done].count(0xAE) == 2, 30, "the second GENERATE AC"
    )
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    check_after_restart(terminal, SOLD, UNDONE)


def test_when_it_is_approved(terminal: Terminal) -> None:
    assert "APPROVED" in shop.decide(terminal)
    terminal.power.cut()
    terminal.card.remove()
    restart(terminal)
    check_after_restart(terminal, SOLD)


def test_while_the_slip_is_printed(terminal: Terminal) -> None:
    shop.decide(terminal)
    terminal.card.remove()
    printed = terminal.emulator.printer.strip.lines
    terminal.emulator.bench.run_until(lambda: len(printed) > 8, 10, "some lines to be printed")
    terminal.power.cut()
    restart(terminal)
    assert shop.movements(terminal) == [SOLD]
    terminal.menu("PRINT", "REPRINT LAST")
    merchant = terminal.receipt().text
    assert "DUPLICATE" in merchant
    assert "RMB 12.34" in merchant
    terminal.receipt()
    shop.idle(terminal)
    check_after_restart(terminal, SOLD)


def test_while_the_reversal_is_under_way(terminal: Terminal) -> None:
    """Cut three times while the reversal is on its way: booked once, however often it is sent."""
    terminal.acquirer.rules.silence("0200")
    up_to_the_host(terminal)
    bench = terminal.emulator.bench
    for times in (1, 2, 3):
        bench.run_until(lambda: len(terminal.acquirer.journal("0400")) == times, 90, "a reversal")  # noqa: B023
        terminal.power.cut()
        terminal.card.remove()
        terminal.power.restore()
    terminal.screen.turn_page()
    terminal.screen.wait_text("READY")
    assert len(terminal.acquirer.journal("0400")) == 4
    check_after_restart(terminal, SOLD, UNDONE)


def test_the_batch_goes_on(terminal: Terminal) -> None:
    shop.sell(terminal, amount=100)
    before = read_flash(terminal.emulator.state.flash)
    terminal.power.cut()
    restart(terminal)
    assert [e.mti for e in terminal.acquirer.journal("0800")] == ["0800"], "no new sign-on: keys and batch are there"
    shop.sell(terminal, amount=200)
    after = read_flash(terminal.emulator.state.flash)
    assert after.batch == before.batch
    assert after.count == before.count + 1 == 2
    assert after.last == (before.stan + 1, before.batch, "A", 200)


# Every flash operation can be the last one, done by half.


@pytest.fixture(scope="module")
def signed_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of a terminal that has signed on, to start from again and again."""
    state = tmp_path_factory.mktemp("signed-on") / "till"
    with Terminal(Options(state, seed=7), [load_profile(shop.UNIONPAY)]) as terminal:
        terminal.screen.wait_text("READY")
    return state


def sell_until_the_power_fails(terminal: Terminal) -> bool:
    """A sale, or what the power allows of it; True if it ended before the power failed."""
    try:
        shop.wait(terminal, shop.IDLE)
        shop.decide(terminal)
    except shop.PowerGone:
        return False
    finally:
        if terminal.card.inserted is not None:
            terminal.card.remove()
    return terminal.power.on


@pytest.mark.parametrize("remainder", [0, 1])
@pytest.mark.parametrize("answered", [True, False], ids=["answered", "unanswered"])
def test_power_cut_in_every_flash_operation(signed_on: Path, tmp_path: Path, answered: bool, remainder: int) -> None:
    """Of a sale that is approved, and of one that is booked, not answered, and reversed at once."""
    cuts = 0
    first = 2 if answered else UNANSWERED_FROM
    for after_writes in range(first - remainder, FLASH_OPERATIONS, 2):
        state = tmp_path / str(after_writes)
        shutil.copytree(signed_on, state)
        terminal = Terminal(Options(state, seed=7), [load_profile(shop.UNIONPAY)])
        if not answered:
            terminal.acquirer.rules.silence("0200")
        terminal.power.cut(after_writes=after_writes)
        with terminal:
            done = sell_until_the_power_fails(terminal)
            terminal.power.cut()
            restart(terminal)
            shop.check_books(terminal)
            check_flash_and_books_agree(terminal)
            assert shop.spent(terminal) in (0, shop.AMOUNT if answered else 0)
            if done:
                assert shop.movements(terminal) == ([SOLD] if answered else [SOLD, UNDONE])
                break
        cuts += 1
    else:
        pytest.fail(f"it takes more than {FLASH_OPERATIONS} flash operations: count further")
    assert cuts >= 3, "no sale gets by with so few flash operations"


@pytest.mark.parametrize("row", ["void", "refund, unanswered", "completion"])
def test_a_few_cuts_of_other_flows(row: str) -> None:
    """All of them, of every flow: `make long`, or `python -m tests.hil.power_cuts`."""
    flow = next(each for each in power_cuts.FLOWS if each.name == row)
    result = power_cuts.run(flow, every=29, first=len(row))
    assert power_cuts.summary([result]) == f"flows 1, cut points {result.cuts}, lost 0, doubled 0"
    assert result.cuts >= 1
