"""The man in the middle: a card for a PC/SC reader that hands every command on to another card, and keeps what was
said."""

from __future__ import annotations

from tillbench.host.emv_run.card_guard import CardGuard, ForeignCard, Slot, doubt
from tillbench.host.session.recorder import Recorder

_REFUSED = b"\x69\x85"


class GuardedSlot:
    """A card in a real reader, whoever sends the commands: what it has not earned is refused with 6985, and noted in
    `refusals`."""

    def __init__(self, slot: Slot) -> None:
        self.refusals: list[str] = []
        self._guard = CardGuard(slot)

    @property
    def objects(self) -> dict[int, bytes]:
        """What has been read of the application that was selected last."""
        return self._guard.objects

    @property
    def doubt(self) -> str:
        """Why the card may only be read; empty for one of the bench's."""
        return doubt(self.objects)

    def reset(self) -> bytes:
        """See `Slot`."""
        return self._guard.reset()

    def transmit(self, apdu: bytes) -> bytes | None:
        """See `Slot`; never raises ForeignCard."""
        try:
            return self._guard.transmit(apdu)
        except ForeignCard as error:
            self.refusals.append(str(error))
            return _REFUSED


class Between:
    """A `ReaderCard` on one side, a recorded slot on the other."""

    def __init__(self, recorder: Recorder) -> None:
        """Resets the card, to learn its answer. Raises LookupError: there is none."""
        self.sound_atr = recorder.reset()
        if not self.sound_atr:
            raise LookupError("the card gives no answer to reset")
        recorder.events.clear()  # that was ours, and no part of the session
        self._recorder = recorder

    def reset(self) -> bytes:
        """See `ReaderCard`."""
        return self._recorder.reset()

    def transmit(self, apdu: bytes) -> bytes | None:
        """See `ReaderCard`."""
        return self._recorder.transmit(apdu)
