"""The pytest plugin, as a project that has installed tillbench uses it: its fixtures, and what a failure tells."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.hil import readers, recording
from tillbench.host import terminal

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
HANGS_S = 3
UNUSED = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:benchmark")
"""Plugins that only take time here."""
IMPORTED = (readers, recording, terminal)
"""What the runs inside of this process import, they would unload again, and SQLAlchemy does not survive that."""
TESTS = f"""
from threading import Event

import pytest
from tillbench.host.cards import load_profile

PIN = "1 2 3 4 5 6 ENTER"


@pytest.fixture
def till_profiles():
    return [load_profile("unionpay-debit")]


def test_passes(terminal, acquirer, card, target, request):
    assert target == "esp32"  # pytest-embedded's own fixture and option
    assert request.config.pluginmanager.has_plugin("pytest_embedded")
    assert request.config.pluginmanager.has_plugin("replay")
    assert terminal.acquirer is acquirer
    assert terminal.card is card
    assert "READY" in terminal.screen.text


def test_fails(terminal):
    terminal.press("1 2 ENTER")
    terminal.card.insert("unionpay-debit")
    terminal.screen.wait_text("ENTER PIN")
    terminal.press(PIN)
    terminal.screen.wait_text("NEVER SHOWN", timeout_s=40)


@pytest.mark.timeout({HANGS_S}, func_only=True)
def test_hangs(terminal):
    terminal.press("3 4")
    Event().wait()
"""


def run(folder: Path, *options: str, ini: str = "till_fixtures = true", **files: str) -> str:
    """Pytest's output on those files of tests, in a project of its own."""
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    # A worker's name would make the run inside a worker too.
    around = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST_")}
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *UNUSED, "-q", *options, *(f"{name}.py" for name in files)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**around, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=55)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # with the terminals that it has started
            raise
    return output


def test_fixtures_and_the_wires_of_a_test_that_failed(tmp_path: Path) -> None:
    """Beside pytest-embedded-serial and pytest-replay, whose options work as ever."""
    output = run(tmp_path, "--target", "esp32", "--replay-record-dir", "replay", test_own=TESTS)
    assert "test_own.py::test_passes" in next((tmp_path / "replay").iterdir()).read_text()
    assert "2 failed, 1 passed" in output, output
    fails, hangs = (part.partition("wires, last ")[2] for part in output.split("____ test_")[1:3])
    assert "waited 40 s (virtual) for the screen to show 'NEVER SHOWN'" in output
    for wire in (
        "power    on",
        "0800 network management",
        "keys     ENTER down",
        "unionpay-debit inserted",
        "SELECT 1PAY",
    ):
        assert wire in fails
    assert "-> 0200 financial request" in fails
    assert "   2 primary account number: 620000******0005" in fails
    assert "keys     6 down" not in fails, "not even then is a PIN told"
    assert "keys     4 down" in hangs
    assert f"Timeout (>{HANGS_S}.0s)" in output


