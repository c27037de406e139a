"""Lines that MicroPython has run, as coverage.py tells them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.coverage import __main__ as command
from bench.coverage.lines import gathered, report

PROGRAM = '''"""Words."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def sale(
    amount,
    card,
):
    if amount:
        return (
            amount
        )
    return 0
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "firmware"
    (root / "flows").mkdir(parents=True)
    (root / "flows" / "sale.py").write_text(PROGRAM)
    (root / "flows" / "never.py").write_text("x = 1\ny = 2\n")
    return root


def test_what_was_run_and_what_was_not(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = tmp_path / "lines"
    lines.mkdir()
    sale = root / "flows" / "sale.py"
    (lines / "1").write_text(f"{sale}:3\n{sale}:4\n{sale}:8\n")
    (lines / "2").write_text(f"{sale}:12\n{sale}:14\n/elsewhere.py:1\n{sale}:1")  # killed in the middle of 16
    found = gathered(lines)
    assert found[str(sale)] == {1, 3, 4, 8, 12, 14}
    percentage = report(found, root, tmp_path / "out")
    told = capsys.readouterr().out
    assert percentage == pytest.approx(100 * 4 / 7), told  # of sale.py all but the last line, of never.py nothing
    assert "elsewhere" not in told
    assert "<class name=" in (tmp_path / "out" / "coverage.xml").read_text()
    assert (tmp_path / "out" / "index.html").exists()


def test_without_the_traced_machine_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TILLBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["bench.coverage"])
    assert command.main() == 2
    assert "run bench/coverage/build.sh first" in capsys.readouterr().out


def test_the_program_is_handed_on_with_a_heap_for_the_tracing(tmp_path: Path) -> None:
    played = tmp_path / "micropython"
    played.write_text('#!/bin/sh\necho "$@"\n')
    played.chmod(0o755)
    done = subprocess.run(
        [command.HERE / "micropython.sh", "-X", "heapsize=2M", "/a b/main.py"],
        env={"TILLBENCH_TRACED": str(played), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    tracer = Path(done.stdout.split()[2])
    assert tracer.resolve() == (command.HERE.parent / "on_device" / "line_trace.py").resolve()
    assert done.stdout.startswith("-X heapsize=16M ")
    assert done.stdout.endswith("/a b/main.py\n")
