"""The field in front of the antenna, and proximity cards in it (ISO/IEC 14443)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.cards.faults import CardMute

ATS = bytes.fromhex("0578807002")
"""Frames of 256 bytes, 106 kbit/s, 38.7 ms to answer, a card identifier, no historical bytes."""
ATQB = bytes.fromhex("50A1B2C3D400000000007181")
"""PUPI, no application data, 106 kbit/s, frames of 128 bytes, ISO/IEC 14443-4."""


@dataclass
class Picc:
    """A card with an antenna.

    Attributes:
        card: what answers APDUs; None: a card without ISO/IEC 14443-4, as a ticket for the metro.
        uid: NFCID1 of type A, four, seven or ten bytes; of type B the PUPI.
        type_b: it speaks type B.
        leaves_in_apdu: it is taken out of the field when so many more APDUs have gone out, the last one unanswered.
    """

    card: ApduCard | None
    uid: bytes = bytes.fromhex("08A1B2C3")
    type_b: bool = False
    leaves_in_apdu: int = 0

    @property
    def target_data(self) -> bytes:
        """What the chip tells of it when it is found, from behind the target's number (UM0701-02, 7.3.5)."""
        if self.type_b:
            return ATQB[:1] + self.uid[:4] + ATQB[5:] + b"\x01\x00"
        sens_res = b"\x00\x44" if len(self.uid) > 4 else b"\x00\x04"
        sel_res = b"\x20" if self.card else b"\x08"
        ats = ATS if self.card else b""
        return sens_res + sel_res + bytes([len(self.uid)]) + self.uid + ats


class Field:
    """What is in front of the antenna. `on_enter` is told when a card comes."""

    def __init__(self) -> None:
        self.cards: list[Picc] = []
        self.on = False
        self.on_enter: Callable[[], None] = lambda: None

    def enter(self, picc: Picc) -> None:
        """Hold a card into it."""
        if picc not in self.cards:
            self.cards.append(picc)
            self.on_enter()

    def leave(self, picc: Picc) -> None:
        """Take a card away."""
        if picc in self.cards:
            self.cards.remove(picc)

    def found(self, *, type_b: bool) -> list[Picc]:
        """The cards of a type that answer."""
        return [picc for picc in self.cards if picc.type_b == type_b]

    def transmit(self, picc: Picc, apdu: bytes) -> bytes | None:
        """The card's answer to an APDU, None if nothing comes back."""
        if picc.leaves_in_apdu:
            picc.leaves_in_apdu -= 1
            if not picc.leaves_in_apdu:
                self.leave(picc)
        if picc not in self.cards or picc.card is None or not self.on:
            return None
        try:
            return picc.card.transmit(apdu)
        except CardMute:
            return None
