"""The host's process dies around the commit of a group."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tillbench.host.acquirer import Acquirer

MOMENTS = ("before_commit", "after_commit")


class PowerCut(BaseException):
    """The host is gone: nothing in it catches this."""


@contextmanager
def cut(acquirer: Acquirer, moment: str) -> Iterator[None]:
    """Inside of the block the next commit of a group raises PowerCut, at one of `MOMENTS`."""
    writer: Any = acquirer.ledger._writer  # the cut has to fall inside
    commit = writer._commit

    def die(*arguments: Any) -> None:
        if moment == "after_commit":
            commit(*arguments)
        raise PowerCut

    writer._commit = die
    try:
        yield
    finally:
        writer._commit = commit
