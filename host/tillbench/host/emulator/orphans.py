"""Processes that shall not outlive this one, however it ends: also by SIGKILL, which nobody can act on.

One shell, started with the first of them, reads their numbers from a pipe whose other end only this process has. When
that closes, it kills those that are left. (Linux can tie a child to its parent, but means the thread that started it.)
"""

from __future__ import annotations

import atexit
import subprocess
import threading
from contextlib import suppress

_WATCH = """
while read -r word pid; do
    case $word in
        begun) pids="$pids $pid " ;;
        ended) pids="${pids%% $pid *} ${pids#* $pid }" ;;
    esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
"""


class Watch:
    """The shell; started when there is something to watch."""

    def __init__(self) -> None:
        self._shell: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def begun(self, pid: int) -> None:
        """Process `pid`, a child of this one, goes when this one does."""
        with self._lock:
            if self._shell is None or self._shell.poll() is not None:
                # A session of its own: a Ctrl-C is not for the shell.
                self._shell = subprocess.Popen(  # noqa: S603  our own script
                    ["/bin/sh", "-c", _WATCH],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            self._say(f"begun {pid}\n")

    def ended(self, pid: int) -> None:
        """It has ended, and was waited for: its number may be another process's soon."""
        with self._lock:
            self._say(f"ended {pid}\n")

    def close(self) -> None:
        """Let the shell end; it kills what is left."""
        with self._lock:
            shell, self._shell = self._shell, None
        if shell is not None:
            with suppress(OSError):
                shell.communicate()

    def _say(self, line: str) -> None:
        if self._shell is not None and self._shell.stdin is not None:
            with suppress(OSError):
                self._shell.stdin.write(line.encode())
                self._shell.stdin.flush()


WATCH = Watch()
atexit.register(WATCH.close)
