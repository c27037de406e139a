"""apdu4j's dumps: comments with `# ATR:` among them, then command and answer in turn, a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.session.importers.log_lines import LogError, Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_ATR = "# ATR: "
_RECEIVED = re.compile(r"^# .*?\bin (?:(?P<s>\d+)s)?(?P<ms>\d+)ms")


def looks_like(text: str) -> bool:
    """Whether it has the comment with the ATR, and lines of hexadecimal below it."""
    return re.search(rf"^{_ATR}[0-9A-Fa-f]+\s", text, re.MULTILINE) is not None and ">>" not in text


def events(text: str) -> Iterator[Event]:
    """Raises LogError."""
    pairing, is_command, took, last = Pairing(), True, None, 0
    for number, line in numbered(text):
        content = line.strip()
        if content.startswith(_ATR):
            yield from pairing.reset(hexadecimal(content.removeprefix(_ATR), number, "an ATR", 2))
        elif content.startswith("#"):
            match = _RECEIVED.match(content)
            took = (int(match["s"] or 0) * 1000 + int(match["ms"])) * 1000 if match else took
        elif is_command:
            yield from pairing.command(content, number)
            is_command, last = False, number
        else:
            yield from pairing.answer(content, number, took_us=took)
            is_command, took = True, None
    if not is_command:
        raise LogError(last, "an answer after this command", "the end")
