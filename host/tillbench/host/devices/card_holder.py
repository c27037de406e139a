"""What every model of a contact card slot has, on whatever wires: a card, what is said to it, and what goes wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.devices.slot_faults import SlotFaults, Violation
from tillbench.host.devices.slot_tap import Exchange, T0Tap, Tap
from tillbench.host.emulator.wires import Clock


class CardHolder(ABC):
    """A slot with at most one card.

    Attributes:
        card: what is in the slot.
        characters: how many have gone over I/O since power on, of either side.
        exchanges: every TPDU since the start, PINs masked.
        on_exchange: hears each complete one as (command, response).
        violations: what the terminal did wrong.
        faults: what the slot and the card do wrong.
    """

    def __init__(self, clock: Clock) -> None:
        self.card: CharacterCard | None = None
        self.characters = 0
        self.exchanges: list[Exchange] = []
        self.on_exchange: Callable[[bytes, bytes], None] = lambda command, response: None
        self.violations: list[Violation] = []
        self.faults = SlotFaults()
        self._clock = clock
        self._tap: Tap = T0Tap(lambda: clock.now)
        self._exchanged = 0

    @property
    @abstractmethod
    def powered(self) -> bool:
        """True while the card has its supply."""

    @abstractmethod
    def insert(self, card: CharacterCard, bounces: int = 0) -> None:
        """Put a card in; the switch opens again `bounces` times within some milliseconds.

        Raises:
            ValueError: there is one already.
        """

    @abstractmethod
    def remove(self, bounces: int = 0) -> None:
        """Take the card out, at whatever it is doing."""

    @abstractmethod
    def power_lost(self) -> None:
        """The board lost its supply: everything falls at once, which is nobody's violation."""

    @abstractmethod
    def _until_read_us(self) -> int:
        """From now until the terminal has seen what the card has just said, and a little: a card that leaves after an
        exchange leaves then."""

    def _take_in(self, card: CharacterCard) -> None:
        if self.card is not None:
            raise ValueError("there is a card in the slot")
        self.card = card

    def _violation(self, what: str) -> None:
        self.violations.append(Violation(self._clock.now, what))

    def _answered_to_reset(self, atr: bytes) -> bytes:
        """What the card has answered, with what the faults make of it; empty if it is mute."""
        if self.faults.bad_atrs:
            atr = self.faults.bad_atrs.pop(0)
        return b"" if self.faults.mute else atr

    def _count(self, count: int) -> None:
        self.characters += count
        limit = self.faults.out_after_characters
        if limit is not None and self.characters >= limit:
            self.faults.out_after_characters = None
            self.remove()

    def _broken(self) -> None:
        self._exchanged = 0
        self._log(self._tap.broken())

    def _log(self, exchange: Exchange | None) -> None:
        if exchange is None:
            return
        self.exchanges.append(exchange)
        if exchange.complete:
            self.on_exchange(exchange.command, exchange.response)
            self._exchanged += 1
            self._maybe_out(self._exchanged)

    def _maybe_out(self, exchanges: int) -> None:
        if self.faults.out_after_exchanges == exchanges:
            self.faults.out_after_exchanges = None
            leaving = self.card
            self._clock.after(self._until_read_us(), lambda: self.remove() if self.card is leaving else None)
