"""Everything is looked at before a run, and repaired where that can be done: nobody trusts tests that fail for the
bench's sake."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tillbench.hil import checks
from tillbench.host.boards.board_port import BoardPort, NoBoard
from tillbench.host.boards.build import root_files, slot_files
from tillbench.host.boards.deploy import DeployFailed, deploy
from tillbench.host.boards.doctor import Finding
from tillbench.host.boards.mpremote_transport import TransportFailed, raw_repl
from tillbench.host.emulator.compiler import cache_dir
from tillbench.host.emulator.micropython import firmware_root

_POWER_S = 60.0
_BACK_S = 15.0


class CannotRepair(Exception):
    """This remedy is not to be had, or has failed; the text says why."""


def reset(port: BoardPort) -> str:
    """By RTS."""
    try:
        port.reset()
        port.wait_for(_BACK_S)
    except NoBoard as error:
        raise CannotRepair(str(error)) from None
    return "reset by RTS"


def power_cycle(port: BoardPort) -> str:
    """By the command of the board map."""
    command = port.board.power
    if command is None:
        raise CannotRepair(f"{port.board.name}: its map has no power: command")
    try:
        done = subprocess.run(  # noqa: S603  the map's own
            shlex.split(command), capture_output=True, text=True, timeout=_POWER_S, check=False
        )
        if done.returncode:
            raise CannotRepair(f"{command}: exit status {done.returncode}: {(done.stderr or done.stdout).strip()}")
        port.wait_for(_BACK_S)
    except (OSError, ValueError, subprocess.TimeoutExpired, NoBoard) as error:
        raise CannotRepair(f"{command}: {error}") from None
    return f"power-cycled by {command}"


def redeploy(port: BoardPort) -> str:
    """The build that the bench starts."""
    build = port.board.build
    files = slot_files(firmware_root(), build, cache_dir())
    try:
        with raw_repl(port) as transport:
            done = deploy(transport, files, root_files(firmware_root(), build))
    except (NoBoard, TransportFailed, DeployFailed) as error:
        raise CannotRepair(str(error)) from None
    return f"deployed {build} again, {done.sent} files sent"


Remedy = Callable[[BoardPort], str]
REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "port": (power_cycle,),
    "MicroPython": (reset, power_cycle),
    "file transport": (reset, power_cycle),
    "heap": (reset,),
    "firmware": (redeploy,),
    "link": (reset, power_cycle, redeploy),
}
"""By the subject of a finding: what helps, the gentlest first. Wrong chip, wrong MAC, other bytecode: for a person."""


@dataclass
class Visit:
    """What came of a board: the last findings, what was done, and whether it is fit."""

    findings: list[Finding] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)

    @property
    def fit(self) -> bool:
        """Nothing is wrong."""
        return bool(self.findings) and all(finding.ok for finding in self.findings)

    @property
    def absent(self) -> bool:
        """Its port is not to be had (not plugged in, taken, forbidden): nobody has seen the board."""
        return not self.repairs and [(each.subject, each.ok) for each in self.findings] == [("port", False)]

    @property
    def trouble(self) -> str:
        """What is still wrong, "" if nothing is."""
        return "; ".join(f"{finding.subject}: {finding.text}" for finding in self.findings if not finding.ok)


def visit(port: BoardPort, *, repair: bool = True, told: Callable[[str], None] = lambda line: None) -> Visit:
    """Look a board over, and repair what can be: each remedy once, and another look after it.

    `told` hears each step as it comes.
    """
    done = Visit()
    tried: set[Remedy] = set()
    while True:
        done.findings = []
        for finding in checks.board(port):
            done.findings.append(finding)
            told(str(finding))
        if done.fit or not repair:
            return done
        for remedy in _untried(done.findings, tried):
            tried.add(remedy)
            try:
                said = remedy(port)
            except CannotRepair as error:
                told(f"--  {error}")
                continue
            done.repairs.append(said)
            told(f"->  {said}")
            break
        else:
            return done


def _untried(findings: list[Finding], tried: set[Remedy]) -> Iterator[Remedy]:
    for finding in findings:
        if not finding.ok:
            yield from (remedy for remedy in REMEDIES.get(finding.subject, ()) if remedy not in tried)
