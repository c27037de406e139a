"""CANCEL and a time-out at every question of every transaction: nobody is charged, everybody is told, and it goes on.

All of them in `make long` (TILLBENCH_ALL=1); here some, other ones with each change of the firmware.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from random import Random

import pytest
from tillbench.host.emulator.fingerprint import firmware_hash
from tillbench.host.terminal import Terminal

from . import business, shop
from .ways_out import CARDS, SETTINGS, WAYS, Way, go

SAMPLE = 12
OUT = {"CANCEL": "CANCELLED", "time-out": "TIME IS OVER"}
LONGEST_S = 61
"""Longer than the time for any of these questions."""


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with business.open_shop(tmp_path_factory.mktemp("ways"), *CARDS, settings=SETTINGS) as terminal:
        assert shop.finish(terminal, business.hold(terminal, 500)).approved
        terminal.desk.ask({"settings": {"completion_pin": 0}})
        held = business.last(terminal, "preauth")
        assert shop.finish(terminal, business.follow(terminal, "COMPLETION", held, 500)).approved
        terminal.desk.ask({"settings": {"completion_pin": 1}})
        assert shop.sell(terminal).approved
        yield terminal


def state(terminal: Terminal) -> list[object]:
    """Everything that must be as it was."""
    return [
        terminal.acquirer.ledger.transactions()[-1].id,
        len(terminal.acquirer.journal()),
        terminal.desk.ask({"journal": {}}),
        terminal.desk.ask({"totals": "by_type"}),
        terminal.desk.ask({"settlement": {}}),
        len(terminal.emulator.printer.receipts()),
        terminal.card.inserted,
    ]


def leave(terminal: Terminal, out: str) -> str:
    """Gives up, takes the card, and waits for the idle screen; everything that was shown meanwhile."""
    seen = len(terminal.screen.frames)
    if out == "CANCEL":
        terminal.press("CANCEL")
    else:
        terminal.clock.advance(LONGEST_S)
    if terminal.card.inserted is not None:
        shop.wait(terminal, "REMOVE CARD")
        terminal.card.remove()
    shop.wait(terminal, "READY")
    return "\n".join(frame.text for frame in terminal.screen.frames[seen:])


def cases() -> list[tuple[Way, int, str]]:
    every = [(way, number, out) for way in WAYS for number in range(len(way.questions)) for out in OUT]
    return every if os.environ.get("TILLBENCH_ALL") else Random(firmware_hash()).sample(every, SAMPLE)


def name(each: object) -> str:
    return each.name if isinstance(each, Way) else str(each)


@pytest.mark.one_in(2)
@pytest.mark.parametrize(("way", "number", "out"), cases(), ids=name)
def test_out_of_a_question(till: Terminal, way: Way, number: int, out: str) -> None:
    shop.wait(till, "READY")
    till.desk.ask({"settings": dict(way.settings)})
    before = state(till)
    go(till, way, number)
    shown = leave(till, out)
    assert state(till) == before
    if not way.quiet:
        assert "NOT APPROVED" in shown
        assert OUT[out] in shown
    till.desk.ask({"settings": {name: 0 for name, _ in way.settings}})


def test_it_sells_afterwards(till: Terminal) -> None:
    assert shop.sell(till, amount=4321).approved
    business.check_totals(till)
