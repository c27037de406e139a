"""The REPL on UART0: mpremote reaches the board as it reaches a real one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.repl_board import ReplBoard

pytestmark = pytest.mark.till_needs("psram")


@pytest.fixture
def terminal_device(device_target: str, tmp_path: Path) -> Iterator[str]:
    """A bare board, its UART0 on a pseudo-terminal; the name of that."""
    board = ReplBoard.start(tmp_path)
    yield board.port
    board.stop()


def test_mpremote(terminal_device: str) -> None:
    code = "import sys, vfs; print(sys.platform, sys.implementation._build, hasattr(vfs, 'VfsLfs2'))"
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", terminal_device, "resume", "exec", code],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (done.stdout.strip(), done.stderr) == ("qemu BENCH_AN385 True", "")
