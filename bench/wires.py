"""How fast the link, the display and the card slot are, against a bare socketpair between two CPython processes."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tillbench.host.devices.panel import Panel
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import RECORD, ScriptedCard
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.entropy import Entropy

from bench.shop import ON_DEVICE, RUNNER
from bench.table import Section, median_s, times, us

ROUNDS = 5
ECHO = """
import socket, sys
end = socket.socket(fileno=int(sys.argv[1]))
size = int(sys.argv[2])
while data := end.recv(size, socket.MSG_WAITALL):
    end.sendall(data)
"""
READ_RECORD = bytes.fromhex("00B2010C10")


@contextmanager
def runner(folder: Path) -> Iterator[Bench]:
    """A device that runs what it is told, with the probes of this folder."""
    folder.mkdir(parents=True, exist_ok=True)

    def start() -> UnixProcess:
        return UnixProcess.start(RUNNER / "device_main.py", paths=(RUNNER, ON_DEVICE), cwd=folder)

    bench = Bench(start, Vaults(Entropy(7).stream("device")))
    bench.power_on()
    try:
        yield bench
    finally:
        bench.power_off()


def per_call(bench: Bench, n: int, target: str, *args: object) -> float:
    """Median seconds for one of the `n` steps that `target` makes in each call; the first call does not count."""
    bench.call(target, 1, *args)
    return median_s(lambda: bench.call(target, n, *args), ROUNDS) / n


def measure(folder: Path) -> Section:
    """Link round trip, T=0 exchange, display frames."""
    section = Section(
        "Wires",
        "Wall time, host models included. The peer is the same number of bytes sent and sent back over a socketpair "
        "between two CPython processes, in the same run: what two processes that wait for each other cost here.",
    )
    bare = ping_pong(1, 2000)
    with runner(folder / "wires") as bench:
        link = per_call(bench, 2000, "speed_probe:link_round_trips")
        section.add("Link round trip, 1 byte", us(link), f"{times(link, bare)} a bare round trip ({us(bare)})")

        bench.i2c(0).attach(60, Panel(Entropy(7).random("panel")))
        frame = per_call(bench, 100, "speed_probe:frames")
        bare_frame = ping_pong(1031, 500)
        section.add("Display frames a second, 1,024 bytes each, decoded into pixels", f"{1 / frame:,.0f}")
        section.add("One display frame", us(frame), f"{times(frame, bare_frame)} 1,031 bytes there and back")

        slot = Slot(bench.clock, bench.nets, bench.uart(2))
        slot.insert(ScriptedCard())
        bench.run_for(0.1)
        assert bench.call("speed_probe:exchanges", 1, READ_RECORD) == RECORD + b"\x90\x00"
        now = bench.clock.now
        bench.call("speed_probe:exchanges", 101, READ_RECORD)
        virtual_us = (bench.clock.now - now) / 101
        exchange = per_call(bench, 100, "speed_probe:exchanges", READ_RECORD)
        section.add("T=0 exchange, 5 bytes out, 19 in", us(exchange), f"{times(exchange, bare)} a bare round trip")
        section.add("The same in virtual time, 10,753 bit/s", us(virtual_us / 1e6), "activation spread over 101")
    return section


def ping_pong(size: int, n: int) -> float:
    """Median seconds for `size` bytes there and back between two CPython processes."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        arguments = [sys.executable, "-c", ECHO, str(theirs.fileno()), str(size)]
        with subprocess.Popen(arguments, pass_fds=[theirs.fileno()]) as process:
            theirs.close()
            data = bytes(size)

            def burst() -> None:
                for _ in range(n):
                    ours.sendall(data)
                    ours.recv(size, socket.MSG_WAITALL)

            burst()
            took = median_s(burst, ROUNDS) / n
            ours.close()
            process.wait(10)
    return took
