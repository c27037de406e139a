"""Errors for people: one sentence that names the cause and what to do, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tillbench.host.acquirer import LedgerUnavailable
from tillbench.host.acquirer.server import CannotListen
from tillbench.host.cards import ProfileError
from tillbench.host.emulator.bench import FlashDamaged, WaitTimeout
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.micropython import NoMicroPython
from tillbench.host.emulator.qemu import NoQemu
from tillbench.host.emulator.state import StateDamaged
from tillbench.host.pcsc import NoPcsc

USER_ERROR = 2
FAULT = 1


class Refused(Exception):
    """The user's wish cannot be met; the text says why."""


_CAUSED_BY_USERS = (
    Refused,
    ProfileError,
    NoMicroPython,
    NoPcsc,
    NoQemu,
    FlashDamaged,
    StateDamaged,
    LedgerUnavailable,
)


@contextmanager
def for_people() -> Iterator[None]:
    """Turn the errors that a user can cause into a line on stderr and an exit code."""
    try:
        yield
    except _CAUSED_BY_USERS as error:
        _say(str(error))
        sys.exit(USER_ERROR)
    except CannotListen as error:
        _say(error.strerror or str(error))
        sys.exit(USER_ERROR)
    except (WaitTimeout, LinkLost) as error:
        _say(str(error))
        sys.exit(FAULT)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(text: str) -> None:
    print(f"tillbench: {text}", file=sys.stderr)
