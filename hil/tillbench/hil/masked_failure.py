"""A failure is told in the test's own words, with whatever it has compared: the card numbers in them are masked, on the
console, in JUnit's file and wherever else a report of pytest goes."""

from __future__ import annotations

import pytest
from _pytest._code.code import ExceptionChainRepr, ReprEntry, ReprTraceback
from tillbench.protocols.emv.pans_in_text import without_pans


def mask(report: pytest.TestReport) -> None:
    """Mask the card numbers in what a report tells: failure, and captured output, which the teardown's report of a test
    that has passed has too."""
    report.sections = [(title, without_pans(text)) for title, text in report.sections]
    told = report.longrepr
    if isinstance(told, str):
        report.longrepr = without_pans(told)
    elif isinstance(told, ExceptionChainRepr):
        for traceback, crash, _description in told.chain:
            _mask_traceback(traceback)
            if crash is not None:
                crash.message = without_pans(crash.message)


def _mask_traceback(traceback: ReprTraceback) -> None:
    for entry in traceback.reprentries:
        entry.lines = [without_pans(line) for line in entry.lines]
        if isinstance(entry, ReprEntry):
            if entry.reprlocals is not None:
                entry.reprlocals.lines = [without_pans(line) for line in entry.reprlocals.lines]
            if entry.reprfuncargs is not None:
                entry.reprfuncargs.args = [(name, without_pans(str(value))) for name, value in entry.reprfuncargs.args]
