"""A virtual card as a PC/SC reader shows it: commands and answers of ISO 7816-4, without the characters below.

At T=1 the reader carries the APDU whole. At T=0 it does the procedure bytes but not the rest: the card's own 61xx and
6Cxx come through, and the client fetches.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.cards import CardMute, T0Card
from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.t0 import HEADER_SIZE, NULL_BYTE
from tillbench.protocols.atr import first_protocol

ETU_S = 372 / 3_571_200  # at the clock that most readers give
_WRONG_LENGTH = b"\x67\x00"


class ServedCard:
    """Adapts a card to a reader's slot. `protocol`: 0 or 1, the first that its ATR offers.

    `pause` (seconds) is called before an answer that a fault makes late; without it, nothing is ever late.
    """

    def __init__(self, card: ApduCard, pause: Callable[[float], None] | None = None) -> None:
        self.card = card
        self.protocol = first_protocol(card.atr)
        self._pause = pause
        self._t0 = T0Card(card)

    @property
    def sound_atr(self) -> bytes:
        return self.card.atr

    def reset(self) -> bytes:
        """Power on, cold or warm."""
        return self._t0.reset()

    def transmit(self, apdu: bytes) -> bytes | None:
        """One APDU at T=1, one TPDU at T=0; None if the card stays mute."""
        answer = self._exchange_t1(apdu) if self.protocol == 1 else self._exchange_t0(apdu)
        if self._pause and self.card.late:
            self._pause(self.card.late * ETU_S)
            self.card.late = 0  # GET RESPONSE is no APDU of the card's
        return answer

    def _exchange_t1(self, apdu: bytes) -> bytes | None:
        try:
            return self.card.transmit(apdu)
        except CardMute:
            return None

    def _exchange_t0(self, apdu: bytes) -> bytes | None:
        """What a reader does with a TPDU (ISO/IEC 7816-3, 10.3.3); the NULL characters of a slow card are passed over
        without waiting for them."""
        if len(apdu) < HEADER_SIZE:
            apdu = apdu.ljust(HEADER_SIZE, b"\x00")  # case 1
        header, data = apdu[:HEADER_SIZE], apdu[HEADER_SIZE:]
        if data:
            if len(data) - header[4] not in (0, 1):  # neither case 3 nor case 4; a Le stays behind at T=0
                return _WRONG_LENGTH
            data = data[: header[4]]
        ins, answer = header[1], b""
        arriving = self._send(header)
        while arriving:
            procedure, arriving = arriving[0], arriving[1:]
            if procedure == NULL_BYTE:
                continue
            if procedure not in (ins, ins ^ 0xFF):
                return answer + bytes([procedure]) + arriving
            if data:
                size = len(data) if procedure == ins else 1
                arriving += self._send(data[:size])
                data = data[size:]
            else:
                size = (header[4] or 256) - len(answer) if procedure == ins else 1
                answer, arriving = answer + arriving[:size], arriving[size:]
        return None

    def _send(self, characters: bytes) -> bytes:
        return b"".join(piece for _delay, piece in self._t0.receive(characters))
