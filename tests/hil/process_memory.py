"""What is in the memory of the process that runs the firmware."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.terminal import Terminal

HAS_MEMORY = Path("/proc/self/mem").exists()
NEEDS_MEMORY = pytest.mark.skipif(not HAS_MEMORY, reason="needs /proc/PID/mem to look into the terminal")


def memory(terminal: Terminal) -> list[tuple[str, bytes]]:
    """Everything that the device's process could have written to, as it is at this moment."""
    process = terminal.emulator.bench._process
    assert isinstance(process, UnixProcess)
    proc = Path("/proc") / str(process.process.pid)
    regions = []
    with (proc / "mem").open("rb", buffering=0) as mem:
        for line in (proc / "maps").read_text().splitlines():
            span, rights, *_, name = [*line.split(maxsplit=5), ""][:6]
            if not rights.startswith("rw") or "[v" in line:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            mem.seek(start)
            regions.append((f"{name or 'anonymous'} {span}", mem.read(end - start)))
    return regions
