"""The power fails at any moment of a sale: after the restart it was reversed once, or never sent, or it stands; no
amount is lost or doubled, no trace number used twice, and the batch goes on. And at some moments of other flows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tillbench.host.emulator.fingerprint import firmware_hash
from tillbench.host.terminal import Terminal

from . import business, power_cuts, shop
from .flash_reader import read_flash
from .power_cut_flows import FLOWS, Flow

SOLD, UNDONE = ("sale", -shop.AMOUNT), ("reversal", shop.AMOUNT)
SAMPLE = 6
"""Flows of which a moment is tried here; all moments of all of them: `make long`."""
LONG_WAY = ("settlement of one of each",)
"""What takes too long to get to for that."""
AT_MOST = 12
"""Flash operations after which a moment of the sample comes; fewer where a flow has fewer."""


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with business.open_shop(tmp_path_factory.mktemp("cuts"), shop.UNIONPAY) as terminal:
        yield terminal


class Books:
    """What there was before a test."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._movements = len(shop.movements(terminal))
        self._reversals = len(terminal.acquirer.journal("0400"))

    @property
    def movements(self) -> list[tuple[str, int]]:
        """As `shop.movements`, since then."""
        return shop.movements(self._terminal)[self._movements :]

    @property
    def reversals(self) -> list[str]:
        """Codes with which reversals were answered since then."""
        return [e.code for e in self._terminal.acquirer.journal("0400")[self._reversals :]]


@pytest.fixture
def books(till: Terminal) -> Books:
    shop.wait(till, "READY")
    return Books(till)


def restart(terminal: Terminal) -> None:
    """Power on, and wait until the terminal has caught up with what it owes."""
    if terminal.card.inserted is not None:
        terminal.card.remove()
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


def check_after_restart(terminal: Terminal, books: Books, *expected: tuple[str, int]) -> None:
    assert books.movements == list(expected)
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


def test_before_anything_is_sent(till: Terminal, books: Books) -> None:
    for screen in ("RMB 12.34", "INSERT CARD", "READING CARD", "ENTER PIN", "CONNECTING"):
        till.press("1 2 3 4")
        if screen != "RMB 12.34":
            till.press("ENTER")
            shop.wait(till, "INSERT CARD")
        if screen not in ("RMB 12.34", "INSERT CARD"):
            till.card.insert(shop.UNIONPAY)
        if screen == "CONNECTING":
            shop.wait(till, "ENTER PIN")
            shop.enter_pin(till)
        shop.wait(till, screen)
        till.power.cut()
        restart(till)
        assert (books.movements, books.reversals) == ([], [])
    check_after_restart(till, books)


def test_after_the_journal_has_it_and_before_a_byte_has_arrived(till: Terminal, books: Books) -> None:
    """The bytes are on the line when the terminal dies; the line dies with it, so the host sees nothing of them."""
    up_to_the_host(till)
    shop.wait(till, "WAITING FOR HOST")
    assert books.movements == []
    till.power.cut()
    restart(till)
    assert books.reversals == ["25"]
    check_after_restart(till, books, ("reversal", 0))


def test_between_request_and_answer(till: Terminal, books: Books) -> None:
    up_to_the_host(till)
    till.emulator.bench.run_until(lambda: bool(books.movements), 10, "the host to book")
    assert books.movements == [SOLD]
    till.power.cut()
    restart(till)
    assert books.reversals == ["00"]
    sent = till.acquirer.journal("0400")[-1].request
    assert sent is not None
    assert sent.text(39) == "98"
    check_after_restart(till, books, SOLD, UNDONE)


def test_after_the_answer_has_come_and_before_the_card_has_heard_of_it(till: Terminal, books: Books) -> None:
    up_to_the_host(till)
    answers: list[bytes] = []
    shop.line(till).on_bytes = lambda direction, data: answers.append(data) if direction == ">" else None
    till.emulator.bench.run_until(lambda: bool(answers), 10, "the answer to leave")
    till.clock.advance(0.001)
    till.power.cut()
    restart(till)
    check_after_restart(till, books, SOLD, UNDONE)


