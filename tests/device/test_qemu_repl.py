"""The REPL on UART0: mpremote reaches the board as it reaches a real one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tillbench.host.emulator.qemu import find_image, find_qemu

pytestmark = pytest.mark.till_needs("psram")


@pytest.fixture
def terminal_device(device_target: str) -> Iterator[str]:
    """A bare board, its UART0 on a pseudo-terminal; the name of that."""
    command = [
        find_qemu(),
        *("-machine", "mps2-an385", "-cpu", "cortex-m3", "-semihosting", "-display", "none", "-monitor", "none"),
        *("-nic", "none", "-serial", "pty", "-kernel", str(find_image("heap100k"))),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        try:
            said = ""
            while (found := re.search(r"redirected to (\S+)", said)) is None:
                line = process.stdout.readline()
                assert line, f"QEMU has ended: {said}"
                said += line
            yield found[1]
        finally:
            process.kill()


def test_mpremote(terminal_device: str) -> None:
    code = "import sys, vfs; print(sys.platform, sys.implementation._build, hasattr(vfs, 'VfsLfs2'))"
    done = subprocess.run(
        [sys.executable, "-m", "mpremote", "connect", terminal_device, "resume", "exec", code],
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert (done.stdout.strip(), done.stderr) == ("qemu BENCH_AN385 True", "")
