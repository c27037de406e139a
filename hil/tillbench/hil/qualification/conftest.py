"""The reader under test: `--till-reader`, one bench for each case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tillbench.hil import board_reader
from tillbench.hil.absent import absent
from tillbench.hil.qualification.cases import case_of
from tillbench.hil.readers import BOARD, VIRTUAL, lab_reader
from tillbench.host.emulator.fingerprint import firmware_hash

if TYPE_CHECKING:
    from tillbench.hil.qualification.bench import ReaderBench


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the case into the properties, which travel with the report, and into JUnit."""
    for item in items:
        if found := case_of(item):
            item.user_properties += [
                ("till_case", found.id),
                ("till_requirement", found.requirement),
                ("till_needs", found.needs),
                ("till_passes", found.passes),
            ]


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[ReaderBench]:
    """The reader with a card in it."""
    name: str = request.config.getoption("--till-reader")
    if name == VIRTUAL:
        pcscd = request.getfixturevalue("_till_pcscd")
    elif name == BOARD:
        slot = request.getfixturevalue("_till_board_reader")
    from tillbench.hil.qualification.bench import BoardChanger, FedSlot, ReaderBench, VirtualSlot
    from tillbench.host.cards import load_profile
    from tillbench.host.pcsc.daemon import READER

    if name == VIRTUAL:
        made = ReaderBench(f"{READER} 00 00", VirtualSlot(pcscd), load_profile("visa-cda"))
    elif name == BOARD:
        made = ReaderBench(board_reader.NAME, BoardChanger(slot), load_profile("visa-cda"))
    else:
        found = lab_reader(request.config, name)
        if not found.fed and not found.has_card():
            absent(request.config, f"reader {name}: there is no card in it")
        made = ReaderBench(found.name, FedSlot(found) if found.fed else None, None)
    state = made.context.state(made.reader)
    request.node.user_properties += [("till_reader", made.reader), ("till_atr", state.atr.hex().upper())]
    if name == BOARD:
        request.node.user_properties.append(("till_firmware", firmware_hash()))
    try:
        yield made
    finally:
        made.close()
