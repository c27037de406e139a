"""Logs of other programs as sessions: each format is a module with `looks_like` and `events`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tillbench.host.session.importers import apdu4j, cardpeek, globalplatformpro, hex_pairs, pcscd, proxmark, yaml_list
from tillbench.host.session.importers.log_lines import LogError
from tillbench.host.session.record import Event, Header, Session, SessionError


class Importer(NamedTuple):
    """`looks_like` tells whether a text may be of this format, `events` reads it and raises LogError."""

    looks_like: Callable[[str], bool]
    events: Callable[[str], Iterator[Event]]


IMPORTERS = {
    "pcscd": Importer(pcscd.looks_like, pcscd.events),
    "cardpeek": Importer(cardpeek.looks_like, cardpeek.events),
    "gpp": Importer(globalplatformpro.looks_like, globalplatformpro.events),
    "proxmark": Importer(proxmark.looks_like, proxmark.events),
    "apdu4j": Importer(apdu4j.looks_like, apdu4j.events),
    "yaml": Importer(yaml_list.looks_like, yaml_list.events),
    "hex": Importer(hex_pairs.looks_like, hex_pairs.events),
}
"""By name, the particular ones before the general."""


def detect(text: str) -> str | None:
    """The format that the text has, None if it has none of them."""
    return next((name for name, importer in IMPORTERS.items() if importer.looks_like(text)), None)


def import_text(form: str, text: str, name: str = "log") -> Session:
    """A session, whole in memory: `masking.fit_to_be_written` comes before a file. PINs are left behind here.

    Raises SessionError naming `name`, line, what was expected and found.
    """
    try:
        events = list(IMPORTERS[form].events(text))
    except LogError as error:
        raise SessionError(f"{name}:{error.line}: {error}") from None
    if not any(event.event == "exchange" for event in events):
        raise SessionError(f"{name}: expected commands and answers in the format {form}, found none")
    return Session(Header(contents="full", source=f"import {form}"), events)