def test_the_tests_in_the_documentation(tmp_path: Path) -> None:
    blocks = [
        block
        for document in (ROOT / "README.md", ROOT / "docs" / "quickstart.md")
        for block in re.findall(
            r"^```python\n(.*?)^```", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
    ]
    assert len(blocks) == 2
    output = run(tmp_path, **{f"test_{number}": block for number, block in enumerate(blocks)})
    assert "2 passed" in output, output


SALE = """
import pytest
from tillbench.host.cards import load_profile


@pytest.fixture
def till_profiles():
    return [load_profile("unionpay-debit")]


def test_a_sale(till_terminal, till_session):
    till_terminal.press("1 2 ENTER")
    till_terminal.screen.wait_text("INSERT CARD")
    till_terminal.card.insert("unionpay-debit")
    till_terminal.screen.wait_text("ENTER PIN")
    till_terminal.press("1 2 3 4 5 6 ENTER")
    till_terminal.screen.wait_text("APPROVED")
    assert till_session.exchanges
"""
OTHERWISE = SALE.replace('"1 2 3 4 5 6 ENTER"', '"1 2 3 4 5 5 ENTER"').replace("APPROVED", "REMOVE CARD")


def inside(pytester: pytest.Pytester, *options: str, tests: str) -> str:
    """Pytest's output on a file of tests, in this process: nothing is imported again."""
    pytester.makepyfile(test_it=tests)
    plain = ("-q", *UNUSED, "-p", "no:pytest_embedded", "-p", "no:replay")
    return pytester.runpytest_inprocess(*plain, *options).stdout.str()


def test_recorded_and_replayed(pytester: pytest.Pytester) -> None:
    """The recorded card answers at another seed, and a test that says something else to it fails with what it was."""
    assert "1 passed" in inside(pytester, "--till-record", "kept", tests=SALE)
    kept = pytester.path / "kept" / "test_it.py-test_a_sale.jsonl"
    assert '"source": "slot"' in kept.read_text()
    assert "1 passed" in inside(pytester, "--till-replay", "kept", "--till-seed", "8", tests=SALE)
    output = inside(pytester, "--till-replay", "kept", tests=OTHERWISE)
    assert "1 passed, 1 error" in output
    assert "the cards were told something else than recorded" in output
    assert "semantic  second GENERATE AC, GENERATE AC: 8A Authorisation Response Code: 3030 -> 3535" in output
    item = pytester.getitem(SALE, "test_a_sale")
    with pytest.raises(pytest.skip.Exception, match=r"nothing was recorded for this test: .*test_a_sale\.jsonl"):
        recording.Replay(item, pytester.path / "nowhere")


COMPARES = """
import logging
import pytest


def compare(number, right):
    logging.warning("card %s", number)
    assert number == right


def test_compares(till_options):
    print("before", {number!r})
    compare({number!r}, "9")


@pytest.fixture
def broken(till_options):
    raise ValueError({number!r})


def test_is_not_set_up(broken):
    pass
"""


def test_card_numbers_of_a_failure_are_masked_wherever_it_is_told(pytester: pytest.Pytester) -> None:
    """On the console, in JUnit's file with all output, with all variables."""
    number = "4761739001010010"
    tests = COMPARES.format(number=number).replace(repr(number), f"{number[:8]!r} + {number[8:]!r}")
    told = inside(pytester, "-l", "--junitxml", "junit.xml", "-o", "junit_logging=all", tests=tests)
    assert "1 failed, 1 error" in told
    for text in (told, (pytester.path / "junit.xml").read_text()):
        assert number not in text
        assert text.count("476173******0010") >= 4


def test_sessions_of_tests_with_names_alike_are_kept_apart(pytester: pytest.Pytester) -> None:
    cases = ["'a/b'", "'a-b'", "'a b'", "'a?b'", "'" + "x" * 130 + "1'", "'" + "x" * 130 + "2'"]
    items = pytester.getitems(
        f"import pytest\n@pytest.mark.parametrize('case', [{', '.join(cases)}])\ndef test_one(case): pass\n"
        "def test_two(): pass\n"
    )
    names = [recording.session_file(Path("kept"), item).name for item in items]
    assert len(set(names)) == len(items) == 7
    assert names[-1].endswith(".py-test_two.jsonl")
    assert max(map(len, names)) < 150


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--till-replay", "nowhere"), "--till-replay nowhere: expected a folder with sessions, found none"),
        (("--till-record", "test_it.py"), "--till-record test_it.py: File exists"),
        (("--till-report", "."), "--till-report .: expected a file, found a folder"),
        (("--till-report", "test_it.py/report.html"), "--till-report test_it.py/report.html: "),
        (("--till-results", "a.csv", "--till-results", "test_it.py/a.csv"), "--till-results test_it.py/a.csv: "),
    ],
)
def test_files_that_cannot_be_are_told_before_the_run(
    pytester: pytest.Pytester, options: tuple[str, ...], words: str
) -> None:
    pytester.makepyfile(test_it=NAMES)
    result = pytester.runpytest_inprocess("-q", "-p", "no:pytest_embedded", "-p", "no:replay", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in result.stderr.str()


@pytest.mark.parametrize("count", ["0", "-5", "9", "many"])
def test_an_endurance_of_nothing_is_refused(pytester: pytest.Pytester, count: str) -> None:
    done = pytester.runpytest_inprocess("-p", "no:pytest_embedded", "-p", "no:replay", f"--till-exchanges={count}")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert f"expected 10 or more, found '{count}'" in done.stderr.str()


NAMES = """
import pytest


def test_plain_names(request):
    for name in ("terminal", "acquirer", "card", "line", "reader", "session"):
        with pytest.raises(pytest.FixtureLookupError):
            request.getfixturevalue(name)


def test_a_port(till_terminal):
    pass
"""


def test_plain_names_only_where_they_are_asked_for_and_absent_hardware_by_name(pytester: pytest.Pytester) -> None:
    options = ("--till-target", "serial:/dev/no-such-port", "-rs")
    output = inside(pytester, *options, tests=NAMES)
    assert "1 passed, 1 skipped" in output, output
    assert "target serial:/dev/no-such-port: there is no /dev/no-such-port" in output
    output = inside(pytester, *options, "--till-require-hardware", tests=NAMES)
    assert "1 passed, 1 error" in output, output
    assert "required, and not here: target serial:/dev/no-such-port" in output


def test_a_reader_that_is_not_there(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PC/SC itself: its library looks for the daemon once in a process."""
    lab_reader = pytest.importorskip("tillbench.hil.lab_reader", reason="no pyscard: run `make pcsc`")

    def missing(name: str, boards: Path | None) -> None:
        raise lab_reader.NotThere(f"{name}: no reader {name!r}; there is none")

    monkeypatch.setattr(lab_reader, "LabReader", missing)
    for options, what in (((), pytest.skip.Exception), (("--till-require-hardware",), pytest.fail.Exception)):
        config = pytester.parseconfig(*options)
        with (
            pytest.raises(what, match="reader acs: no reader 'acs'; there is none"),
            readers.machine_reader(config, "acs"),
        ):
            pass


def test_boards_by_name(pytester: pytest.Pytester) -> None:
    boards = pytester.makefile(".yaml", boards="kiosk:\n  port: /dev/no-such-port\n")
    output = inside(pytester, "--till-target", "kiosk", "--till-boards", "boards.yaml", "-rs", tests=NAMES)
    assert "target kiosk: there is no /dev/no-such-port" in output
    for options, words in (
        ((), "expected unix, qemu, serial:PORT or tapped:PORT; a board's name needs --till-boards FILE"),
        (("--till-boards", "boards.yaml"), "--till-target counter: no such board in boards.yaml; there is kiosk"),
        (("--till-boards", "no.yaml"), "--till-boards no.yaml: No such file"),
    ):
        with pytest.raises(pytest.UsageError, match=re.escape(words)):
            pytester.parseconfigure("--till-target", "counter", *options)
    boards.write_text("kiosk:\n  prt: 1\n")
    with pytest.raises(pytest.UsageError, match=r"--till-boards boards\.yaml:2: kiosk: prt: no such field"):
        pytester.parseconfigure("--till-boards", "boards.yaml")
    boards.write_text("acs:\n  reader: ACR39U\n  slot: 1\n")
    with pytest.raises(pytest.UsageError, match=r"--till-boards boards\.yaml:3: acs: slot: no such field"):
        pytester.parseconfigure("--till-boards", "boards.yaml")
