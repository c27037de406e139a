"""For people: a table of the commands, and below it each of them in words. PANs are masked."""

from __future__ import annotations

from tillbench.host.session.dialogue import Dialogue
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.record import Session
from tillbench.host.session.tell import pan_stars, step_details, tell
from tillbench.protocols.apdu import sw_text


def export(session: Session) -> bytes:
    """UTF-8."""
    stars = pan_stars(session)
    top = [line.strip() for line in _head(session)]
    rows = ["| # | phase | command | status | ms |", "| ---: | --- | --- | --- | ---: |"]
    details: list[str] = []
    dialogue, number = Dialogue(), 0
    for event in fold(session.events):
        step = dialogue.follow(event)
        if step is None or not isinstance(event, Pair):
            continue
        number += 1
        status = f"{event.sw} {sw_text(int(event.sw, 16))}" if event.sw else "no answer"
        took = f"{event.took_us / 1000:.1f}" if event.took_us is not None else ""
        rows.append(f"| {number} | {step.phase} | {step.title} | {status} | {took} |")
        lines = list(step_details(step))
        if lines:
            details += ["", f"### {number}. {step.title}", "", "```", *lines, "```"]
    lines = [f"# {top[0]}", "", *(f"- {line}" for line in top[1:]), "", *rows, *details]
    return "".join(stars.in_text(line) + "\n" for line in lines).encode()


def _head(session: Session) -> list[str]:
    """What is told of the session before its first event."""
    return list(tell(Session(session.header, [])))
