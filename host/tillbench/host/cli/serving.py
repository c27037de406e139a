"""What `card serve` and `reader serve` do alike: run a command with the reader, say where it is, end well."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from tillbench.host.cards.apdu_card import Exchange
from tillbench.host.cli.errors import Refused


class Terminated(BaseException):
    """SIGTERM: leave by the same way as at Ctrl-C, so that nothing that was started stays behind."""


TERMINATED = 128 + signal.SIGTERM


def die_softly() -> None:
    """SIGTERM raises `Terminated` from now on."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    signal.signal(signal.SIGTERM, stop)


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The user's command with the reader in its environment; its exit status. Raises Refused if it cannot be run."""
    try:
        return subprocess.run(list(command), env={**os.environ, **environment}).returncode  # noqa: S603  the user's
    except OSError as error:
        raise Refused(f"{command[0]}: {error.strerror}") from None


def print_exports(environment: Mapping[str, str]) -> None:
    """What other programs need, as a shell takes it."""
    for variable, value in environment.items():
        print(f"export {variable}={shlex.quote(value)}", flush=True)


def shown_exchange() -> Exchange:
    """Prints every exchange in words on stderr."""
    import sys

    from tillbench.protocols.emv import ApduDescriber

    describer = ApduDescriber()

    def show(command: bytes, answer: bytes) -> None:
        print(*describer.describe(command, answer), sep="\n", file=sys.stderr)

    return show
