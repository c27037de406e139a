"""The `--state` option: a folder that outlives the run."""

from __future__ import annotations

from pathlib import Path

from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.state import StateDir, default_state_dir


def open_state(path: Path | None) -> StateDir:
    """The folder, made if need be. Raises Refused if it cannot be made or written."""
    state = StateDir(path or default_state_dir())
    try:
        state.prepare()
    except OSError as error:
        raise Refused(f"--state {state.path}: {error.strerror}") from None
    return state
