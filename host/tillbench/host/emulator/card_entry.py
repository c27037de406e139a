"""The ways a card gets to the terminal: into its slot, through its stripe reader, into its contactless field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, overload

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.pps import in_characters
from tillbench.host.devices.card_holder import CardHolder
from tillbench.host.devices.pn532 import Picc, Pn532
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.state import StateDir
from tillbench.protocols.link import Reader

TAP_US = 500_000
"""How long a card is held into the contactless field."""


class CardElsewhere(ApduCard, Protocol):
    """A card that lies elsewhere, in a reader of the computer, and acts as if it were in the slot."""

    on_refusal: Callable[[str], None]
    """Hears of each command that is kept from the card, and why."""

    @property
    def name(self) -> str:
        """What to call it."""

    @property
    def doubt(self) -> str:
        """Why it is not known for one of the bench's test cards; empty once it is."""

    @property
    def pan(self) -> str:
        """What it has shown of its number; empty before."""

    def close(self) -> None:
        """Let go of it."""


class CardEntry:
    """What a person does with cards at one terminal.

    Args:
        bench: the terminal's.
        state: where the memories of virtual cards are kept.
        profiles: the cards there are, by name.

    Attributes:
        card: what is in the slot, unless the slot has lost it.
        half_inserted: it is in so far only that the switch closes.
        stand_in: what plays a card that is inserted, instead of the card.
        listeners: hear what is done: "visa-credit inserted".
        apdu_listeners: hear each APDU as (command, response), PINs zeroed.
    """

    def __init__(self, bench: Bench, state: StateDir, profiles: Mapping[str, CardProfile]) -> None:
        self.card: VirtualCard | CardElsewhere | None = None
        self.half_inserted = False
        self.stand_in: Callable[[VirtualCard], ApduCard] | None = None
        self.listeners: list[Callable[[str], None]] = []
        self.apdu_listeners: list[Callable[[bytes, bytes], None]] = []
        self._bench = bench
        self._state = state
        self._profiles = profiles
        self._slot: CardHolder
        self._contactless: Pn532

    def wire(self, slot: CardHolder, contactless: Pn532) -> None:
        """The board has said where its parts are: these are they."""
        self._slot = slot
        self._contactless = contactless

    def _tell(self, what: str) -> None:
        for listener in self.listeners:
            listener(what)

    def _apdu(self, command: bytes, response: bytes) -> None:
        for listener in self.apdu_listeners:
            listener(command, response)

    def profile(self, name: str) -> CardProfile:
        """The card profile of that name. ProfileError lists the names there are."""
        return self._profiles.get(name) or load_profile(name)

    @property
    def name(self) -> str:
        """Of the card in the slot: its profile's, or the reader's in which it is; "" without one."""
        if isinstance(self.card, VirtualCard):
            return self.card.profile.name
        return self.card.name if self.card is not None else ""

    @property
    def is_lent(self) -> bool:
        """Whether the card in the slot lies elsewhere, in a reader."""
        return self.card is not None and not isinstance(self.card, VirtualCard)

    @property
    def pin(self) -> str:
        """The PIN of the card in the slot.

        Raises:
            LookupError: there is no card, or it has not shown itself as one of the bench's.
        """
        if self.card is None:
            raise LookupError("no card is in the slot: there is no PIN to enter")
        if isinstance(self.card, VirtualCard):
            return self.card.profile.pin
        if self.card.doubt:
            raise LookupError(f"{self.name}: nobody here knows the PIN of this card: {self.card.doubt}")
        pan = self.card.pan
        found = next((profile for profile in self._profiles.values() if profile.pan == pan), None)
        if found is None:
            raise LookupError(f"{self.name}: no card profile of this terminal has the number of this card")
        return found.pin

    @overload
    def insert(self, card: VirtualCard | str, *, half: bool = False) -> VirtualCard: ...

    @overload
    def insert(self, card: CardElsewhere, *, half: bool = False) -> CardElsewhere: ...

    def insert(self, card: VirtualCard | CardElsewhere | str, *, half: bool = False) -> VirtualCard | CardElsewhere:
        """Put a card into the slot; a name stands for the card of that profile with its stored memory.

        half: only so far that the switch closes; the contacts do not meet, and the card stays mute.

        Raises:
            ProfileError: there is no card of that name; the message lists those there are.
        """
        if isinstance(card, str):
            card = self._state.card(self.profile(card))
        self.remove()
        self.card = card
        chip: ApduCard = card
        if isinstance(card, VirtualCard):
            chip = self.stand_in(card) if self.stand_in else card
        else:
            card.on_refusal = lambda why: self._tell(f"{card.name}: {why}")
        chip.on_exchange = self._apdu
        if half:
            self.half_inserted = self._slot.faults.mute = True
        self._tell(f"{self.name} {'half ' if half else ''}inserted")
        self._slot.insert(in_characters(chip), bounces=2)
        return card

    def remove(self) -> None:
        """Pull the card out, if there is one, and store its memory."""
        if self.card is not None:
            self._slot.remove(bounces=2)
            if self.half_inserted:
                self.half_inserted = self._slot.faults.mute = False
            name = self.name
            self.close()
            self._tell(f"{name} removed")

    def close(self) -> None:
        """Store the memory of the card in the slot, or let go of it."""
        card, self.card = self.card, None
        if isinstance(card, VirtualCard):
            self._state.keep_card(card)
        elif card is not None:
            card.close()

    def pin_entry_opens(self) -> None:
        """A card that may be a real one leaves before anybody can type its PIN."""
        card = self.card
        if card is None or isinstance(card, VirtualCard) or not card.doubt:
            return
        self._tell(f"{card.name}: no PIN is asked for with this card: {card.doubt}")
        self._bench.clock.after(0, lambda: self.remove() if self.card is card else None)

    def swipe(self, card: VirtualCard | str, *, damaged: bool = False) -> None:
        """Pull a card through the stripe reader; `damaged`: what comes has a wrong parity.

        Raises:
            ProfileError: there is no card of that name; the message lists those there are.
        """
        profile = self.profile(card) if isinstance(card, str) else card.profile
        self._tell(f"{profile.name} swiped" + (", unreadable" if damaged else ""))
        if damaged:
            self._bench.post_reader(Reader.UNREADABLE)
        else:
            self._bench.post_reader(Reader.TRACK_2, profile.stripe_track2.encode())

    def tap(self, card: VirtualCard | str) -> None:
        """Hold a card into the contactless field for half a second. ProfileError as above."""
        if isinstance(card, str):
            card = self._state.card(self.profile(card))
        self._tell(f"{card.profile.name} tapped")
        picc, field = Picc(card), self._contactless.field
        field.enter(picc)
        self._bench.clock.after(TAP_US, lambda: field.leave(picc))
