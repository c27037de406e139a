"""Readers of a computer that is not there: their cards are virtual ones, without PC/SC."""

from __future__ import annotations

from tillbench.host.cards import VirtualCard
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.pcsc import ServedCard
from tillbench.host.pcsc.lent_card import LentCard
from tillbench.host.pcsc.readers import Listener, ReaderState

READER = "Played Reader [slot] 00 00"


class PlayedReaders:
    """One reader, `READER`. `problem`: why it cannot be had."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self.problem = ""
        self._card: VirtualCard | None = None
        self._lent: _PlayedSlot | None = None

    def put(self, card: VirtualCard | None) -> None:
        """A card goes into the reader; None: the one in it leaves."""
        self._card = card
        for listener in self.listeners:
            listener(self.look())

    def look(self) -> list[ReaderState]:
        """See `CardReaders`."""
        if self.problem:
            raise NoReader(self.problem)
        return [ReaderState(READER, self._card is not None, self._card.atr if self._card else b"")]

    def lend(self, name: str) -> LentCard:
        """See `CardReaders`."""
        if name != READER or self._card is None:
            raise NoReader(f"{name}: no card answers in it")
        if self._lent is not None and not self._lent.closed:
            raise NoReader(f"{name}: somebody has its card already")
        self._lent = _PlayedSlot(self._card)
        return LentCard(name, self._lent)

    def close(self) -> None:
        """See `CardReaders`."""


class _PlayedSlot(ServedCard):
    closed = False

    def close(self) -> None:
        """See `ReaderSlot`."""
        self.closed = True
