"""The two numbers that must never repeat: the trace number (F11, STAN) and the batch number (F60.2).

A trace number is on flash as used before anyone gets to see it, so that no power cut can hand it out twice; a
number that was taken and not sent leaves a gap, which is allowed.
"""

import struct

from terminal import store

_LAST_STAN = 999999


class Counters:
    """Trace and batch number in one record at `path`. Raises store.Damaged when that cannot be read."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.stan = 0
        self.batch = 1
        body = store.read(path)
        self.fresh = body is None
        """True on a terminal that has never counted."""
        if body is not None:
            if len(body) != 8:
                raise store.Damaged(path, 0, "counters of %d bytes, expected 8" % len(body))
            self.stan, self.batch = struct.unpack(">II", body)

    def next_stan(self) -> int:
        """The next trace number, 1 to 999999 and round again; persisted before it is returned."""
        stan = self.stan + 1 if self.stan < _LAST_STAN else 1
        self._write(stan, self.batch)
        return stan

    def adopt_batch(self, batch: int) -> None:
        """Takes over the batch number that the host gave at sign-on (1 to 999999)."""
        if batch != self.batch:
            self._write(self.stan, batch)

    def _write(self, stan: int, batch: int) -> None:
        store.replace(self._path, struct.pack(">II", stan, batch))
        self.stan = stan
        self.batch = batch
        self.fresh = False
