"""Gathers what the tests of a run leave, of all workers of pytest-xdist, and writes the page.

A test leaves its moments in a file of its own, in a folder beside the page, which goes when the run is over. Until then
the page is written again and again, with what is done so far and what runs now.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from tillbench.hil.report.moments import Moments
from tillbench.hil.report.page import Progress, page
from tillbench.host.whole_file import write_whole
from tillbench.protocols.emv.pans_in_text import without_pans

_PAUSE_S = 1.0
_NOTHING: dict[str, Any] = {"rows": [], "pictures": {}, "failed_at": None}


def parts_folder(file: Path) -> Path:
    """Where moments wait for the page."""
    return file.with_name(file.name + ".parts")


def leave(file: Path, node_id: str, moments: Moments) -> None:
    """In the process of the test."""
    folder = parts_folder(file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _part(folder, node_id).write_text(json.dumps(asdict(moments)), "utf-8")
    except OSError as error:
        _part(folder, node_id).unlink(missing_ok=True)
        pytest.fail(f"--till-report: {error.filename or folder}: {error.strerror}", pytrace=False)


def _part(folder: Path, node_id: str) -> Path:
    return folder / f"{hashlib.sha256(node_id.encode()).hexdigest()[:24]}.json"


class Collector:
    """Hears the reports, in the one process that has them all."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._tests: dict[str, dict[str, Any]] = {}
        self._parts: dict[str, dict[str, Any]] = {}
        self._running: list[str] = []
        self._expected = 0
        self._worker = False
        self._next_at = 0.0
        self._unwritten = ""

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """A worker of pytest-xdist leaves the page to the process that has its reports."""
        self._worker = hasattr(session.config, "workerinput")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """How many there will be."""
        self._expected = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same for the process that has the workers: each of them has collected all."""
        self._expected = len(ids)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """It runs."""
        self._running.append(nodeid)
        self._show_progress()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """It is over."""
        if nodeid in self._running:
            self._running.remove(nodeid)
        self._show_progress()

    def _show_progress(self) -> None:
        if self._worker or time.monotonic() < self._next_at:
            return
        began = time.monotonic()
        with suppress(OSError):  # told at the end, if it still cannot be written then
            self._write(Progress(len(self._tests), max(self._expected, len(self._tests)), tuple(self._running)))
        # A page with hundreds of tests takes its time: never more than a twentieth of the run's.
        self._next_at = time.monotonic() + max(_PAUSE_S, 20 * (time.monotonic() - began))

    def _write(self, progress: Progress | None = None) -> None:
        folder = parts_folder(self._file)
        for name in self._tests:
            if name not in self._running and name not in self._parts:
                self._parts[name] = _moments(_part(folder, name))
        tests = [{**test, **self._parts.get(name, _NOTHING)} for name, test in self._tests.items()]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # Whoever looks at it meanwhile sees a whole page.
        write_whole(self._file, page(tests, progress).encode())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A failure of set-up or teardown is an error, as pytest counts it."""
        test = self._tests.setdefault(
            report.nodeid, {"id": report.nodeid, "outcome": "passed", "seconds": 0.0, "failure": "", "properties": []}
        )
        test["seconds"] += report.duration
        test["properties"] = [pair for pair in report.user_properties if str(pair[0]).startswith("till_")]
        if report.failed:
            test["outcome"] = "failed" if report.when == "call" else "error"
            test["failure"] = without_pans(report.longreprtext)
        elif report.skipped and test["outcome"] == "passed":
            test["outcome"] = "skipped"
            test["failure"] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the page for good."""
        if hasattr(session.config, "workerinput"):
            return
        self._running.clear()
        try:
            self._write()
        except OSError as error:
            self._unwritten = f"{error.filename or self._file}: {error.strerror}"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        shutil.rmtree(parts_folder(self._file), ignore_errors=True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where it is."""
        told = f"NOT WRITTEN: {self._unwritten}" if self._unwritten else self._file
        terminalreporter.write_line(f"report: {told}")


def _moments(part: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(part.read_text("utf-8"))
    except FileNotFoundError:
        return _NOTHING
    return found
