"""Errors for people: one sentence that names the cause and what to do, never a traceback."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

USER_ERROR = 2
FAULT = 1
INTERRUPTED = 130
"""As shells have it: 128 and the number of SIGINT."""

_OF_THE_MACHINE = {errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.EPERM, errno.EROFS}
"""What an operating system refuses anywhere, on account of rights and room."""


class Refused(Exception):
    """The user's wish cannot be met; the text says why."""


@contextmanager
def for_people() -> Iterator[None]:
    """Turn the errors that a user can cause into a line on stderr and an exit code.

    A command imports what it needs inside of it: Ctrl-C while it does so is no traceback either.
    """
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise  # no error: to look for it among them loads half of the package
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        status = _status_of(error)
        if status is None:
            raise
        _say(_told(error))
        sys.exit(status)


def _status_of(error: Exception) -> int | None:
    """The exit code for an error that is told in a line; None for a bug, which keeps its traceback."""
    if isinstance(error, Refused) or (isinstance(error, OSError) and error.errno in _OF_THE_MACHINE):
        return USER_ERROR
    # Imported only now: --help, and a command that goes well, do not wait for what they do not use.
    from tillbench.host.acquirer import LedgerUnavailable
    from tillbench.host.acquirer.rule_file import RuleFileError
    from tillbench.host.acquirer.server import CannotListen
    from tillbench.host.acquirer.tls import TlsError
    from tillbench.host.boards.board_map import BoardMapError
    from tillbench.host.boards.board_port import NoBoard
    from tillbench.host.boards.build import DoesNotCompile
    from tillbench.host.boards.deploy import DeployFailed
    from tillbench.host.boards.esptool import EsptoolFailed, NoEsptool
    from tillbench.host.boards.flashing import WrongBoard
    from tillbench.host.boards.image import WrongImage
    from tillbench.host.boards.mpremote_transport import NoMpremote, TransportFailed
    from tillbench.host.cards import ProfileError
    from tillbench.host.emulator.bench import WaitTimeout
    from tillbench.host.emulator.compiler import NoCompiler
    from tillbench.host.emulator.death import FlashDamaged
    from tillbench.host.emulator.link import LinkLost
    from tillbench.host.emulator.micropython import NoMicroPython
    from tillbench.host.emulator.qemu_images import NoQemu
    from tillbench.host.emulator.state import StateDamaged, StateInUse
    from tillbench.host.emv_run.kernel_process import KernelDied
    from tillbench.host.pcsc import NoPcsc
    from tillbench.host.reader.board import ReaderFault
    from tillbench.host.session import SessionError
    from tillbench.host.web.serve import CannotServe

    boards = (BoardMapError, NoBoard, NoEsptool, NoMpremote, NoCompiler, DoesNotCompile, WrongBoard, WrongImage)
    emulator = (NoMicroPython, NoPcsc, NoQemu, FlashDamaged, StateDamaged, StateInUse)
    books = (ProfileError, SessionError, LedgerUnavailable, RuleFileError, CannotListen, CannotServe, TlsError)
    if isinstance(error, (*emulator, *boards, *books)):
        return USER_ERROR
    faults = (WaitTimeout, LinkLost, ReaderFault, KernelDied, EsptoolFailed, TransportFailed, DeployFailed)
    return FAULT if isinstance(error, faults) else None


def _told(error: Exception) -> str:
    """What happened, without the number that an OSError has in front of it."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def _say(text: str) -> None:
    print(f"tillbench: {text}", file=sys.stderr)
