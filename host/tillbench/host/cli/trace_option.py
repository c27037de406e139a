"""The `--trace` option: a file for a timeline."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.timeline import Timeline, TraceFile


def trace_file(path: Path) -> IO[str]:
    """The file, written by lines: a killed emulator leaves a whole trace up to its last moment. Raises Refused."""
    try:
        return path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise Refused(f"--trace {path}: {error.strerror}") from None


def open_trace(timeline: Timeline, path: Path | None) -> TraceFile | None:
    """The trace, if one is wanted. Raises Refused: it cannot be written."""
    return None if path is None else TraceFile(timeline, trace_file(path))
