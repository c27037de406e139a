"""The same that people do at the keypad, for programs: settings, journal, totals, health, as JSON.

A request is an object with one key:

    {"settings": {}}                      every setting; {"settings": {name: value}} changes some, all or none
    {"journal": {"card": "1234"}}         transactions; filters in terminal/journal_search.py, "from" and "count" page
    {"totals": "by_type"}                 or by_operator, by_card, by_hour
    {"settlement": {}}                    the last one: stage, flags, totals of debits and credits, domestic, foreign
    {"info": {}}  {"health": {}}          who and where the terminal is, and how it is
    {"certificates": {}}                  for TLS: last days, and whether there is a key; {"authority": PEM} loads one
    {"assist": {"who": "ANNA"}}           remote assistance (terminal/assist.py)
    {"assisted": 0}                       what was done by it in the open batch, from that record on

The answer has the same key, or "error" with name, expected and found. It is served while the terminal is idle. What
comes is parsed as JSON and compared with names that are known; nothing of it is ever run.
"""

import json

from terminal import i18n
from terminal.journal_search import FILTERS, found, row
from terminal.parameters import ParameterError
from terminal.totals import VIEWS, sums

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from terminal.app import Terminal

_MOST = 20
"""Transactions in one answer."""


async def answered(terminal: Terminal, request: bytes) -> bytes:
    """The answer to a request, both JSON, also to one that a person has to be asked about."""
    answer = served(terminal, request)
    if answer:
        return answer
    from terminal import assist

    try:
        return json.dumps({"assist": await assist.asked(terminal, json.loads(request)["assist"])}).encode()
    except (ParameterError, OSError) as error:
        return _error(error)


def served(terminal: Terminal, request: bytes) -> bytes:
    """The answer to a request, both JSON; empty if a person has to be asked first."""
    try:
        asked = json.loads(request)
        if not isinstance(asked, dict) or len(asked) != 1:
            raise ParameterError("request", "an object with one key", str(asked)[:40])
        name = list(asked)[0]  # noqa: RUF015  next() would take an iterator more
        if name not in _SERVICES:
            raise ParameterError("request", "one of " + ", ".join(sorted(_SERVICES)), name)
        assistance = terminal.assistance
        if name == "assist" and assistance is None:
            return b""
        if name != "assist" and assistance is not None and not assistance.idle:
            raise ParameterError("request", "assist: the terminal is not idle", name)
        return json.dumps({name: _SERVICES[name](terminal, asked[name])}).encode()
    except ParameterError as wrong:
        return _error(wrong)
    except ValueError:
        return _error(ParameterError("request", "JSON", "%d bytes" % len(request)))
    except OSError as fault:
        return _error(fault)


def _error(error: "ParameterError | OSError") -> bytes:
    if not isinstance(error, ParameterError):
        error = ParameterError("flash", "to take it", "error %d" % (error.errno or 0))
    return json.dumps({"error": {"name": error.name, "expected": error.expected, "found": error.found}}).encode()


def _settings(terminal: Terminal, changes: "Any") -> "Any":
    if not isinstance(changes, dict):
        raise ParameterError("settings", "an object", changes)
    if changes:
        terminal.parameters.change(changes)
        i18n.use(terminal.parameters.language)
    return terminal.parameters.all()


def _journal(terminal: Terminal, query: "Any") -> "Any":
    if not isinstance(query, dict):
        raise ParameterError("journal", "an object", query)
    first, count = query.pop("from", 0), query.pop("count", _MOST)
    if type(first) is not int or type(count) is not int or first < 0 or not 0 < count <= _MOST:
        raise ParameterError("from, count", "from 0 on, 1 to %d" % _MOST, [first, count])
    for name in query:
        if name not in FILTERS:
            raise ParameterError(name, "one of " + ", ".join(sorted(FILTERS)), query[name])
    minutes = query.get("repeated", 1)
    if type(minutes) is not int or minutes < 1:
        raise ParameterError("repeated", "a number of minutes", minutes)
    rows = []
    at = 0
    for t in found(terminal.journal.history(), query):
        if first <= at < first + count:
            rows.append(row(t))
        at += 1
    return {"count": at, "from": first, "transactions": rows}


def _totals(terminal: Terminal, view: "Any") -> "Any":
    if view not in VIEWS:
        raise ParameterError("totals", "one of " + ", ".join(VIEWS), view)
    return sums(terminal.journal, view)


def _settlement(terminal: Terminal, _: "Any") -> "Any":
    from terminal.settlement import Settlement

    s = Settlement(terminal.journal)
    return {
        "stage": s.stage,
        "batch": s.batch,
        "time": s.time,
        "flags": s.flags,
        "totals": s.totals,
        "by_type": s.by_type,
        "records": s.sent,
    }


def _info(terminal: Terminal, _: "Any") -> "Any":
    from terminal.app import VERSION

    p = terminal.parameters
    return {
        "version": VERSION,
        "merchant": p.merchant,
        "terminal": p.terminal,
        "batch": terminal.counters.batch,
        "stan": terminal.counters.stan,
        "operator": terminal.operator,
        "signed_on": terminal.keys.ready,
        "reversal_owed": terminal.journal.pending is not None,
        "advices_stored": len(terminal.journal.advices) + len(terminal.journal.notices),
    }


def _health(terminal: Terminal, _: "Any") -> "Any":
    from terminal.care.health import health

    return health(terminal)


def _certificates(terminal: Terminal, loads: "Any") -> "Any":
    from terminal.line import credentials

    if not isinstance(loads, dict):
        raise ParameterError("certificates", "an object", str(loads)[:40])
    for name in loads:
        credentials.load(terminal, name, loads[name])
    return credentials.overview(terminal)


def _assist(terminal: Terminal, wish: "Any") -> "Any":
    assert terminal.assistance is not None
    return terminal.assistance.wish(wish)


def _assisted(terminal: Terminal, first: "Any") -> "Any":
    from terminal.assist import history

    if type(first) is not int or first < 0:
        raise ParameterError("assisted", "from 0 on", first)
    rows = []
    at = 0
    for each in history(terminal):
        if first <= at < first + _MOST:
            rows.append(each)
        at += 1
    return {"count": at, "from": first, "records": rows}


_SERVICES = {
    "assist": _assist,
    "assisted": _assisted,
    "certificates": _certificates,
    "settings": _settings,
    "journal": _journal,
    "totals": _totals,
    "settlement": _settlement,
    "info": _info,
    "health": _health,
}
