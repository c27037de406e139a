"""Command-line options, settings and markers of the plugin."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest
from tillbench.hil.targets import target_name

GENERIC = "till_fixtures"
_LEAST_EXCHANGES = 10  # fewer have no percentiles
_FOLDERS_READ = ("--till-replay",)
_FOLDERS_WRITTEN = ("--till-record",)
_FILES_WRITTEN = ("--till-report", "--till-results")


def _exchanges(text: str) -> int:
    if not text.isdecimal() or int(text) < _LEAST_EXCHANGES:
        raise argparse.ArgumentTypeError(f"expected {_LEAST_EXCHANGES} or more, found {text!r}")
    return int(text)


def add_options(parser: pytest.Parser) -> None:
    """All of them begin with `--till`: others have taken `--target`."""
    group = parser.getgroup("tillbench", "payment terminal under test")
    group.addoption(
        "--till-target",
        action="append",
        type=target_name,
        metavar="unix|qemu|serial:PORT|tapped:PORT|NAME",
        help="what runs the firmware; several: each test runs on each (default: unix). NAME: a board of --till-boards",
    )
    group.addoption("--till-seed", default="7", metavar="SEED", help="everything random comes from it")
    group.addoption(
        "--till-reader",
        default="virtual",
        metavar="virtual|board|NAME",
        help="the PC/SC reader: one with virtual cards in a pcscd of our own (default), a board with the reader's "
        "firmware, or one by a part of its name or by its name in --till-boards",
    )
    group.addoption("--till-boards", type=Path, metavar="FILE", help="boards.yaml: which boards and readers there are")
    group.addoption(
        "--till-record", type=Path, metavar="DIR", help="keep what each test's cards say, one session a test"
    )
    group.addoption(
        "--till-replay",
        type=Path,
        metavar="DIR",
        help="recorded cards answer in place of the test's; a test fails that says something else to them",
    )
    group.addoption(
        "--till-report",
        type=Path,
        metavar="FILE.html",
        help="one page for the run: what happened on every wire in each test, with pictures",
    )
    group.addoption(
        "--till-require-hardware",
        action="store_true",
        help="what is absent is an error instead of a skip",
    )
    group.addoption(
        "--till-results",
        type=Path,
        action="append",
        metavar="FILE.csv|FILE.html",
        help="results of tillbench.hil.qualification: verdict of each case",
    )
    group.addoption(
        "--till-exchanges",
        type=_exchanges,
        default=200,
        metavar="N",
        help=f"how many exchanges its endurance case makes, {_LEAST_EXCHANGES} at least",
    )
    parser.addini(
        GENERIC,
        "fixtures under plain names: terminal, acquirer, card, reader, line, session; else only till_terminal...",
        type="bool",
        default=False,
    )


def check_paths(config: pytest.Config) -> None:
    """What is to be read is there, and what is to be written can be: it is told before the run, not after it.

    Raises:
        pytest.UsageError: it is not.
    """
    for option in (*_FOLDERS_READ, *_FOLDERS_WRITTEN, *_FILES_WRITTEN):
        given = config.getoption(option)
        for path in given if isinstance(given, list) else [given] if given else []:
            try:
                _check_path(option, path)
            except OSError as error:
                raise pytest.UsageError(f"{option} {path}: {error.strerror}") from None


def _check_path(option: str, path: Path) -> None:
    if option in _FOLDERS_READ:
        if not path.is_dir():
            raise pytest.UsageError(f"{option} {path}: expected a folder with sessions, found none")
        return
    folder = path if option in _FOLDERS_WRITTEN else path.parent
    if option in _FILES_WRITTEN and path.is_dir():
        raise pytest.UsageError(f"{option} {path}: expected a file, found a folder")
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise pytest.UsageError(f"{option} {path}: nothing can be written to {folder}")


MARKERS = (
    "till_needs(*capabilities): what the target must have, else the test is skipped by that name",
    "till_case(case): a case of tillbench.hil.qualification",
    "till_card(name): the virtual card in the reader of this test (default: visa-cda), or one of the reader's feeder",
)