def test_during_the_second_generate_ac(till: Terminal, books: Books) -> None:
    up_to_the_host(till)
    done: list[bytes] = []
    till.emulator.entry.apdu_listeners.append(lambda command, response: done.append(command))
    till.emulator.bench.run_until(
        lambda: [command[1] for command in done].count(0xAE) == 2, 30, "the second GENERATE AC"
    )
    till.power.cut()
    restart(till)
    check_after_restart(till, books, SOLD, UNDONE)


def test_when_it_is_approved(till: Terminal, books: Books) -> None:
    assert "APPROVED" in shop.decide(till)
    till.power.cut()
    restart(till)
    check_after_restart(till, books, SOLD)


def test_while_the_slip_is_printed(till: Terminal, books: Books) -> None:
    shop.decide(till)
    till.card.remove()
    before = len(till.emulator.printer.strip.lines)
    printed = till.emulator.printer.strip.lines
    till.emulator.bench.run_until(lambda: len(printed) > before + 8, 10, "some lines to be printed")
    till.power.cut()
    restart(till)
    assert books.movements == [SOLD]
    till.menu("PRINT", "REPRINT LAST")
    merchant = till.receipt().text
    assert "DUPLICATE" in merchant
    assert "RMB 12.34" in merchant
    till.receipt()
    shop.idle(till)
    check_after_restart(till, books, SOLD)


def test_while_the_reversal_is_under_way(till: Terminal, books: Books) -> None:
    """Cut three times while the reversal is on its way: booked once, however often it is sent."""
    till.acquirer.rules.silence("0200")
    up_to_the_host(till)
    for times in (1, 2, 3):
        till.emulator.bench.run_until(lambda: len(books.reversals) == times, 90, "a reversal")  # noqa: B023  called within the same turn of the loop
        till.power.cut()
        if till.card.inserted is not None:
            till.card.remove()
        till.power.restore()
    till.screen.turn_page()
    till.screen.wait_text("READY")
    assert books.reversals == ["00"] * 4
    check_after_restart(till, books, SOLD, UNDONE)


def test_the_batch_goes_on(till: Terminal, books: Books) -> None:
    shop.sell(till, amount=100)
    before = read_flash(till.emulator.state.flash)
    till.power.cut()
    restart(till)
    assert [e.mti for e in till.acquirer.journal("0800")] == ["0800"], "no new sign-on: keys and batch are there"
    shop.sell(till, amount=200)
    after = read_flash(till.emulator.state.flash)
    assert after.batch == before.batch
    assert after.count == before.count + 1
    assert after.last == (before.stan + 1, before.batch, "A", 200)
    assert books.movements == [("sale", -100), ("sale", -200)]


def _sample() -> list[tuple[Flow, power_cuts.Cut]]:
    """Other ones with each change of the firmware, always the same for the same firmware."""
    chance = Random(firmware_hash())
    flows = chance.sample([flow for flow in FLOWS if flow.name not in LONG_WAY], SAMPLE)
    moments = list(power_cuts.cuts_of_frames("<>"))
    return [
        (
            flow,
            power_cuts.Cut(chance.randint(1, AT_MOST), chance.randrange(3)) if number % 3 else chance.choice(moments),
        )
        for number, flow in enumerate(flows)
    ]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("flow", "cut"), _sample(), ids=lambda each: str(getattr(each, "name", each)))
def test_a_moment_of_some_flows(tmp_path: Path, flow: Flow, cut: power_cuts.Cut) -> None:
    """All of them, of every flow: `make long`, or `python -m tests.hil.power_cuts`."""
    result = power_cuts.Result(flow.name)
    state = power_cuts.prepared(flow, tmp_path)
    # A flow with fewer flash operations is cut earlier, one with none on the line, one that never speaks at the flash.
    earlier = [replace(cut, at=cut.at >> shift) for shift in range(cut.at.bit_length())]
    firsts = (power_cuts.Cut(1, frame=True, after_us=1), power_cuts.Cut(1))
    assert any(power_cuts.cut_once(flow, state, tmp_path, each, result) for each in (*earlier, *firsts))
    assert result.failures == []
    assert power_cuts.summary([result]) == "flows 1, cut points 1, lost 0, doubled 0"
