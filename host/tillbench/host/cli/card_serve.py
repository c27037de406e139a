"""`tillbench card serve`: a virtual card in a PC/SC reader, until it is pulled."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.serving import TERMINATED, Terminated, die_softly, print_exports, run, shown_exchange
from tillbench.host.pcsc import Insertion, Pcscd, PrivatePcscd, ServedCard, SystemPcscd
from tillbench.host.pcsc.vpcd import ReaderCard

_SEEN_S = 20.0


def serve(name: str, *, system: bool, command: Sequence[str], show: bool, log: Path | None) -> int:
    """Put the card in, then run `command` with it, or wait for Ctrl-C, SIGTERM or the end of pcscd.

    `system`: into the machine's pcscd. `show`: every exchange in words on stderr. `log`: the APDU log of our pcscd.
    Returns the exit status of `command`, 0 without one.

    Raises:
        ProfileError: no such card.
        NoPcsc: no pcscd can be had.
        Refused: the options do not go together, or `command` cannot be run.
    """
    card = VirtualCard(load_profile(name), on_exchange=shown_exchange() if show else None)
    return serve_in_reader(ServedCard(card, time.sleep), str(card.profile), command, system=system, log=log)


def serve_in_reader(
    card: ReaderCard, name: str, command: Sequence[str], *, system: bool = False, log: Path | None = None
) -> int:
    """The same with any card, called `name` before people."""
    if system and log:
        raise Refused("--log: the machine's pcscd logs where it is told to; leave out --system or --log")
    die_softly()
    try:
        with SystemPcscd() if system else PrivatePcscd(log=log) as pcscd:
            insertion = Insertion(pcscd.connect(), card)
            try:
                if not insertion.wait_until_seen(_SEEN_S):
                    raise Refused(f"pcscd did not look at the card within {_SEEN_S:.0f} s")
                return run(command, pcscd.environment) if command else _stay(insertion, name, pcscd)
            finally:
                insertion.pull()
                if insertion.failure:
                    raise insertion.failure
    except Terminated:
        return TERMINATED


def _stay(insertion: Insertion, name: str, pcscd: Pcscd) -> int:
    print(f"{name} is in the reader; Ctrl-C pulls it out", file=sys.stderr)
    print_exports(pcscd.environment)
    insertion.wait()
    print("the reader has gone away", file=sys.stderr)
    return 0
