"""The pytest plugin: a terminal with its acquirer and cards, or a PC/SC reader with a card, for each test a fresh one.

With several `--till-target` a test that uses the terminal runs once on each. A test that needs what not every target
has says so, `@pytest.mark.till_needs("tls")`, and is skipped by that name where it is lacking. A test that fails, also
by its time-out, gets the last events of all wires into its report, in which card numbers are masked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tillbench.hil import generic_fixtures
from tillbench.hil.options import GENERIC, MARKERS, add_options, check_paths
from tillbench.hil.targets import check_boards, check_needs, chosen_targets, require, strike_if_lost

if TYPE_CHECKING:
    # A project that has tillbench installed does not wait for it in runs that do not use it.
    from tillbench.hil.readers import Reader
    from tillbench.hil.recording import Replay
    from tillbench.hil.report.moments import Moments
    from tillbench.host.acquirer import Acquirer
    from tillbench.host.cards import CardProfile
    from tillbench.host.emulator.emulator import Options
    from tillbench.host.emulator.lines import AcquirerLine
    from tillbench.host.emulator.timeline import Entry
    from tillbench.host.pcsc import PrivatePcscd
    from tillbench.host.reader import BoardSlot
    from tillbench.host.session import Session
    from tillbench.host.terminal import CardTray, Terminal

LAST_EVENTS = 120
EPOCH = datetime(2026, 11, 23, 16, 0, 0)
CARD = "visa-cda"
"""In the virtual reader, unless the test's `till_card` marker names another."""

