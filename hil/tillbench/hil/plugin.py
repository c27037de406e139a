"""The pytest plugin: a terminal with its acquirer and cards, for each test a fresh one.

With several `--till-target` a test that uses the terminal runs once on each. A test that needs what not every target
has says so, `@pytest.mark.till_needs("tls")`, and is skipped by that name where it is lacking. A test that fails, also
by its time-out, gets the last events of all wires into its report.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.hil.targets import check_needs, chosen_targets, require
from tillbench.host.acquirer import Acquirer
from tillbench.host.cards import CardProfile
from tillbench.host.emulator.emulator import Options, check_target
from tillbench.host.emulator.timeline import Entry, Timeline
from tillbench.host.terminal import CardTray, Terminal

LAST_EVENTS = 120
EPOCH = datetime(2026, 11, 23, 16, 0, 0)

_wires = pytest.StashKey[deque[Entry]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--till-target`, `--till-seed`."""
    group = parser.getgroup("tillbench", "payment terminal under test")
    group.addoption(
        "--till-target",
        action="append",
        type=_target,
        metavar="TARGET",
        help="what runs the firmware, unix, qemu or serial:PORT; several: each test runs on each (default: unix)",
    )
    group.addoption("--till-seed", default="7", metavar="SEED", help="everything random comes from it")


def _target(name: str) -> str:
    try:
        return check_target(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error}") from None


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the marker."""
    config.addinivalue_line(
        "markers", "till_needs(*capabilities): what the target must have, else the test is skipped by that name"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each target, if there are several."""
    targets = chosen_targets(metafunc.config)
    if "till_target" in metafunc.fixturenames and len(targets) > 1:
        metafunc.parametrize("till_target", targets, indirect=True)


@pytest.fixture
def till_target(request: pytest.FixtureRequest) -> str:
    """Name of the target on which this test runs; the test is skipped if the target lacks what it needs."""
    target: str = getattr(request, "param", None) or (chosen_targets(request.config) or ["unix"])[0]
    check_needs(request.node, target)
    require(target)
    return target


@pytest.fixture
def till_options(request: pytest.FixtureRequest, till_target: str, tmp_path: Path) -> Options:
    """How the terminal of this test runs; override it for another seed, heap or clock."""
    return Options(tmp_path / "till", target=till_target, seed=request.config.getoption("--till-seed"), epoch=EPOCH)


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
