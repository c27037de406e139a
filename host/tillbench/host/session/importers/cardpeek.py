"""cardpeek's emulator files: `R:` an answer to reset, `C:` command, status word, data with colons between."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.session.importers.log_lines import LogError, Pairing, hexadecimal, numbered
from tillbench.host.session.record import Event

_TITLE = "# cardpeek emulator"


def looks_like(text: str) -> bool:
    """Whether it has the title that cardpeek writes."""
    return text.lstrip().startswith(_TITLE)


def events(text: str) -> Iterator[Event]:
    """Raises LogError."""
    pairing = Pairing()
    for number, line in numbered(text):
        if line.startswith("#"):
            continue
        kind, _, rest = line.strip().partition(":")
        if kind == "R":
            yield from pairing.reset(hexadecimal(rest, number, "an ATR", 2))
        elif kind == "C" and rest.count(":") == 2:
            command, sw, data = rest.split(":")
            yield from pairing.command(command, number)
            yield from pairing.answer(data + sw, number)
        else:
            raise LogError(number, "R:ATR or C:command:status:data", repr(line[:20]))
