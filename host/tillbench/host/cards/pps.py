"""The card's side of protocol and parameters selection, before T=0 or T=1 (ISO/IEC 7816-3, 9).

A card that offers a higher rate in TA1, and leaves the choice to the reader (no TA2), takes one PPS right after its
answer to reset. Only the bit rate adjustment D is negotiated: the clock rate conversion stays at 372.
"""

from __future__ import annotations

from typing import Any

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.t0 import T0Card
from tillbench.host.cards.t1 import T1Card
from tillbench.protocols.atr import first_protocol, interface_characters

PPSS = 0xFF
DEFAULT_RATE = 0x11
"""TA1 of a card that names none: F=372, D=1."""
_HAS_PPS1 = 0x10
_ADJUSTMENTS = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 12, 9: 20}
"""D by the second half of TA1 (ISO/IEC 7816-3, table 8)."""
_OF_372 = (0, 1)
"""First halves of TA1 that stand for F=372 (table 7)."""
_ANSWER_ETU = 4


def offered_rate(atr: bytes) -> int:
    """TA1 of a card that lets the reader choose a rate; `DEFAULT_RATE` of one that does not."""
    found = interface_characters(atr)
    rate = found.get("TA1", DEFAULT_RATE)
    if "TA2" in found or rate >> 4 not in _OF_372 or rate & 15 not in _ADJUSTMENTS:
        return DEFAULT_RATE
    return rate


def in_characters(card: ApduCard) -> T0Card[Any] | T1Card | PpsCard:
    """The card as it is on the contacts: T=0 or T=1, as its answer to reset says first, behind PPS if it offers it."""
    inside = T1Card(card) if first_protocol(card.atr) == 1 else T0Card(card)
    return PpsCard(inside, card.atr) if offered_rate(card.atr) != DEFAULT_RATE else inside


class PpsCard:
    """A card that takes a PPS.

    A request with a wrong check character, or for a protocol that is not the card's first, is not answered: to the
    reader the card is mute, until it is reset. A rate above the offered one is answered without PPS1, which leaves the
    default.

    Attributes:
        d: bit rate adjustment for what comes after what the card sends now.
        agreed: the last request that was answered, empty before that.
    """

    def __init__(self, inside: T0Card[Any] | T1Card, atr: bytes) -> None:
        self.inside = inside
        self.d = 1
        self.agreed = b""
        self._offered = offered_rate(atr)
        self._protocol = first_protocol(atr)
        self._request = bytearray()
        self._fresh = True
        self._mute = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inside, name)

    def reset(self, cold: bool = True) -> bytes:
        """RST went up: the ATR."""
        self.d = 1
        self.agreed = b""
        self._request.clear()
        self._fresh = True
        self._mute = False
        return self.inside.reset(cold)

    def receive(self, data: bytes | int) -> list[tuple[int, bytes]]:
        """Characters from the reader; what the card sends now."""
        pieces: list[tuple[int, bytes]] = []
        for byte in bytes([data]) if isinstance(data, int) else data:
            if self._mute:
                break
            if self._fresh and (self._request or byte == PPSS):
                self._request.append(byte)
                pieces += self._answer()
            else:
                self._fresh = False
                pieces += self.inside.receive(byte)
        return pieces

    def _answer(self) -> list[tuple[int, bytes]]:
        if len(self._request) < 2:
            return []
        parameters = (self._request[1] >> 4 & 7).bit_count()
        if len(self._request) < 3 + parameters:
            return []
        request, check = bytes(self._request), 0
        for byte in request:
            check ^= byte
        if check or request[1] & 15 != self._protocol:
            self._mute = True
            return []
        self._fresh = False
        wanted = request[2] if request[1] & _HAS_PPS1 else DEFAULT_RATE
        self.agreed = request
        if parameters == 1 and request[1] & _HAS_PPS1 and self._takes(wanted):
            self.d = _ADJUSTMENTS[wanted & 15]
            return [(_ANSWER_ETU, request)]
        return [(_ANSWER_ETU, bytes([PPSS, self._protocol, PPSS ^ self._protocol]))]

    def _takes(self, wanted: int) -> bool:
        known = wanted >> 4 in _OF_372 and wanted & 15 in _ADJUSTMENTS
        return known and _ADJUSTMENTS[wanted & 15] <= _ADJUSTMENTS[self._offered & 15]
