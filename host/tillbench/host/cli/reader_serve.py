"""`tillbench reader serve`: a board as a PC/SC reader, until it is told to end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.serving import TERMINATED, Terminated, die_softly, print_exports, run, shown_exchange
from tillbench.host.pcsc import SerialPcscd, SystemSerialPcscd
from tillbench.host.reader import BoardSlot, ReaderBoard

_OPEN_S = 20.0
_RESTART_S = 120.0
HELP = "keys as in `1 2 3 4 ENTER`, `in CARD`, `out`, `quit`"


@dataclass(frozen=True)
class Wish:
    """What is to be done with the reader.

    Attributes:
        command: run with it; empty: it stays until it is told to end.
        system: in the machine's pcscd.
        log: the APDU log of our pcscd.
    """

    command: Sequence[str]
    system: bool
    log: Path | None

    def __post_init__(self) -> None:
        if self.system and self.log:
            raise Refused("--log: the machine's pcscd logs where it is told to; leave out --system or --log")

    def pcscd(self, port: str) -> SerialPcscd | SystemSerialPcscd:
        """The daemon for a reader on `port`. Raises NoPcsc."""
        return SystemSerialPcscd(port) if self.system else SerialPcscd(port, log=self.log)


def serve_board(name: str, target: str, wish: Wish, *, fast: bool, keys: str | None, show: bool) -> int:
    """With virtual parts. Returns the exit status of the command, 0 without one.

    Raises:
        ProfileError: no such card.
        NoPcsc: no pcscd can be had, or it does not find the reader.
        Refused: the options do not go together, or the command cannot be run.
    """
    card = VirtualCard(load_profile(name), on_exchange=shown_exchange() if show else None)
    die_softly()
    try:
        with ReaderBoard(target, fast=fast) as board:
            if keys:
                try:
                    board.press_at_pin_entry(keys)
                except ValueError as error:
                    raise Refused(f"--keys: {error}") from None
            with wish.pcscd(board.port.name) as pcscd:
                pcscd.wait()
                patience_s = _RESTART_S if wish.system else _OPEN_S
                if not board.port.opened.wait(patience_s):
                    raise Refused(f"pcscd has not opened the reader on {board.port.name} within {patience_s:.0f} s")
                slot = BoardSlot(board)
                slot.insert(card)
                if wish.command:
                    return run(wish.command, pcscd.environment)
                print(f"{card.profile} is in the reader on {board.port.name}; {HELP}", file=sys.stderr)
                print_exports(pcscd.environment)
                _stay(board, slot)
                return 0
    except Terminated:
        return TERMINATED


def serve_port(port: str, wish: Wish) -> int:
    """A board that is the reader itself, with a slot of its own. Raises as `serve_board`."""
    if wish.log:
        raise Refused("--log: it would hold a card's number, and the card in a board's own slot may be anybody's")
    if not Path(port).exists():
        raise Refused(f"--target serial:{port}: there is no {port}")
    die_softly()
    try:
        with wish.pcscd(port) as pcscd:
            pcscd.wait()
            if not wish.system and _has_no_reader(pcscd.environment):
                raise Refused(
                    f"--target serial:{port}: pcscd has found no reader there: is the firmware of the reader on the "
                    "board (`tillbench board deploy --build reader`), and has nobody else opened the port?"
                )
            if wish.command:
                return run(wish.command, pcscd.environment)
            print(f"the reader is the board on {port}; Ctrl-C ends it", file=sys.stderr)
            print_exports(pcscd.environment)
            pcscd.stay()
            return 0
    except Terminated:
        return TERMINATED


_LIST_READERS = "from smartcard.System import readers; print(len(readers()))"


def _has_no_reader(environment: dict[str, str]) -> bool:
    """Whether a daemon that is not this process's own knows of none; without pyscard nobody can tell."""
    asked = subprocess.run(  # noqa: S603  in a process of its own: libpcsclite keeps the socket that it saw first
        [sys.executable, "-c", _LIST_READERS], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() == "0"


def _stay(board: ReaderBoard, slot: BoardSlot) -> None:
    """Do what is typed, and show what the reader shows."""
    board.models.on_frame = lambda text: print("| " + text.replace("\n", "\n| "), file=sys.stderr, flush=True)
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        try:
            if word == "quit":
                return
            if word == "out":
                slot.pull()
            elif word == "in":
                slot.insert(VirtualCard(load_profile(rest.strip())))
            elif word:
                board.press(line.strip())
        except ValueError as error:  # no such key, no such card
            print(f"{error}; {HELP}", file=sys.stderr)
    board.wait()  # nobody is there to type
