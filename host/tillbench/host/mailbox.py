"""What other threads want of a bench: jobs, done one after the other in the bench's own thread."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Mailbox:
    """Jobs for one thread, and something to select on that is readable when there is one."""

    def __init__(self) -> None:
        self._jobs: deque[Callable[[], None]] = deque()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)

    def fileno(self) -> int:
        """Readable while jobs wait."""
        return self._reader

    def __len__(self) -> int:
        """Jobs that wait."""
        return len(self._jobs)

    def put(self, job: Callable[[], T]) -> Future[T]:
        """Have a job done; any thread may. Its outcome, or what it raised, is in the future."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:
                future.set_exception(error)

        self._jobs.append(run)
        os.write(self._writer, b"!")
        return future

    def empty(self) -> None:
        """Do every job that waits."""
        self.hear()
        while self._jobs:
            self._jobs.popleft()()

    def hear(self) -> None:
        """Take note that there are jobs, without doing them."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 65536)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._reader)
        os.close(self._writer)
