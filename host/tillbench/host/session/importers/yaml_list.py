"""YAML: a list of `req` and `res` (or `command` and `response`, `capdu` and `rapdu`), with `atr` before them if known.

Either the list alone, or a mapping with it under `exchanges`, `apdus` or `session`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tillbench.host.cards import located_yaml
from tillbench.host.cards.located_yaml import Mapping, Scalar, Sequence, Value, YamlError
from tillbench.host.session.importers.log_lines import LogError, Pairing, hexadecimal
from tillbench.host.session.record import Event

_REQUESTS = ("req", "command", "capdu", "request", "apdu")
_ANSWERS = ("res", "response", "rapdu", "answer", "resp")
_LISTS = ("exchanges", "apdus", "session", "commands")


def looks_like(text: str) -> bool:
    """Whether an item of a list begins with one of the names."""
    return re.search(rf"^\s*-\s*\{{?\s*({'|'.join((*_REQUESTS, 'atr'))})\s*:", text, re.MULTILINE) is not None


def events(text: str) -> Iterator[Event]:
    """Raises LogError."""
    try:
        document = located_yaml.parse(text, "log")
    except YamlError as error:
        raise LogError(error.where.line, "YAML", str(error).rpartition(": ")[2]) from None
    pairing = Pairing()
    if isinstance(document, Mapping):
        if isinstance(atr := document.items.get("atr"), Scalar):
            yield from pairing.reset(hexadecimal(atr.text, atr.where.line, "an ATR", 2))
        named = next((name for name in _LISTS if name in document.items), None)
        if named is None:
            raise LogError(document.where.line, f"a list under {', '.join(_LISTS)}", ", ".join(document.items))
        document = document.items[named]
    if not isinstance(document, Sequence):
        raise LogError(document.where.line, "a list of req and res", "something else")
    for item in document.items:
        yield from _exchange(item, pairing)


def _exchange(item: Value, pairing: Pairing) -> Iterator[Event]:
    line = item.where.line
    if not isinstance(item, Mapping):
        raise LogError(line, "req and res", "something else")
    if isinstance(atr := item.items.get("atr"), Scalar):
        yield from pairing.reset(hexadecimal(atr.text, line, "an ATR", 2))
        if len(item.items) == 1:
            return
    yield from pairing.command(_text(item, _REQUESTS), line)
    yield from pairing.answer(_text(item, _ANSWERS), line)


def _text(item: Mapping, names: tuple[str, ...]) -> str:
    for name in names:
        value = item.items.get(name)
        if isinstance(value, Scalar):
            return value.text
    raise LogError(item.where.line, f"one of {', '.join(names)}", ", ".join(item.items) or "nothing")
