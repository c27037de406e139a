"""A card in a PC/SC reader that acts as if it were in the slot of an emulated terminal.

Whose card it is shows only while it is read. Until it has shown that it is one of the bench's it may be read and
nothing else (`card_guard`), and of what it says neither the holder's name nor anything with the number inside is passed
on to whoever watches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tillbench.host.cards.apdu_card import Exchange
from tillbench.host.cards.faults import CardMute
from tillbench.host.emv_run.card_guard import Slot
from tillbench.host.emv_run.pcsc_slot import NoReader, PcscSlot
from tillbench.host.session.apdu_channel import ApduChannel
from tillbench.host.session.between import GuardedSlot
from tillbench.host.session.command_fields import without_pin
from tillbench.host.session.masking import without_holder
from tillbench.host.session.record import digits, octets
from tillbench.host.session.replayed_card import Instructions
from tillbench.protocols.apdu import Ins

_PAN = 0x5A
_ANSWER_WITH_DATA = (Ins.SELECT, Ins.GET_PROCESSING_OPTIONS, Ins.INTERNAL_AUTHENTICATE, Ins.GENERATE_AC)


class ReaderSlot(Slot, Protocol):
    """A reader that can be let go of."""

    def close(self) -> None:
        """Let go of the card."""


class LentCard:
    """An `ApduCard` in a reader.

    Args:
        name: the reader's.
        slot: the reader.

    Attributes:
        atr: its answer to the first reset.

    Raises:
        NoReader: no card answers.
    """

    def __init__(self, name: str, slot: ReaderSlot) -> None:
        self.name = name
        self.late = 0
        self.on_exchange: Exchange | None = None
        self.on_refusal: Callable[[str], None] = lambda why: None
        self.instructions = Instructions(set())
        self._slot = slot
        self._guard = GuardedSlot(slot)
        self._channel = ApduChannel(self._guard)
        self.atr = self._channel.reset()
        if not self.atr:
            raise NoReader(f"{name}: no card answers in it")

    @property
    def doubt(self) -> str:
        """Why the card is not known for one of the bench's; empty once it is."""
        return self._guard.doubt

    @property
    def pan(self) -> str:
        """What it has shown of its number."""
        return self._guard.objects.get(_PAN, b"").hex().upper().rstrip("F")

    def reset(self) -> bytes:
        """See `ApduCard`."""
        return self._channel.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """See `ApduCard`. What the card has not earned is answered 6985."""
        refused = len(self._guard.refusals)
        if apdu[1] in _ANSWER_WITH_DATA and len(apdu) > 5 and len(apdu) == 5 + apdu[4]:
            apdu += b"\x00"  # T=0 has left it away; without it the channel does not fetch what goes with a warning
        data, status = self._channel.send(apdu)
        if not status:
            raise CardMute(self.name)
        for why in self._guard.refusals[refused:]:
            self.on_refusal(why)
        if self.on_exchange:
            shown = data if not self.doubt else without_holder(data)
            self.on_exchange(octets(without_pin(digits(apdu))), shown + status)
        return data + status

    def is_silent(self, ins: int) -> bool:
        """See `ApduCard`: nobody knows beforehand."""
        del ins
        return False

    def close(self) -> None:
        """Let go of the card."""
        self._slot.close()


def lend(reader: str) -> LentCard:
    """The card in the reader of that name, or with that part of a name. Nobody else can use it until it is closed.

    Raises:
        NoReader: no such reader, no card in it, another program uses it, no PC/SC.
    """
    slot = PcscSlot(reader, exclusive=True)
    try:
        return LentCard(slot.name, slot)
    except NoReader as error:
        slot.close()
        raise NoReader(f"{error}" + (f" ({slot.trouble})" if slot.trouble else "")) from None
