"""Measured figures, and the page they are written on."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tillbench.host.emulator.micropython import find_micropython


@dataclass(frozen=True)
class Row:
    """One figure: what, how much with its unit, and, where there is one, how many times its peer in the same run."""

    what: str
    value: str
    against: str = ""


@dataclass
class Section:
    """Figures that belong together, with what a reader must know of them."""

    title: str
    note: str = ""
    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, value: str, against: str = "") -> None:
        self.rows.append(Row(what, value, against))


def median_s(step: Callable[[], object], rounds: int) -> float:
    """Median wall time of `step` in seconds, over `rounds` calls."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def us(seconds: float) -> str:
    """A time in three digits, as microseconds, milliseconds or seconds."""
    if seconds >= 0.9995:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} us"


def times(value: float, peer: float) -> str:
    """How many times the peer."""
    return f"{value / peer:.3g} x"


def machine() -> list[str]:
    """The machine that measured, without its name."""
    version = subprocess.run(
        [find_micropython(), "-c", "import sys; print(sys.version)"], capture_output=True, text=True, check=True
    )
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return [
        f"CPU: {_cpu_model()}, {os.cpu_count()} cores; {memory / 2**30:.0f} GiB of memory; {platform.system()}",
        f"Python {sys.version.split()[0]}; MicroPython {version.stdout.strip()}, Unix port, 64 bit",
        f"Load average when it began: {os.getloadavg()[0]:.1f}; date: {date.today().isoformat()}",
    ]


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def page(about: Iterable[str], sections: Iterable[Section]) -> str:
    """The figures as Markdown."""
    lines = [
        "# What it costs",
        "",
        "Written by `make bench`; figures of one machine at one time, bounds of nothing.",
        "",
    ]
    lines += [f"- {line}" for line in about]
    for section in sections:
        lines += ["", f"## {section.title}", ""]
        if section.note:
            lines += [section.note, ""]
        lines += ["| What | Measured | Against its peer |", "|---|---:|---|"]
        lines += [f"| {row.what} | {row.value} | {row.against} |" for row in section.rows]
    return "\n".join(lines) + "\n"
