"""`tillbench board watch`: what goes on in a terminal with real parts."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tillbench.host.cli.emulate import serve, terminate_softly
from tillbench.host.cli.emulate_console import Stopped
from tillbench.host.cli.trace_option import open_trace
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.tapped import TAPPED, TappedEmulator
from tillbench.host.emulator.timeline import Timeline


def watch(port: str, trace: Path | None) -> None:
    """Start the firmware on the board at `port`, and print one line for each event until Ctrl-C or SIGTERM. Then the
    firmware ends, and the board's REPL is back.

    Raises:
        Refused: the trace cannot be written.
        LinkLost: the board is not there, has another build, or goes away.
    """
    with tempfile.TemporaryDirectory(prefix="tillbench-") as folder, terminate_softly():
        emulator = TappedEmulator(Options(Path(folder), target=f"{TAPPED}{port}"))
        timeline = Timeline(emulator)
        timeline.listeners.append(lambda entry: print(entry.as_line(), flush=True))
        file = open_trace(timeline, trace)
        try:
            emulator.power_on()
            serve(emulator)
        except (Stopped, KeyboardInterrupt):
            pass
        finally:
            emulator.close()
            if file is not None:
                file.close()
