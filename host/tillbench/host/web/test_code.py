"""An event as a line of a test: what somebody did as the verb that does it, what was seen as the wait for it."""

from __future__ import annotations

from functools import cache

from tillbench.host.day.counter import RESULTS
from tillbench.host.web.events import Event
from tillbench.protocols.texts import LANGUAGES, table

NOT_TOLD = "*"
_MOVED = {"swiped": "swipe", "tapped": "tap"}


def code_of(event: Event) -> str:
    """One line of Python, for the fixture `terminal`; a comment when there is no verb for it."""
    wire, what = event["wire"], event["event"]
    words = what.split()
    match wire:
        case "screen" if what != NOT_TOLD:
            return f"terminal.screen.wait_text({telling(event['rows'])!r})"
        case "keys" if words[-1:] == ["down"]:
            return f"terminal.press({words[0]!r})"
        case "keys" if words[0] == NOT_TOLD:
            return 'terminal.press(" ".join(terminal.card.pin) + " ENTER")'
        case "card" if "step" in event:
            return f"terminal.card.insert_from_reader({event['step']['reader']!r})"
        case "card" if words[-1] == "inserted":
            half = ", half=True" if words[1] == "half" else ""
            return f"terminal.card.insert({words[0]!r}{half})"
        case "card" if words[-1] == "removed":
            return "terminal.card.remove()"
        case "card" if words[-1] in _MOVED:
            return f"terminal.card.{_MOVED[words[-1]]}({words[0]!r})"
        case "case":
            return f"terminal.tamper.{'open' if what == 'opened' else 'close'}()"
        case "power":
            return "terminal.power.restore()" if what == "on" else "terminal.power.cut()"
        case "printer":
            return "slip = terminal.receipt()" if what == "cut" else f"assert {what.strip()!r} in slip.text"
        case "host":
            return _host(what, event.get("lines", []))
    return f"# {wire}: {what}"


def _host(what: str, lines: list[str]) -> str:
    """A request; an answer is expected through its request, with its code."""
    arrow, mti = what.split()[:2]
    if arrow == "->":
        return f"terminal.acquirer.expect({mti!r})"
    code = next((line.split(": ")[1][:2] for line in lines if line.strip().startswith("39 ")), "")
    request = f"{mti[:2]}{int(mti[2]) - 1}{mti[3]}"
    return f"terminal.acquirer.expect({request!r}" + (f", code={code!r})" if code else ")")


@cache
def _titles() -> frozenset[str]:
    names = {*RESULTS, "enter_pin"}
    return frozenset(text.in_language(each) for text in table() if text.key in names for each in LANGUAGES)


def telling(rows: list[str]) -> str:
    """The row that says most of what a frame is about: how a transaction ended, that a PIN is asked for, or the longest
    word row, amounts and clocks left out."""
    titles = _titles()
    title = next((row.strip() for row in rows if row.strip() in titles), "")
    if title:
        return title
    found = [row.strip() for row in rows if row.strip() and not any(each.isdigit() for each in row)]
    return max(found, key=len, default=next((row.strip() for row in rows if row.strip()), ""))
