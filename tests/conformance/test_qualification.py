"""The reader qualification suite as its users run it, on virtual cards in stock pcscd: some cases of each part. All of
them, in a minute: `pytest --pyargs tillbench.hil.qualification`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.hil import results_compare
from tillbench.hil.qualification.cases import FAIL, NOT_OFFERED, NOT_RUN, PASS
from tillbench.hil.results import Result, as_csv, as_html, differences, read_csv

from .conftest import absent

SOME = "test_atr or test_case_2 or test_61 or test_exclusive or test_features or test_removal or test_endurance"


pytestmark = pytest.mark.timeout(150)  # a run of the suite within a test, with a daemon, readers and cards


def suite(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--pyargs",
            "tillbench.hil.qualification",
            *options,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=140,
        env=os.environ | {"CI": ""},
        check=False,
    )


@pytest.mark.one_in(2)
def test_the_virtual_reader(tmp_path: Path) -> None:
    """In two workers of pytest-xdist, each with a pcscd of its own; one set of results."""
    files = ("--till-results", "a.csv", "--till-results", "a.html", "--junitxml", "a.xml")
    done = suite(tmp_path, "-n", "2", "-k", SOME, "--till-exchanges", "50", *files)
    results = {item.id: item for item in read_csv(tmp_path / "a.csv")}
    if any(item.verdict == NOT_RUN for item in results.values()):
        absent(next(iter(results.values())).note)
    assert done.returncode == 0, done.stdout
    assert "qualification: 6 pass, 2 not offered by this reader" in done.stdout, done.stdout
    assert "RQ-TIM-02: 50 exchanges at T=0: " in done.stdout
    assert results["RQ-ACT-01"].verdict == PASS
    assert results["RQ-ACT-01"].reader == "tillbench 00 00"
    assert results["RQ-ACT-01"].atr == "3B600000"
    assert results["RQ-SHR-05"].verdict == NOT_OFFERED
    assert "SCardControl" in results["RQ-SHR-05"].note
    assert results["RQ-TIM-02"].note.startswith("50 exchanges at T=0: ")
    page = (tmp_path / "a.html").read_text()
    assert "not offered by this reader" in page
    assert "tillbench 00 00, ATR 3B600000" in page
    assert '<property name="till_case" value="RQ-ACT-01"' in (tmp_path / "a.xml").read_text()


def test_a_reader_that_is_not_there(tmp_path: Path) -> None:
    """Nothing is passed, nothing is called not offered."""
    done = suite(tmp_path, "-k", "test_atr", "--till-reader", "no-such-reader", "--till-results", "a.csv")
    if "No module named 'smartcard'" in done.stdout:
        absent("no pyscard: run `make pcsc`")
    assert "not run" in done.stdout
    assert {item.verdict for item in read_csv(tmp_path / "a.csv")} == {NOT_RUN}


def result(id_: str, verdict: str, note: str = "") -> Result:
    return Result(id_, "a <reader>", "3B", "", verdict, "0.1", note, "own", "a card", "it does")


def test_two_runs_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = [result("A", PASS, "40/s"), result("B", PASS, "8 ms"), result("C", NOT_OFFERED, "no slot")]
    second = [result("A", PASS, "25/s"), result("B", FAIL, "late"), result("D", PASS)]
    assert differences(first, first) == []
    told = ["B: pass -> fail (late)", "C: only in the first", "D: only in the second"]
    assert differences(first, second) == told
    (tmp_path / "1.csv").write_text(as_csv(first))
    (tmp_path / "2.csv").write_text(as_csv(second))
    assert read_csv(tmp_path / "2.csv") == second
    assert results_compare.main([str(tmp_path / "1.csv"), str(tmp_path / "2.csv")]) == 1
    beside = ["A: 40/s", "   25/s", "B: 8 ms", "   not measured"]
    assert capsys.readouterr().out.splitlines() == told + beside
    assert results_compare.main([str(tmp_path / "1.csv"), str(tmp_path / "1.csv")]) == 0
    assert "3 cases, the same verdicts: 2 pass, 1 not offered by this reader" in capsys.readouterr().out
    (tmp_path / "3.csv").write_text("id,verdict\n")
    assert results_compare.main([str(tmp_path / "1.csv"), str(tmp_path / "3.csv")]) == 2
    assert "expected the columns id, reader, atr" in capsys.readouterr().err
    assert results_compare.main([str(tmp_path / "1.csv"), str(tmp_path / "no.csv")]) == 2
    whole = as_csv(first)
    for text, words in (
        ("\xff", "expected a CSV file of --till-results"),
        (as_csv([]), "expected the verdicts of cases, found none"),
        (whole[: whole.rindex(",own")], "case 3: expected 10 columns, found 7"),
        (whole.replace(",pass,", ",perhaps,"), "A: verdict: expected pass, fail"),
    ):
        (tmp_path / "3.csv").write_text(text, "latin-1")
        assert results_compare.main([str(tmp_path / "3.csv"), str(tmp_path / "3.csv")]) == 2
        assert words in capsys.readouterr().err
    (tmp_path / "3.csv").write_text(as_csv([result("A", NOT_RUN, "no reader")]))
    assert results_compare.main([str(tmp_path / "3.csv"), str(tmp_path / "3.csv")]) == 2
    assert "no case was run in either" in capsys.readouterr().err
    assert results_compare.main([str(tmp_path / "1.csv"), str(tmp_path / "3.csv")]) == 1
    assert results_compare.main([]) == 2


def test_the_page_escapes_what_it_shows() -> None:
    page = as_html([result("A", FAIL, "<b>")])
    assert "<b>" not in page
    assert "a &lt;reader&gt;" in page
