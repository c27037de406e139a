"""The same seed gives the same run, to the byte, on every wire; another seed gives another one."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel

from . import shop

EPOCH = datetime(2026, 11, 23, 16, 0, 0)


def play(terminal: Terminal) -> None:
    """A sale that is not answered, a power cut, and a sale after it: more than one way through the firmware."""
    terminal.screen.wait_text("READY")
    terminal.acquirer.rules.silence("0200")
    shop.sell(terminal, amount=500)
    terminal.power.cut()
    terminal.screen.turn_page()
    terminal.power.restore()
    shop.idle(terminal)
    assert shop.sell(terminal, shop.VISA).approved


@dataclass(frozen=True)
class Run:
    """Everything on the bench link, in order, in both directions; and the trace of it."""

    link: list[tuple[str, Channel, bytes]]
    trace: str


def run(state: Path, seed: int) -> Run:
    """The play on a new terminal."""
    heard: list[tuple[str, Channel, bytes]] = []
    file = io.StringIO()
    terminal = Terminal(Options(state, seed=seed, epoch=EPOCH))
    timeline = Timeline(terminal.emulator)
    TraceFile(timeline, file)
    bench = terminal.emulator.bench
    to_timeline = bench.on_message

    def hear(direction: str, channel: Channel, payload: bytes) -> None:
        heard.append((direction, channel, payload))
        to_timeline(direction, channel, payload)

    bench.on_message = hear
    with terminal:
        play(terminal)
    return Run(heard, file.getvalue() + "\n".join(entry.as_json() for entry in timeline.summary()))


def test_every_wire_byte_for_byte(tmp_path: Path) -> None:
    first, second, other = (run(tmp_path / name, seed) for name, seed in (("a", 7), ("b", 7), ("c", 8)))
    assert len(first.link) > 2_000
    for number, (one, two) in enumerate(zip(first.link, second.link, strict=False)):
        assert one == two, f"message {number}"
    assert len(first.link) == len(second.link)
    assert first.trace == second.trace
    assert '"wire": "uart2 <"' in first.trace, "the raw wires are summed up in it"

    assert first.link != other.link
    assert first.trace != other.trace
    uarts = [payload for _, channel, payload in first.link if channel == Channel.UART]
    assert uarts != [payload for _, channel, payload in other.link if channel == Channel.UART]


def demo(folder: Path, seed: int) -> tuple[bytes, bytes]:
    """Trace and slip of `tillbench demo`."""
    folder.mkdir()
    options = ["--seed", str(seed), "--trace", "trace.jsonl", "--out", ".", "--expect", "approved"]
    done = subprocess.run(
        [sys.executable, "-c", "from tillbench.host.cli import main; main()", "demo", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return (folder / "trace.jsonl").read_bytes(), (folder / "receipt.png").read_bytes()


def test_command_line_byte_for_byte(tmp_path: Path) -> None:
    first, second = (demo(tmp_path / name, 7) for name in ("a", "b"))
    assert first == second
