"""Gathers what the tests of a run leave, of all workers of pytest-xdist, and writes the page.

A test leaves its moments in a file of its own, in a folder beside the page, which goes when the page is written.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tillbench.hil.report.moments import Moments
from tillbench.hil.report.page import page


def parts_folder(file: Path) -> Path:
    """Where moments wait for the page."""
    return file.with_name(file.name + ".parts")


def leave(file: Path, node_id: str, moments: Moments) -> None:
    """In the process of the test."""
    folder = parts_folder(file)
    folder.mkdir(parents=True, exist_ok=True)
    _part(folder, node_id).write_text(json.dumps({"rows": moments.rows, "pictures": moments.pictures}), "utf-8")


def _part(folder: Path, node_id: str) -> Path:
    return folder / f"{hashlib.sha256(node_id.encode()).hexdigest()[:24]}.json"


class Collector:
    """Hears the reports, in the one process that has them all."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure of set-up or teardown is an error, as pytest counts it."""
        test = self._tests.setdefault(
            report.nodeid, {"id": report.nodeid, "outcome": "passed", "seconds": 0.0, "failure": "", "properties": []}
        )
        test["seconds"] += report.duration
        test["properties"] = [pair for pair in report.user_properties if str(pair[0]).startswith("till_")]
        if report.failed:
            test["outcome"] = "failed" if report.when == "call" else "error"
            test["failure"] = report.longreprtext
        elif report.skipped and test["outcome"] == "passed":
            test["outcome"] = "skipped"
            test["failure"] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page."""
        if hasattr(session.config, "workerinput"):
            return
        folder = parts_folder(self._file)
        tests = [{**test, **_moments(_part(folder, name))} for name, test in self._tests.items()]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(page(tests), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where it is."""
        terminalreporter.write_line(f"report: {self._file}")


def _moments(part: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(part.read_text("utf-8"))
    except FileNotFoundError:
        return {"rows": [], "pictures": {}}
    return found
