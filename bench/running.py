"""Hosts under load: where they run, and when they are there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE_S = 30


HOST_CORE, LOAD_CORE = 0, 1


def keep_to(core: int, pid: int = 0) -> None:
    """Keep a process, this one if none is given, to one core, where the system can and has two."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def ready(port: int) -> None:
    """Wait until something listens. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Running:
    """A host that serves."""

    port: int
    process: subprocess.Popen[str]

    def memory(self) -> int:
        """The most that it has had, in KiB."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def host(kind: str) -> Iterator[Running]:
    """`bench.acquirer_host` with that argument, on its core."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.acquirer_host", kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            keep_to(HOST_CORE, process.pid)
            assert process.stdout is not None
            yield Running(int(process.stdout.readline()), process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
