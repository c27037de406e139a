"""`gp -d`, and apdu4j's log: `A>>` a command, `A<<` an answer, the ATR where it connects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.session.importers.log_lines import Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_COMMAND = re.compile(r"A>> T=\S+ \(\d+\+\d+\) (?P<data>[0-9A-Fa-f ]+)")
_ANSWER = re.compile(r"A<< \(\d+\+\d+\) \((?:(?P<s>\d+)s)?(?:(?P<ms>\d+)ms)?\) (?P<data>[0-9A-Fa-f ]+)")
_CONNECTED = re.compile(r"SCardConnect\(.*\) -> T=\S+, (?P<atr>[0-9A-Fa-f]+)")


def looks_like(text: str) -> bool:
    """Whether there is such a command."""
    return _COMMAND.search(text) is not None


def events(text: str) -> Iterator[Event]:
    """Raises LogError. Anything else in the log is passed over."""
    pairing, now = Pairing(), 0
    for number, line in numbered(text):
        if match := _CONNECTED.search(line):
            yield from pairing.reset(hexadecimal(match["atr"], number, "an ATR", 2), now)
        elif match := _COMMAND.search(line):
            yield from pairing.command(match["data"], number, now)
        elif match := _ANSWER.search(line):
            took = int(match["s"] or 0) * 1_000_000 + int(match["ms"] or 0) * 1000
            yield from pairing.answer(match["data"], number, took_us=took)
            now += took
    yield from pairing.end()
