"""Waiting awake for a line that asks again at once, since to wake a process takes as long as much of a message."""

import os
import time
from collections.abc import Callable

AWAKE_S = 0.0005
"""How soon after an answer the next message has to come for its line to be brisk, and how long the one after it is
waited for awake. People at a till, and terminals that dial, never are that quick."""

CallSoon = Callable[..., object]

_give_way: Callable[[], None] = getattr(os, "sched_yield", lambda: None)  # not on Windows


class Alertness:
    """Keeps a loop turning, without sleep, for a moment after an answer to a brisk line. On a machine with one core
    the client has it all the same: each turn gives way to it. Times are in seconds.

    awake: the next message is waited for.
    """

    def __init__(self, at_rest: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> None:
        """`at_rest()` is called when it waits no more; `clock()` is what the times that it is told are taken from."""
        self._at_rest = at_rest
        self._clock = clock
        self._answered_at = -AWAKE_S
        self._brisk = False
        self.awake = False

    def asked(self, at: float) -> None:
        """A message has come."""
        self._brisk = at - self._answered_at < AWAKE_S

    def answered(self, at: float, call_soon: CallSoon) -> None:
        """Its answer leaves. `call_soon` is that of the loop."""
        self._answered_at = at
        if self._brisk and not self.awake:
            self.awake = True
            call_soon(self._turn, call_soon)

    def _turn(self, call_soon: CallSoon) -> None:
        self.awake = self._clock() - self._answered_at < AWAKE_S
        if self.awake:
            _give_way()
            call_soon(self._turn, call_soon)
        else:
            self._at_rest()
