"""What stands before a case: the reader under test, a way to change its card if there is one, connections that are let
go of in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from tillbench.hil.qualification import scard
from tillbench.hil.qualification.cases import not_offered
from tillbench.host.cards import CardProfile, VirtualCard
from tillbench.host.cards.pps import DEFAULT_RATE, offered_rate
from tillbench.host.pcsc import Insertion, PrivatePcscd, ServedCard
from tillbench.host.reader import BoardSlot
from tillbench.protocols.emv import tlv

if TYPE_CHECKING:
    from tillbench.hil.lab_reader import LabReader

SELECT_PSE = bytes.fromhex("00A404000E") + b"1PAY.SYS.DDF01"
_SEEN_S = 30.0


class CardChanger(Protocol):
    """A slot whose card the bench can change."""

    def insert(self, profile: CardProfile) -> None:
        """Put in another card; returns when pcscd has seen it."""

    def pull(self) -> None:
        """Take the card out, if there is one."""


class FedSlot:
    """A reader with a feeder: its own cards come and go, others are not to be had."""

    def __init__(self, reader: LabReader) -> None:
        self._reader = reader
        self._reader.insert()

    def insert_again(self) -> None:
        """Put in the feeder's first card."""
        self._reader.insert()

    def pull(self) -> None:
        """Take the card out, if there is one."""
        if self._reader.has_card():
            self._reader.eject()


class BoardChanger:
    """The slot of a board that is the reader."""

    def __init__(self, slot: BoardSlot) -> None:
        self._slot = slot

    def insert(self, profile: CardProfile) -> None:
        self._slot.insert(VirtualCard(profile))

    def pull(self) -> None:
        self._slot.pull()

    def pps(self) -> str:
        """The PPS that the card in it has answered, in hexadecimal."""
        return self._slot.pps().hex().upper()


class VirtualSlot:
    """The virtual reader's slot: cards go in and out."""

    def __init__(self, pcscd: PrivatePcscd) -> None:
        self._pcscd = pcscd
        self._inside: Insertion | None = None

    def insert(self, profile: CardProfile) -> None:
        """Put in another card; returns when pcscd has seen it."""
        self.pull()
        card = ServedCard(VirtualCard(profile), time.sleep)
        self._inside = Insertion(self._pcscd.connect(), card)
        assert self._inside.wait_until_seen(_SEEN_S), "pcscd did not look at the card"

    def pull(self) -> None:
        """Take the card out, if there is one."""
        inside, self._inside = self._inside, None
        if inside is not None:
            inside.pull()
            if inside.failure:
                raise inside.failure


class ReaderBench:
    """The reader under test. `slot` is None where nobody can change the card but a person."""

    def __init__(self, reader: str, slot: CardChanger | FedSlot | None, profile: CardProfile | None) -> None:
        self.reader = reader
        self._slot = slot
        self._profile = profile
        self._closing: list[Callable[[], None]] = []
        if profile is not None and not isinstance(slot, FedSlot):
            assert slot is not None
            slot.insert(profile)  # waits until there is a pcscd
        self.context = scard.Context()

    @property
    def slot(self) -> CardChanger | FedSlot:
        """A way to take the card out; not offered where there is none."""
        if self._slot is None:
            not_offered("only a person can change its card")
        return self._slot

    def other_card(self, **changes: object) -> None:
        """The same card with other properties, as a profile states them; not offered where the card stays, or comes out
        of a feeder and would have to be another."""
        slot = self.slot
        if isinstance(slot, FedSlot):
            if changes:
                not_offered("its feeder has no such card")
            slot.insert_again()
            return
        assert self._profile is not None
        slot.insert(CardProfile.model_validate({**dict(self._profile), **changes}))

    def at_t1(self) -> None:
        """A card that speaks T=1: the one there, or one of ours."""
        if self._profile is not None:
            self.other_card(atr="3BE00000813120" + "4535")
        elif self.connect().protocol != scard.T1:
            not_offered("the card in it does not speak T=1")

    def offering_a_rate(self, atr: str) -> Callable[[], str | None]:
        """A card that offers a rate by PPS: one of ours with that ATR, or the one there; not offered without one.

        What it returns tells which PPS our card has answered, in hexadecimal; None of a card that does not tell.
        """
        if isinstance(self._slot, BoardChanger):
            self.other_card(atr=atr)
            return self._slot.pps
        if offered_rate(self.context.state(self.reader).atr) == DEFAULT_RATE:
            not_offered("its card offers no rate, or has no characters at all")
        return lambda: None

    def connect(self, share: int = scard.SHARED, protocol: int = scard.ANY) -> scard.Connection:
        """A connection that is let go of in the end."""
        connection = self.context.connect(self.reader, share, protocol)
        self._closing.append(connection.disconnect)
        return connection

    def another_client(self) -> scard.Context:
        """As a second program would have it."""
        context = scard.Context()
        self._closing.append(context.close)
        return context

    def close(self) -> None:
        """Let go of everything; the card goes out of a virtual reader."""
        while self._closing:
            self._closing.pop()()
        self.context.close()
        if self._slot:
            self._slot.pull()


def first_aid(connection: scard.Connection) -> bytes:
    """The card's first application, by its directory; not offered without one."""
    data, status = connection.send(SELECT_PSE + b"\x00")
    if status != b"\x90\x00":
        not_offered(f"its card has no payment system directory ({status.hex().upper()})")
    sfi = tlv.find(tlv.parse(data), 0x88)
    assert sfi is not None
    record, _status = connection.send(bytes([0x00, 0xB2, 0x01, sfi.value[0] << 3 | 4, 0x00]))
    name = tlv.find(tlv.parse(record), 0x4F)
    assert name is not None
    return name.value


def select(aid: bytes) -> bytes:
    """SELECT by name, case 4."""
    return bytes([0x00, 0xA4, 0x04, 0x00, len(aid)]) + aid + b"\x00"
