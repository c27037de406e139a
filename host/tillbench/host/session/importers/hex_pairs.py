"""Hexadecimal pairs, as people keep them: command and answer in turn, a line each, or both in one with an arrow.

`>`, `->`, `C:`... before a command and `<`, `<-`, `R:`... before an answer may be there; `ATR` names one; what comes
after `#` or `;` is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.session.importers.log_lines import LogError, Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_COMMENT = re.compile(r"(#|;|//).*$")
_ATR = re.compile(r"^ATR\s*[:=]?\s*", re.IGNORECASE)
_TO_CARD = re.compile(r"^(?:-+>|=+>|>+|C-?APDU\s*:|C\s*:|CMD\s*:|COMMAND\s*:|APDU\s*:|REQ\s*:)\s*", re.IGNORECASE)
_FROM_CARD = re.compile(r"^(?:<-+|<=+|<+|R-?APDU\s*:|R\s*:|RESP(?:ONSE)?\s*:|RES\s*:|SW\s*:|RSP\s*:)\s*", re.IGNORECASE)
_BOTH = re.compile(r"^(?P<command>[0-9A-Fa-f\s]+?)\s*(?:-+>|=+>|<-+|<=+|\||\t)\s*(?P<answer>[0-9A-Fa-f\s]+)$")
_HEX = re.compile(r"[0-9A-Fa-f\s:]+")


def looks_like(text: str) -> bool:
    """Whether its first line that says something can be read."""
    for _number, line in numbered(text):
        content = _COMMENT.sub("", line).strip()
        if content:
            bare = _ATR.sub("", _TO_CARD.sub("", content))
            return _BOTH.match(content) is not None or _HEX.fullmatch(bare) is not None
    return False


def events(text: str) -> Iterator[Event]:
    """Raises LogError."""
    pairing, is_command, last = Pairing(), True, 0
    for number, line in numbered(text):
        content = _COMMENT.sub("", line).strip()
        if not content:
            continue
        if _ATR.match(content):
            yield from pairing.reset(hexadecimal(_ATR.sub("", content), number, "an ATR", 2))
        elif match := _BOTH.match(content):
            yield from pairing.command(match["command"], number)
            yield from pairing.answer(match["answer"], number)
        elif _FROM_CARD.match(content) or (not is_command and not _TO_CARD.match(content)):
            yield from pairing.answer(_FROM_CARD.sub("", content), number)
            is_command = True
        else:
            yield from pairing.command(_TO_CARD.sub("", content), number)
            is_command, last = False, number
    if not is_command:
        raise LogError(last, "an answer after this command", "the end")
