"""A terminal that was in use under an earlier version is switched on with this one, and nothing is lost.

`old_states/settings-1.tar.xz` is the state folder of such a terminal and its host, as revision 20e8338 left it:
settings of form 1, in which an operator's number could have a leading zero; a journal with an approved sale, a declined
one, another approved one, and one whose answer and reversal never came. Never made anew: it is as old as it is.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal

from . import business, shop

STATE = Path(__file__).parent / "old_states" / "settings-1.tar.xz"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Terminal]:
    with tarfile.open(STATE) as archive:
        archive.extractall(tmp_path, filter="data")
    cards = [load_profile(shop.UNIONPAY), load_profile(shop.VISA)]
    with Terminal(Options(tmp_path, seed=8, epoch=EPOCH), cards) as terminal:
        yield terminal


def test_settings_journal_and_books_of_an_earlier_version(till: Terminal) -> None:
    # What it owed is settled at once.
    till.screen.wait_text("REVERSED")
    till.screen.wait_text("READY")
    settings = till.desk.ask({"settings": {}})
    assert (settings["operator"], settings["amount_digits"]) == ("07", 8)
    assert settings["line"] == "tcp", "what is new has its default"
    told = [(t["type"], t["amount"], t["state"]) for t in till.desk.journal()]
    assert told == [
        ("sale", 1234, "approved"),
        ("sale", 5600, "declined"),
        ("sale", 250, "approved"),
        ("sale", 777, "reversed"),
    ]
    assert till.acquirer.ledger.faults() == []

    # It goes on: what was sold then is voided, printed again and settled now.
    till.desk.ask({"settings": {"change_defaults": 0}})
    voucher = till.desk.journal()[0]["stan"]
    assert shop.finish(till, business.void(till, voucher)).approved
    assert shop.sell(till, amount=100).approved
    assert business.check_totals(till) == {"sale": [2, 350]}
    business.settle(till)
    assert till.acquirer.ledger.faults() == []

    # A change writes the settings in the form of now, and that is what the next start reads.
    till.desk.ask({"settings": {"amount_digits": 7}})
    till.power.cut()
    till.power.restore()
    till.screen.wait_text("READY")
    settings = till.desk.ask({"settings": {}})
    assert (settings["operator"], settings["amount_digits"]) == ("07", 7)
