"""The pytest plugin, as a project that has installed tillbench uses it: its fixtures, and what a failure tells."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HANGS_S = 5
TESTS = f"""
import pytest

PIN = "1 2 3 4 5 6 ENTER"


def test_passes(terminal, acquirer, card):
    assert terminal.acquirer is acquirer
    assert terminal.card is card
    assert "READY" in terminal.screen.text


def test_fails(terminal):
    terminal.press("1 2 ENTER")
    terminal.card.insert("unionpay-debit")
    terminal.screen.wait_text("ENTER PIN")
    terminal.press(PIN)
    terminal.screen.wait_text("NEVER SHOWN", timeout_s=40)


@pytest.mark.timeout({HANGS_S})
def test_hangs(terminal):
    terminal.press("3 4")
    while True:
        pass
"""


def run(folder: Path, **files: str) -> str:
    """Pytest's output on those files of tests."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *(f"{name}.py" for name in files)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=55,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return done.stdout + done.stderr


def test_fixtures_and_the_wires_of_a_test_that_failed(tmp_path: Path) -> None:
    output = run(tmp_path, test_own=TESTS)
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
