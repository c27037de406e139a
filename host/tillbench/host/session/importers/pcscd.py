"""`pcscd --apdu --debug`: lines begin with microseconds since the last one; `APDU:` and `SW:` are what was said,
`Card ATR:` tells of a card. The terminal's colours are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.session.importers.log_lines import Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_LINE = re.compile(r"^(?P<passed>\d{8}) (?:\[\d+\] )?(?P<text>.*)$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_COMMAND, _ANSWER, _ATR = "APDU: ", "SW: ", "Card ATR: "


def looks_like(text: str) -> bool:
    """Whether there is such a line."""
    return re.search(r"^(\x1b\[[0-9;]*m)*\d{8} .*APDU: ", text, re.MULTILINE) is not None


def events(text: str) -> Iterator[Event]:
    """Raises LogError. A reset in the middle of a session is not logged, and cannot be told."""
    pairing, now, atr = Pairing(), 0, b""
    for number, line in numbered(text):
        match = _LINE.match(_COLOUR.sub("", line).strip())
        if not match:
            continue
        now += int(match["passed"])
        content = match["text"]
        if _ATR in content:
            found = hexadecimal(content.partition(_ATR)[2], number, "an ATR", 2)
            if found != atr:  # the daemon looks at it more than once
                atr = found
                yield from pairing.reset(atr, now)
        elif content.startswith(_COMMAND):
            yield from pairing.command(content.removeprefix(_COMMAND), number, now)
        elif content.startswith(_ANSWER):
            yield from pairing.answer(content.removeprefix(_ANSWER), number, now)
        elif "Card Removed" in content:
            atr = b""
    yield from pairing.end()
