"""`--till-record` and `--till-replay`: one session file for each test, by its name."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from tillbench.host.cards import CardProfile
from tillbench.host.session import Removal, Session, SessionError
from tillbench.host.session.compare import compare, semantic
from tillbench.host.session.masking import fit_to_be_written
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.resigning import CardKeys

_MOST_NAME = 120
_PLAIN = re.compile(r"[A-Za-z0-9_.=-]*\]?")


def session_file(folder: Path, item: pytest.Item) -> Path:
    """Where the session of a test is, by its node id; with a digest of that where the name alone does not tell tests
    apart."""
    name = re.sub(r"[^A-Za-z0-9_.=-]+", "-", item.nodeid.replace("::", "-")).strip("-")
    _function, _bracket, parameters = item.nodeid.partition("[")
    if len(name) > _MOST_NAME or not _PLAIN.fullmatch(parameters):
        digest = hashlib.sha256(item.nodeid.encode()).hexdigest()[:8]
        name = f"{name[-_MOST_NAME:]}-{digest}"
    return folder / f"{name}.jsonl"


def keep(item: pytest.Item, session: Session, *, trusted: bool) -> Path | None:
    """With `--till-record`, write what was said in the test; None if nothing was.

    `trusted`: the cards were virtual. A card in a reader is stored whole if it chains to the test CA, else masked.
    """
    folder: Path | None = item.config.getoption("--till-record")
    if folder is None or not session.exchanges:
        return None
    file = session_file(folder, item)
    try:
        fit = fit_to_be_written(session, full=True, trusted=trusted)
    except SessionError:
        fit = fit_to_be_written(session, full=False)
    try:
        fit.write(file)
    except OSError as error:
        pytest.fail(f"--till-record: {file}: {error.strerror}", pytrace=False)
    return file


class Replay:
    """The recorded cards of one test: they go in one after the other, as they did then."""

    def __init__(self, item: pytest.Item, folder: Path) -> None:
        """Skips the test if nothing was recorded for it."""
        file = session_file(folder, item)
        if not file.is_file():
            pytest.skip(f"--till-replay: nothing was recorded for this test: {file.name}")
        try:
            self.session = Session.read(file)
        except SessionError as error:
            pytest.fail(str(error), pytrace=False)
        self._cards = insertions(self.session)
        self._next = 0
        self.played: list[ReplayedCard] = []

    def card(self, profile: CardProfile | None) -> ReplayedCard:
        """The next one; it signs with the keys of `profile`."""
        if self._next == len(self._cards):
            pytest.fail(f"--till-replay: card number {self._next + 1}, where {len(self._cards)} were recorded")
        recorded = self._cards[self._next]
        self._next += 1
        try:
            card = ReplayedCard(recorded, CardKeys.of(profile) if profile else None)
        except SessionError as error:
            pytest.fail(f"--till-replay: {error}", pytrace=False)
        self.played.append(card)
        return card

    def verdict(self, session: Session) -> list[str]:
        """What was said otherwise than it was recorded, in words; nothing if all is as it was."""
        notes = [note for card in self.played for note in dict.fromkeys(card.notes)]
        return [*notes, *map(str, semantic(compare(self.session, session)))]


def insertions(session: Session) -> list[Session]:
    """The session cut where a card left."""
    cut: list[Session] = [Session(session.header)]
    for event in session.events:
        if isinstance(event, Removal):
            cut.append(Session(session.header))
        else:
            cut[-1].events.append(event)
    return [one for one in cut if one.events]
