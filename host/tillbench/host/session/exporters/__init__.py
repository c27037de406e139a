"""Sessions for other programs. A masked session stays masked: stars become zeros where there is no room for them."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.session.exporters import cardpeek, markdown, pcap
from tillbench.host.session.record import Session

EXPORTERS: dict[str, Callable[[Session], bytes]] = {
    "pcap": pcap.export,
    "cardpeek": cardpeek.export,
    "markdown": markdown.export,
}
_ENDINGS = {".pcap": "pcap", ".clf": "cardpeek", ".cpe": "cardpeek", ".md": "markdown"}


def by_ending(suffix: str) -> str:
    """The format of a file name's ending, empty for one that says nothing."""
    return _ENDINGS.get(suffix.lower(), "")
