"""Code in every text that can come over a wire: it is a text, or it is refused, and nothing of it is ever run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Options
from tillbench.host.terminal import Terminal
from tillbench.protocols.iso8583 import Message

from . import shop
from .flash_reader import read_flash
from .forger import Change, Forger

CODE = (
    "open('/flash/ran','w')",
    "');open('/flash/ran','w')#",
    "%(a)s%s%d{0.__class__}",
)


@pytest.fixture
def till_options(tmp_path: Path) -> Options:
    return Options(tmp_path / "till", seed=7, epoch=EPOCH, fast_keys=True)


@pytest.fixture(autouse=True)
def nothing_ran(terminal: Terminal) -> Iterator[None]:
    yield
    terminal.emulator.bench.settle()
    files = read_flash(terminal.emulator.options.state / "flash.bin").files
    assert "counters" in files
    assert "ran" not in files


def with_code(code: str) -> Change:
    """The same answer with the code in the field that is free text; the dialect refuses it in all others."""
    return lambda message: Message(message.mti, {**message.fields, 63: ("CUP" + code)[:63]})


def test_in_settings_and_requests(terminal: Terminal) -> None:
    texts = [name for name, value in terminal.desk.ask({"settings": {}}).items() if isinstance(value, str)]
    assert {"merchant_name", "terminal", "header"} <= set(texts)
    taken = set()
    for code in CODE:
        for name in texts:
            try:
                terminal.desk.ask({"settings": {name: code[:40]}})
            except DeskError:
                continue
            taken.add(name)
            assert terminal.desk.ask({"settings": {}})[name] == code[:40]
        requests: list[dict[str, Any]] = [{code: {}}, {"journal": {code: 1}}, {"totals": code}]
        for request in requests:
            with pytest.raises(DeskError):
                terminal.desk.ask(request)
    assert taken == {"merchant_name"}, "only the shop's name is free text of that length"


def test_in_answers_of_the_host_and_on_the_slip(terminal: Terminal) -> None:
    terminal.desk.ask({"settings": {"merchant_name": CODE[0]}})
    for code in CODE:
        forger = Forger(terminal, "0210", with_code(code), instead=True)
        outcome = shop.sell(terminal)
        forger.leave()
        assert forger.forged == 1
        assert outcome.approved
        assert CODE[0] in outcome.slips[0]
    shop.check_books(terminal)
