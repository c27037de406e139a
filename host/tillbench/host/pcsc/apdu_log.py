"""pcscd's log of APDUs, on its way into a file: it has every byte of them, but no PIN that a program has sent."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from tillbench.host.session.command_fields import without_pin

_COMMAND = re.compile(rb"(APDU: )((?:[0-9A-F]{2} )*[0-9A-F]{2})")


class ApduLog:
    """A file, and an end of a pipe for the daemon to write to.

    Attributes:
        output: the descriptor that the daemon gets; `started` closes it here.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError: the file cannot be written."""
        self._file = path.open("wb", buffering=0)
        self._input, self.output = os.pipe()
        self._thread = threading.Thread(target=self._copy, daemon=True)
        self._thread.start()

    def started(self) -> None:
        """The daemon has its end now, or never will."""
        os.close(self.output)

    def close(self) -> None:
        """Wait for the last line: the daemon has ended."""
        self._thread.join()

    def _copy(self) -> None:
        full = False
        with os.fdopen(self._input, "rb") as lines, self._file as file:
            for line in lines:
                try:
                    if not full:
                        file.write(_COMMAND.sub(_shown, line))
                except OSError:  # the disk is full; the daemon must not wait for it
                    full = True


def _shown(found: re.Match[bytes]) -> bytes:
    digits = found[2].decode().replace(" ", "")
    kept = without_pin(digits).replace("*", "0")
    return found[1] + " ".join(kept[at : at + 2] for at in range(0, len(kept), 2)).encode()
