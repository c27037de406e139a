"""Whether a session's card is one of the bench's: only then may digits be told, and cryptograms be asked for."""

from __future__ import annotations

from collections.abc import Iterable

from tillbench.host.emv_run.card_guard import doubt
from tillbench.host.session.dialogue import Dialogue
from tillbench.host.session.folding import Pair, fold
from tillbench.host.session.record import Event, Removal, Reset, octets
from tillbench.protocols.apdu import Ins

_NAMES_THE_HOLDER = (0x5A, 0x57, 0x9F6B, 0x56)


def foreign(events: Iterable[Event]) -> str:
    """Why these events may not be shown whole; empty if every application that named its holder chains to the test
    CA, and one did. A card that leaves makes room for another, which must show itself again."""
    dialogue = Dialogue()
    verdicts: list[str] = []
    shown: dict[int, bytes] = {}

    def judge() -> None:
        if any(tag in shown for tag in _NAMES_THE_HOLDER):
            verdicts.append(doubt(shown))

    for event in fold(events):
        if isinstance(event, Pair):
            step = dialogue.step(event)
            if event.ins == Ins.SELECT:
                judge()
                shown = {}
            for item in step.received:
                shown.setdefault(item.tag, octets(item.value))
        elif isinstance(event, Reset | Removal):
            judge()
            shown = {}
            dialogue.reset()
    judge()
    if not verdicts:
        return "no application has shown a PAN and a certificate"
    return next((verdict for verdict in verdicts if verdict), "")
