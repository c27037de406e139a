"""Processes that go when the one that started them does, whatever ended it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PARENT = """
import subprocess, sys
from tillbench.host.emulator.orphans import WATCH
children = [subprocess.Popen(["sleep", "60"]) for _ in range(3)]
for child in children:
    WATCH.begun(child.pid)
children[1].kill()
children[1].wait()
WATCH.ended(children[1].pid)
print(*(child.pid for child in children), flush=True)
sys.stdin.read()
"""
DEVICE = """
import sys
from pathlib import Path
from tillbench.host.emulator.micropython import UnixProcess
spinning = Path(sys.argv[1]) / "spinning.py"
spinning.write_text("while True: pass")
print(UnixProcess.start(spinning, cwd=spinning.parent).process.pid, flush=True)
sys.stdin.read()
"""
"""Firmware in a loop never looks at the link, so it would not see that nobody is there any more."""

WAITS = pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="processes cannot be waited for that are no children")


@WAITS
def test_a_device_that_hangs_goes_with_its_killed_bench(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DEVICE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as bench:
        assert bench.stdout is not None
        watch = os.pidfd_open(int(bench.stdout.readline()))
        bench.kill()
        assert _ends(watch)


@WAITS
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_its_parent(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        watches = [os.pidfd_open(pids[0]), os.pidfd_open(pids[2])]
        parent.send_signal(how)
        # Readable when the process has ended, whoever waits for it.
        for watch in watches:
            assert _ends(watch)


def test_the_end_is_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", PARENT], stdin=subprocess.DEVNULL, capture_output=True, timeout=30
    )
    assert done.returncode == 0
    assert b"orphans" not in done.stderr
    assert b"unclosed" not in done.stderr


def _ends(watch: int) -> bool:
    try:
        return bool(select.select([watch], [], [], 30)[0])
    finally:
        os.close(watch)
