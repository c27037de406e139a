"""`tillbench card serve`: a virtual card in a PC/SC reader, until it is pulled."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cli.errors import Refused
from tillbench.host.pcsc import Insertion, Pcscd, PrivatePcscd, ServedCard, SystemPcscd
from tillbench.host.pcsc.vpcd import ReaderCard
from tillbench.protocols.emv import ApduDescriber

_SEEN_S = 20.0


class Terminated(BaseException):
    """SIGTERM: leave by the same way as at Ctrl-C, so that nothing that was started stays behind."""


def serve(name: str, *, system: bool, command: Sequence[str], show: bool, log: Path | None) -> int:
    """Put the card in, then run `command` with it, or wait for Ctrl-C, SIGTERM or the end of pcscd.

    `system`: into the machine's pcscd. `show`: every exchange in words on stderr. `log`: the APDU log of our pcscd.
    Returns the exit status of `command`, 0 without one.

    Raises:
        ProfileError: no such card.
        NoPcsc: no pcscd can be had.
        Refused: the options do not go together, or `command` cannot be run.
    """
    card = VirtualCard(load_profile(name), on_exchange=_show if show else None)
    return serve_in_reader(ServedCard(card, time.sleep), str(card.profile), command, system=system, log=log)


def serve_in_reader(
    card: ReaderCard, name: str, command: Sequence[str], *, system: bool = False, log: Path | None = None
) -> int:
    """The same with any card, called `name` before people."""
    if system and log:
        raise Refused("--log: the machine's pcscd logs where it is told to; leave out --system or --log")
    _die_softly()
    try:
        with SystemPcscd() if system else PrivatePcscd(log=log) as pcscd:
            insertion = Insertion(pcscd.connect(), card)
            try:
                if not insertion.wait_until_seen(_SEEN_S):
                    raise Refused(f"pcscd did not look at the card within {_SEEN_S:.0f} s")
                return _run(command, pcscd) if command else _stay(insertion, name, pcscd)
            finally:
                insertion.pull()
                if insertion.failure:
                    raise insertion.failure
    except Terminated:
        return 128 + signal.SIGTERM


def _stay(insertion: Insertion, name: str, pcscd: Pcscd) -> int:
    print(f"{name} is in the reader; Ctrl-C pulls it out", file=sys.stderr)
    for variable, value in pcscd.environment.items():
        print(f"export {variable}={shlex.quote(value)}", flush=True)
    insertion.wait()
    print("the reader has gone away", file=sys.stderr)
    return 0


def _run(command: Sequence[str], pcscd: Pcscd) -> int:
    try:
        return subprocess.run(list(command), env=os.environ | pcscd.environment).returncode  # noqa: S603  the user's
    except OSError as error:
        raise Refused(f"{command[0]}: {error.strerror}") from None


def _die_softly() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, stop)


_describer = ApduDescriber()


def _show(command: bytes, answer: bytes) -> None:
    print(*_describer.describe(command, answer), sep="\n", file=sys.stderr)
