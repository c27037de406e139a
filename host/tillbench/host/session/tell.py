"""A session in words: what was sent and answered, decoded; PANs masked, whether the session is or not."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.session.dialogue import Dialogue, Step
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.pan_stars import PanStars
from tillbench.host.session.record import Note, Removal, Reset, Session
from tillbench.host.session.values import named, shown
from tillbench.protocols.apdu import sw_text
from tillbench.protocols.atr import first_protocol
from tillbench.protocols.emv import describe_value

_NOT_TOLD = "*"


def tell(session: Session, *, details: bool = True) -> Iterator[str]:
    """The whole session, line by line; without `details` one line for each APDU."""
    stars = pan_stars(session)
    for line in _told(session, details):
        yield stars.in_text(line)


def pan_stars(session: Session) -> PanStars:
    """What stars the card numbers of the session in whatever is told of it."""
    stars, dialogue = PanStars(), Dialogue()
    for event in fold(session.events):
        step = dialogue.follow(event)
        if step:
            stars.learn(step)
    return stars


def _told(session: Session, details: bool) -> Iterator[str]:
    header = session.header
    yield f"Session, {header.contents}; {header.source or 'no source named'}"
    for name, text in (("card", header.card), ("reader", header.reader), ("made", header.created)):
        if text:
            yield f"  {name}: {text}"
    for name, text in (*header.terminal.items(), *([("note", header.note)] if header.note else [])):
        yield f"  {name}: {text}"
    dialogue, phase, number = Dialogue(), "", 0
    for event in fold(session.events):
        step = dialogue.follow(event)
        if step is None:
            assert not isinstance(event, Pair)
            phase = phase if isinstance(event, Note) else ""
            yield f"{_at(event.t_us)} {_happened(event)}"
            continue
        number += 1
        if step.phase != phase:
            phase = step.phase
            yield phase[0].upper() + phase[1:]
        yield f"{_at(step.pair.t_us)} {number:3} {step_line(step)}"
        if details:
            yield from (" " * 16 + line for line in step_details(step))


def _at(t_us: int) -> str:
    return f"{t_us / 1_000_000:10.6f}"


def _happened(event: Reset | Removal | Note) -> str:
    if isinstance(event, Reset):
        protocol = f", T={first_protocol(bytes.fromhex(event.atr))}" if event.atr and _NOT_TOLD not in event.atr else ""
        return f"{'cold' if event.cold else 'warm'} reset: {event.atr or 'no answer'}{protocol}"
    return "the card left" if isinstance(event, Removal) else f"note: {event.text}"


def step_line(step: Step) -> str:
    """Command and status, how long it took, in how many exchanges."""
    pair = step.pair
    status = f"{pair.sw} {sw_text(int(pair.sw, 16))}" if pair.sw else "no answer"
    took = f", {pair.took_us / 1000:.1f} ms" if pair.took_us is not None else ""
    pieces = f", {len(pair.exchanges)} exchanges" if len(pair.exchanges) > 1 else ""
    return f"{step.title} -> {status}{took}{pieces}"


def step_details(step: Step) -> Iterator[str]:
    """Each data object sent (`>`) and received (`<`), with what its bits mean."""
    for arrow, items in ((">", step.sent), ("<", step.received)):
        for item in items:
            if not item.tag:
                yield f"{arrow} {len(item.value) // 2} bytes"
            elif _NOT_TOLD in item.value:
                yield f"{arrow} {named(item.tag)}: {shown(item.tag, item.value)}"
            else:
                yield from (f"{arrow} {line}" for line in describe_value(item.tag, bytes.fromhex(item.value)))
