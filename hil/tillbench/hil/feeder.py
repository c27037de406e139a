"""Card feeders: what puts a card into a reader, and takes it out, in place of a person.

A feeder is a command, or a device on a serial port that speaks lines of ASCII at 115,200 baud:

    -> LOAD 2      puts the card of that place into the reader, whatever is in there now
    -> EJECT       takes out what is in there
    <- OK          done
    <- ERROR why   not done

The command is run with the place, or with the word `none` to take out what is in there. Exit status 0: done; else the
last line that it says on stderr is the reason.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import Protocol

from tillbench.host.boards.reader_map import PLACE, ReaderEntry
from tillbench.host.emulator.serial_wire import open_port

SERIAL = "serial:"
NONE = "none"
BAUD = 115_200
PATIENCE_S = 60.0
"""A carousel turns, a card is pushed in."""


class FeederFault(Exception):
    """The feeder has not done what was asked of it; the text says what, and its own words."""


class Feeder(Protocol):
    """Something that changes the card of one reader. Both raise FeederFault."""

    def load(self, place: str) -> None:
        """Put the card of that place into the reader."""
        ...

    def eject(self) -> None:
        """Take out what is in the reader."""
        ...


class CommandFeeder:
    """A command for each movement."""

    def __init__(self, reader: str, command: str) -> None:
        self._reader = reader
        self._command = command

    def load(self, place: str) -> None:
        """Run it with the place."""
        self._run(place)

    def eject(self) -> None:
        """Run it with `none`."""
        self._run(NONE)

    def _run(self, place: str) -> None:
        command = [word.replace(PLACE, place) for word in shlex.split(self._command)]
        what = f"{self._reader}: feeder: {shlex.join(command)}"
        try:
            done = subprocess.run(  # noqa: S603  the map's own command
                command, capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False
            )
        except OSError as error:
            raise FeederFault(f"{what}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise FeederFault(f"{what}: not done after {PATIENCE_S:g} s") from None
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise FeederFault(f"{what}: exit {done.returncode}" + (f": {said[-1]}" if said else ""))


class SerialFeeder:
    """A device on a serial port, opened for each movement: it may be reset or replugged in between."""

    def __init__(self, reader: str, port: str) -> None:
        self._reader = reader
        self._port = port

    def load(self, place: str) -> None:
        """Say LOAD."""
        self._say(f"LOAD {place}")

    def eject(self) -> None:
        """Say EJECT."""
        self._say("EJECT")

    def _say(self, line: str) -> None:
        what = f"{self._reader}: feeder on {self._port}: {line}"
        try:
            with open_port(self._port, BAUD, dtr=True, timeout_s=PATIENCE_S) as port:
                port.reset_input_buffer()
                port.write(line.encode("ascii") + b"\n")
                answer = port.readline().decode("ascii", "replace").strip()
        except (OSError, ValueError) as error:
            raise FeederFault(f"{what}: {error}") from None
        if answer != "OK":
            found = answer or f"nothing for {PATIENCE_S:g} s"
            raise FeederFault(f"{what}: expected OK, found {found}")


def feeder_of(entry: ReaderEntry) -> Feeder | None:
    """The feeder of a reader of the map; None if a person changes its card."""
    if entry.feeder is None:
        return None
    if entry.feeder.startswith(SERIAL):
        return SerialFeeder(entry.name, entry.feeder.removeprefix(SERIAL))
    return CommandFeeder(entry.name, entry.feeder)
