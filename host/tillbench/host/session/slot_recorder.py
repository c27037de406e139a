"""Records what goes on in the terminal's own slot, on any target: the APDUs, the time being the bench's."""

from __future__ import annotations

from tillbench.host.emulator.emulator import Emulator
from tillbench.host.session.folding import exchange_of
from tillbench.host.session.record import Event, Header, Removal, Reset, Session, digits


class SlotRecorder:
    """Listens to an emulator from now on. A card that goes in counts as reset: its resets are not heard here."""

    def __init__(self, emulator: Emulator) -> None:
        self.events: list[Event] = []
        self._emulator = emulator
        self._start = emulator.bench.clock.now
        emulator.entry.listeners.append(self._card)
        emulator.entry.apdu_listeners.append(self._apdu)

    def _elapsed(self) -> int:
        return self._emulator.bench.clock.now - self._start

    def _card(self, what: str) -> None:
        card = self._emulator.entry.card
        if what.endswith("inserted") and card is not None:
            atr = "" if what.endswith("half inserted") else digits(card.atr)
            self.events.append(Reset(t_us=self._elapsed(), atr=atr))
        elif what.endswith("removed"):
            self.events.append(Removal(t_us=self._elapsed()))

    def _apdu(self, command: bytes, response: bytes) -> None:
        self.events.append(exchange_of(command, response, self._elapsed()))

    def session(self, header: Header) -> Session:
        """What has been recorded so far: whole, in memory. `masking.fit_to_be_written` comes before a file."""
        return Session(header.model_copy(update={"contents": "full"}), list(self.events))
