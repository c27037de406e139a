"""The pytest plugin: a terminal with its acquirer and cards, for each test a fresh one.

A test that fails, also by its time-out, gets the last events of all wires into its report.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.host.acquirer import Acquirer
from tillbench.host.cards import CardProfile
from tillbench.host.emulator.emulator import TARGETS, Options
from tillbench.host.emulator.timeline import Entry, Timeline
from tillbench.host.terminal import CardTray, Terminal

LAST_EVENTS = 120
EPOCH = datetime(2026, 11, 23, 16, 0, 0)

_wires = pytest.StashKey[deque[Entry]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--till-target`, `--till-seed`."""
    group = parser.getgroup("tillbench", "payment terminal under test")
    group.addoption("--till-target", default="unix", choices=TARGETS, help="what runs the firmware")
    group.addoption("--till-seed", default="7", metavar="SEED", help="everything random comes from it")


@pytest.fixture
def till_options(request: pytest.FixtureRequest, tmp_path: Path) -> Options:
    """How the terminal of this test runs; override it for another seed, heap or clock."""
    config = request.config
    return Options(
        tmp_path / "till",
        target=config.getoption("--till-target"),
        seed=config.getoption("--till-seed"),
        epoch=EPOCH,
    )


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    """The cards that exist, and are in the acquirer's books; None: those that are shipped. Override it for others."""
    return None


@pytest.fixture
def terminal(
    request: pytest.FixtureRequest, till_options: Options, till_profiles: list[CardProfile] | None
) -> Iterator[Terminal]:
    """A terminal that is switched on, signed on and shows its idle screen."""
    under_test = Terminal(till_options, till_profiles)
    events: deque[Entry] = deque(maxlen=LAST_EVENTS)
    request.node.stash[_wires] = events

    def keep(entry: Entry) -> None:
        # The reminder to take the card would beep everything else out of the report.
        if entry.wire not in ("buzzer", "leds"):
            events.append(entry)

    Timeline(under_test.emulator).listeners.append(keep)
    with under_test:
        under_test.screen.wait_text("READY")
        yield under_test


@pytest.fixture
def acquirer(terminal: Terminal) -> Acquirer:
    """The acquirer that the terminal talks to."""
    return terminal.acquirer


@pytest.fixture
def card(terminal: Terminal) -> CardTray:
    """The terminal's card slot."""
    return terminal.card


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the last events of all wires into the report of a test that failed."""
    report = yield
    events = item.stash.get(_wires, None)
    if events and report.failed and call.when == "call":
        report.sections.append((f"wires, last {len(events)} events", "\n".join(map(_line, events))))
    return report


def _line(entry: Entry) -> str:
    stamp = "*" if entry.t_us is None else f"{entry.t_us / 1_000_000:.6f}"
    return "\n".join([f"{stamp:>12} {entry.wire:8} {entry.event}", *(f"{'':22}{line}" for line in entry.lines)])