_wires = pytest.StashKey["deque[Entry]"]()
_report = pytest.StashKey["Moments"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """See `options`."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest about the markers; plain fixture names where the project asks for them."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    check_boards(config)
    check_paths(config)
    files = config.getoption("--till-results")
    if files:
        from tillbench.hil.results import Collector

        config.pluginmanager.register(Collector(files), "tillbench-results")
    if file := config.getoption("--till-report"):
        from tillbench.hil.report.collector import Collector as Reporter

        config.pluginmanager.register(Reporter(file), "tillbench-report")
    if config.getini(GENERIC):
        config.pluginmanager.register(generic_fixtures, "tillbench-generic-fixtures")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each target, if there are several."""
    targets = chosen_targets(metafunc.config)
    if "till_target" in metafunc.fixturenames and len(targets) > 1:
        metafunc.parametrize("till_target", targets, indirect=True)


@pytest.fixture
def till_target(request: pytest.FixtureRequest) -> str:
    """The target on which this test runs, a board by its port; the test is skipped if it lacks what it needs."""
    target: str = getattr(request, "param", None) or (chosen_targets(request.config) or ["unix"])[0]
    check_needs(request.node, target)
    return require(target, config=request.config)


@pytest.fixture
def till_options(request: pytest.FixtureRequest, till_target: str, tmp_path: Path) -> Options:
    """How the terminal of this test runs; override it for another seed, heap or clock."""
    from tillbench.host.emulator.emulator import Options
    from tillbench.host.emulator.fingerprint import firmware_hash

    seed = request.config.getoption("--till-seed")
    told = [("till_target", till_target), ("till_seed", seed), ("till_firmware", firmware_hash())]
    request.node.user_properties += told
    return Options(tmp_path / "till", target=till_target, seed=seed, epoch=EPOCH)


@pytest.fixture
def till_profiles() -> list[CardProfile] | None:
    """The cards that exist, and are in the acquirer's books; None: those that `tillbench card list` calls
    `till`. Override it for others."""
    return None


@pytest.fixture
def till_session() -> Session:
    """What the cards of this test say, in the terminal's slot or in the reader, as it grows. Whole, in memory only."""
    from tillbench.host.session import Header, Session

    return Session(Header(contents="full"))


@pytest.fixture
def till_terminal(
    request: pytest.FixtureRequest,
    till_options: Options,
    till_profiles: list[CardProfile] | None,
    till_session: Session,
) -> Iterator[Terminal]:
    """A terminal that is switched on, signed on and shows its idle screen."""
    from tillbench.host.emulator.timeline import Timeline
    from tillbench.host.session.slot_recorder import SlotRecorder
    from tillbench.host.terminal import Terminal

    under_test = Terminal(till_options, till_profiles)
    events: deque[Entry] = deque(maxlen=LAST_EVENTS)
    request.node.stash[_wires] = events

    def note(entry: Entry) -> None:
        # The reminder to take the card would beep everything else out of the report.
        if entry.wire not in ("buzzer", "leds"):
            events.append(entry)

    timeline = Timeline(under_test.emulator)
    timeline.listeners.append(note)
    moments = _moments(request)
    if moments:
        timeline.listeners.append(moments.add)
    told = {"source": "slot", "terminal": {"target": till_options.target}}
    till_session.header = till_session.header.model_copy(update=told)
    till_session.events = SlotRecorder(under_test.emulator).events
    replay = _replay(request)
    if replay:
        under_test.emulator.entry.stand_in = lambda card: replay.card(card.profile)
    with under_test:
        under_test.screen.wait_text("READY")
        yield under_test
        if moments:
            moments.note("heap", under_test.heap())
    _end(request, till_session, replay, trusted=True)


@pytest.fixture
def till_acquirer(till_terminal: Terminal) -> Acquirer:
    """The acquirer that the terminal talks to."""
    return till_terminal.acquirer


@pytest.fixture
def till_line(till_terminal: Terminal) -> AcquirerLine:
    """The line between the terminal and its acquirer, which can misbehave."""
    return till_terminal.line


@pytest.fixture
def till_card(till_terminal: Terminal) -> CardTray:
    """The terminal's card slot."""
    return till_terminal.card


@pytest.fixture(scope="session")
def _till_pcscd(pytestconfig: pytest.Config) -> Iterator[PrivatePcscd]:
    """One for each process of pytest: workers of pytest-xdist do not meet."""
    from tillbench.hil.readers import private_pcscd

    with private_pcscd(pytestconfig) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def _till_board_reader(pytestconfig: pytest.Config) -> Iterator[BoardSlot]:
    """The board as the reader, one for each process of pytest."""
    from tillbench.hil.board_reader import board_reader

    with board_reader(pytestconfig) as slot:
        yield slot


@pytest.fixture
def till_reader(request: pytest.FixtureRequest, till_session: Session) -> Iterator[Reader]:
    """A PC/SC reader with a card in it, powered: `--till-reader`."""
    from tillbench.hil import readers
    from tillbench.host.cards import VirtualCard, load_profile

    name = request.config.getoption("--till-reader")
    replay = _replay(request)
    request.node.user_properties.append(("till_reader", name))
    mark = request.node.get_closest_marker("till_card")
    if name not in readers.OURS and replay is None:
        context = readers.machine_reader(request.config, name, mark.args[0] if mark else None)
    else:
        profile = load_profile(mark.args[0] if mark else CARD)
        card = replay.card(profile) if replay else VirtualCard(profile)
        if name == readers.BOARD:
            context = readers.in_board(request.getfixturevalue("_till_board_reader"), card)
        else:
            context = readers.virtual_reader(request.getfixturevalue("_till_pcscd"), card)
    moments = _moments(request)
    with context as reader:
        till_session.header = reader.session().header
        till_session.events = reader.recorder.events
        yield reader
    if moments:
        moments.add_session(till_session)
    _end(request, till_session, replay, trusted=name in readers.OURS)


def _moments(request: pytest.FixtureRequest) -> Moments | None:
    """What the test leaves for the report, also when it fails while it is set up; None without a report."""
    file: Path | None = request.config.getoption("--till-report")
    if file is None:
        return None
    from tillbench.hil.report.collector import leave
    from tillbench.hil.report.moments import Moments

    moments = request.node.stash[_report] = Moments()
    request.addfinalizer(lambda: leave(file, request.node.nodeid, moments))
    return moments


def _replay(request: pytest.FixtureRequest) -> Replay | None:
    from tillbench.hil.recording import Replay

    folder: Path | None = request.config.getoption("--till-replay")
    return Replay(request.node, folder) if folder else None


def _end(request: pytest.FixtureRequest, session: Session, replay: Replay | None, *, trusted: bool) -> None:
    """Keep the session, or hold it against the recorded one."""
    from tillbench.hil.recording import keep

    keep(request.node, session, trusted=trusted)
    if replay and (verdict := replay.verdict(session)):
        pytest.fail("the cards were told something else than recorded:\n" + "\n".join(verdict), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the last events of all wires into the report of a test that failed, while it was set up too."""
    report = yield
    if call.excinfo is not None:
        strike_if_lost(item, call.excinfo.value)
        if report.failed and _report in item.stash:
            item.stash[_report].fail()
    events = item.stash.get(_wires, None)
    if events and report.failed and call.when != "teardown":
        report.sections.append((f"wires, last {len(events)} events", "\n".join(map(_line, events))))
    if any(name.startswith("till_") for name in getattr(item, "fixturenames", ())):
        from tillbench.hil import masked_failure

        masked_failure.mask(report)
    return report


def _line(entry: Entry) -> str:
    stamp = "*" if entry.t_us is None else f"{entry.t_us / 1_000_000:.6f}"
    return "\n".join([f"{stamp:>12} {entry.wire:8} {entry.event}", *(f"{'':22}{line}" for line in entry.lines)])
