"""Sessions that no card and no terminal would make: everything reads them, and refuses in words if at all."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from tillbench.host.cards import CardMute, VirtualCard, load_profile
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Exchange, Note, Removal, Reset, Session, SessionError
from tillbench.host.session.compare import compare
from tillbench.host.session.exporters import EXPORTERS
from tillbench.host.session.masking import mask
from tillbench.host.session.personalise import personalise
from tillbench.host.session.record import Event
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.replayed_terminal import ReplayedTerminal
from tillbench.host.session.resigning import CardKeys
from tillbench.host.session.session_card import issuer_of
from tillbench.host.session.tell import tell
from tillbench.host.session.terminal_values import order_of
from tillbench.host.session.trust import foreign

CARD = "mastercard-15"
HEX = "0123456789ABCDEF"


@pytest.fixture(scope="module")
def sound() -> Session:
    from tillbench.host.emv_run import KernelProcess

    from tests.session_replays.replays import Bench

    with KernelProcess() as kernel:
        return Bench(kernel).record(CARD)


def spoiled(session: Session, rng: random.Random) -> Session:
    events: list[Event] = list(session.events)
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(events))
        event = events[at]
        if isinstance(event, Exchange):
            events[at] = Exchange(command=cut(event.command, 8, rng), response=cut(event.response, 4, rng))
    if rng.random() < 0.3:
        del events[rng.randrange(len(events))]
    if rng.random() < 0.3:
        others: list[Event] = [Reset(), Removal(), Note(text="x")]
        events.insert(rng.randrange(len(events) + 1), rng.choice(others))
    return Session(session.header, events)


def cut(text: str, least: int, rng: random.Random) -> str:
    """Shorter, with another byte, or something else; still what the file's format lets through."""
    if len(text) <= least:
        return text
    at = rng.randrange(least, len(text) + 1, 2)
    way = rng.randrange(3)
    if way == 0:
        return text[:at]
    if way == 1:
        return text[: at - 2] + "".join(rng.choices(HEX, k=2)) + text[at:]
    return text[:8] + "".join(rng.choices(HEX, k=2 * rng.randrange(40))) + "9000"


@pytest.mark.parametrize("seed", range(15))
def test_nothing_breaks(sound: Session, seed: int) -> None:
    rng = random.Random(seed)
    profile = load_profile(CARD)
    issuer = issuer_of(profile)
    session = spoiled(sound, rng)
    assert list(mask(session).lines())
    assert list(tell(session))
    assert isinstance(foreign(session.events), str)
    assert order_of(session)
    compare(sound, session, first_issuer=issuer, second_issuer=issuer)
    for export in EXPORTERS.values():
        assert export(session)
    with suppress(SessionError):
        personalise(session, "a").text()
    ReplayedTerminal(session, issuer=issuer, pin="1234").play(Recorder(ServedCard(VirtualCard(profile)), lambda: 0))
    with suppress(SessionError, CardMute):
        card = ReplayedCard(session, CardKeys.of(profile))
        ReplayedTerminal(sound, issuer=issuer, pin="1234").play(Recorder(ServedCard(card), lambda: 0))
