"""`--till-report`: the page of a run shows where a test failed, and no PIN."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from tillbench.hil.report import collector
from tillbench.hil.report.collector import Collector, leave, parts_folder
from tillbench.hil.report.moments import Moments
from tillbench.hil.report.page import page
from tillbench.host import terminal  # its modules must outlive the run inside of this process
from tillbench.host.session import Exchange, Header, Reset, Session
from tillbench.host.session.record import Event
from tillbench.protocols.emv.pans_in_text import without_pans

pytest_plugins = ["pytester"]
LOADED = (terminal, Collector)
TESTS = """
import pytest
from tillbench.host.cards import load_profile


@pytest.fixture
def till_profiles():
    return [load_profile("unionpay-debit")]


def test_declined(till_terminal):
    till_terminal.press("1 2 ENTER")
    till_terminal.screen.wait_text("INSERT CARD")
    till_terminal.card.insert("unionpay-debit")
    till_terminal.screen.wait_text("ENTER PIN")
    till_terminal.press(" ".join(str(digit) for digit in (9, 8, 7, 6, 5, 4)) + " ENTER")
    till_terminal.screen.wait_text("REMOVE CARD")
    pan = "".join(("62000000", "00000005"))
    assert "NEVER SHOWN" in till_terminal.screen.text + pan, "<it> should"


def test_looks_at_the_page_meanwhile():
    with open("out/r.html") as page:
        text = page.read()
    assert "the run goes on: 1 of 2 tests" in text
    assert "location.reload" in text
"""


def test_a_failure_and_its_moment(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_PAUSE_S", 0.0)
    pytester.makepyfile(test_it=TESTS)
    plain = ("-q", "-p", "no:cacheprovider", "-p", "no:pytest_embedded", "-p", "no:replay")
    output = pytester.runpytest_inprocess(*plain, "--till-report", "out/r.html").stdout.str()
    assert "report: out/r.html" in output
    text = (pytester.path / "out" / "r.html").read_text("utf-8")
    assert not parts_folder(pytester.path / "out" / "r.html").exists()
    assert '<span class="failed">1 failed</span>, <span class="passed">1 passed</span>' in text
    assert '<a href="#last-0">test_it.py::test_declined</a>: AssertionError: &lt;it&gt; should' in text
    assert "the run goes on" not in text
    assert "location.reload" not in text
    moment = re.search(r'<tbody id="last-0" class="last">(.*?)</tbody>(.*)', text, re.DOTALL)
    assert moment is not None
    assert "REMOVE CARD" in moment[1], "the last picture before the assertion"
    assert "power" not in moment[1]
    assert "power</td><td>off" in moment[2]
    then = re.search(r'<p class="then">(.*?)</p>', text)
    assert then is not None
    assert re.findall(r'href="#(\w+-0)"', then[1]) == ["screen-0", "card-0", "host-0"]
    assert "GENERATE AC" in then[1]
    assert all(text.count(f'<tr id="{wire}-0"') == 1 for wire in ("screen", "card", "host"))
    for shown in (
        "unionpay-debit inserted",
        "GENERATE AC",
        "-&gt; 0200 financial request",
        "bytes in use",
        "620000******0005",
    ):
        assert shown in text
    assert "6200000000000005" not in text
    assert not re.search(r"[4-9] down", text), "keys of a PIN"
    picture = re.search(r"\.s-([0-9a-f]+)\{background-image:url\(data:image/png;base64,", text)
    assert picture is not None
    assert f'class="shot s-{picture[1]}"' in text
    assert re.search(r"target unix, seed 7, firmware [0-9a-f]{12}", text)
    assert "<script" in text
    assert "http://" not in text
    assert "https://" not in text


def test_what_was_said_to_a_card_in_a_reader() -> None:
    moments = Moments()
    said: list[Event] = [
        Reset(atr="3B600000"),
        Exchange(t_us=2_000_000, command="0020008008" + "*" * 16, response="63C2"),
    ]
    moments.add_session(Session(Header(), said))
    assert [row["event"] for row in moments.rows] == [
        "reset",
        "VERIFY (plaintext PIN) -> 63C2 verification failed, 2 tries left",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("assert '6200000000000005' == x", "assert '620000******0005' == x"),
        ("4761739001010010=271220112345678", "476173******0010=***************"),
        ("4761739001010010d271220112345678f", "476173******0010D***************"),
        ("read out: 4761 7390 0101 0010.", "read out: 4761 73** **** 0010."),
        ("6200-0000-0000-0006", "6200-0000-0000-0006"),
        ("6200000000000006 0x4761739001010010 1234", "6200000000000006 0x4761739001010010 1234"),
    ],
)
def test_card_numbers_in_a_failure_are_masked(text: str, shown: str) -> None:
    """With a right check digit and alone; others are no card numbers."""
    assert without_pans(text) == shown


def test_what_a_reader_test_failed_at_is_its_last_command() -> None:
    """What was said to a card in a reader comes when the test is over, so it was not there when it failed."""
    moments = Moments()
    moments.fail()
    moments.add_session(
        Session(Header(), [Reset(atr="3B600000"), Exchange(t_us=2, command="00B2010C00", response="6A83")])
    )
    test = {"id": "a", "outcome": "failed", "seconds": 0.0, "failure": "E no", "properties": [], **asdict(moments)}
    text = page([test])
    assert re.search(r'<tbody id="last-0" class="last"><tr id="reader-0".*READ RECORD.*6A83', text)


def test_moments_wait_in_files_for_the_page(tmp_path: Path) -> None:
    """As workers leave them: the process that writes the page did not run the tests."""
    file = tmp_path / "r.html"
    moments = Moments()
    moments.note("power", "<on>")
    leave(file, "a.py::test_a[1]", moments)
    (part,) = parts_folder(file).iterdir()
    assert json.loads(part.read_text())["rows"][0]["event"] == "<on>"


def test_an_empty_run() -> None:
    assert "no test was run" in page([])
