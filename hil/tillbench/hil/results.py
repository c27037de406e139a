"""Results of the qualification suite in files: CSV for comparing, HTML for reading. JUnit is pytest's own, with the
same properties."""

from __future__ import annotations

import csv
import html
from dataclasses import asdict, dataclass, fields
from io import StringIO
from pathlib import Path

import pytest
from tillbench.hil.qualification.cases import FAIL, NOT_OFFERED, NOT_RUN, PASS, VERDICTS

_CASE = "till_case"


@dataclass(frozen=True)
class Result:
    """A case at a reader. `seconds` it took, `note` what it measured or why it did not pass."""

    id: str
    reader: str
    atr: str
    firmware: str
    verdict: str
    seconds: str
    note: str
    requirement: str
    needs: str
    passes: str


class Collector:
    """Hears of every test, and writes the files that `--till-results` names in the end."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files
        self.results: list[Result] = []
        self._unwritten: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """With pytest-xdist, in the process that the workers report to."""
        told = dict(report.user_properties)
        if _CASE not in told or not (report.when == "call" or report.outcome != "passed"):
            return
        verdict, note = _verdict(report)
        note = note or str(told.get("till_note", ""))
        number = report.nodeid.partition("[")[2].rstrip("]")
        id_ = f"{told[_CASE]}[{number}]" if number else str(told[_CASE])
        result = Result(
            id_,
            str(told.get("till_reader", "")),
            str(told.get("till_atr", "")),
            str(told.get("till_firmware", "")),
            verdict,
            f"{report.duration:.3f}",
            note,
            *(str(told.get(f"till_{name}", "")) for name in ("requirement", "needs", "passes")),
        )
        # A case that passed and then failed when it was taken down has failed; what failed before that is kept.
        if (id_, FAIL) not in ((item.id, item.verdict) for item in self.results):
            self.results = [item for item in self.results if item.id != id_] + [result]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files."""
        if hasattr(session.config, "workerinput"):
            return
        for file in self._files:
            text = as_html(self.results) if file.suffix == ".html" else as_csv(self.results)
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, "utf-8")
            except OSError as error:
                self._unwritten.append(f"{file}: {error.strerror}")
                session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How many of each verdict, and what was measured."""
        terminalreporter.write_line(f"qualification: {tally(self.results) or 'no case was run'}")
        for line in self._unwritten:
            terminalreporter.write_line(f"results: NOT WRITTEN: {line}")
        for item in measured(self.results):
            terminalreporter.write_line(f"{item.id}: {item.note}")


def _verdict(report: pytest.TestReport) -> tuple[str, str]:
    if report.passed:
        return PASS, ""
    if report.skipped:
        why = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        why = why.removeprefix("Skipped: ")
        if why.startswith(NOT_OFFERED):
            return NOT_OFFERED, why.removeprefix(f"{NOT_OFFERED}: ")
        return NOT_RUN, why
    last = str(report.longreprtext).strip().splitlines()
    return FAIL, next(
        (line.removeprefix("E").strip() for line in last if line.startswith("E ")), last[-1] if last else ""
    )


def as_csv(results: list[Result]) -> str:
    """A line a case, by id."""
    text = StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Result)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(result) for result in sorted(results, key=lambda item: item.id))
    return text.getvalue()


def read_csv(file: Path) -> list[Result]:
    """Raises ValueError naming the file, what was expected and found; OSError."""
    names = [field.name for field in fields(Result)]
    try:
        rows = list(csv.reader(StringIO(file.read_text("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{file}: expected a CSV file of --till-results, found {error}") from None
    if not rows or rows[0] != names:
        raise ValueError(f"{file}: expected the columns {', '.join(names)}, found {', '.join(rows[0]) if rows else ''}")
    if len(rows) == 1:
        raise ValueError(f"{file}: expected the verdicts of cases, found none")
    results = []
    for number, row in enumerate(rows[1:], 1):
        if len(row) != len(names):
            raise ValueError(f"{file}: case {number}: expected {len(names)} columns, found {len(row)}")
        results.append(Result(*row))
        if results[-1].verdict not in VERDICTS:
            raise ValueError(
                f"{file}: {row[0]}: verdict: expected {', '.join(VERDICTS)}, found {results[-1].verdict!r}"
            )
    return results


_COLOURS = {PASS: "#1a7f37", FAIL: "#cf222e", NOT_OFFERED: "#9a6700", NOT_RUN: "#57606a"}
_STYLE = (
    "body{font:14px/1.5 system-ui;margin:2em;max-width:75em}table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #d0d7de;padding:.4em .6em;text-align:left;vertical-align:top}"
    "th{position:sticky;top:0;background:#f6f8fa}"
)


def as_html(results: list[Result]) -> str:
    """One page that needs nothing else."""
    # A case that was not run may not know the reader's card.
    first = max(results, key=lambda item: bool(item.atr), default=None)
    head = html.escape(f"{first.reader}, ATR {first.atr}" if first else "nothing was run")
    rows = "".join(
        f"<tr><td>{html.escape(item.id)}</td>"
        f'<td style="color:{_COLOURS[item.verdict]};font-weight:600">{html.escape(item.verdict)}</td>'
        f"<td>{html.escape(item.passes)}</td><td>{html.escape(item.needs)}</td>"
        f"<td>{html.escape(item.requirement)}</td><td>{html.escape(item.note)}</td><td>{item.seconds}</td></tr>\n"
        for item in sorted(results, key=lambda one: one.id)
    )
    columns = "".join(
        f"<th>{name}</th>" for name in ("case", "verdict", "passes when", "needs", "requirement", "note", "s")
    )
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Reader qualification: {head}</title>'
        f"<style>{_STYLE}</style><h1>Reader qualification</h1><p>{head}</p><p>{tally(results)}</p>"
        f"<table><thead><tr>{columns}</tr></thead><tbody>\n{rows}</tbody></table></html>\n"
    )


def tally(results: list[Result]) -> str:
    """How many there are of each verdict; "" of none."""
    counts = {verdict: sum(item.verdict == verdict for item in results) for verdict in VERDICTS}
    return ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)


def measured(results: list[Result]) -> list[Result]:
    """Those that have passed and have measured something."""
    return [item for item in results if item.verdict == PASS and item.note]


def differences(first: list[Result], second: list[Result]) -> list[str]:
    """Cases whose verdict is another, and cases that only one of them has, in words."""
    left, right = ({item.id: item for item in results} for results in (first, second))
    told = []
    for id_ in sorted({*left, *right}):
        was, is_now = left.get(id_), right.get(id_)
        if was is None or is_now is None:
            told.append(f"{id_}: only in the {'second' if was is None else 'first'}")
        elif was.verdict != is_now.verdict:
            note = f" ({is_now.note})" if is_now.note else ""
            told.append(f"{id_}: {was.verdict} -> {is_now.verdict}{note}")
    return told
