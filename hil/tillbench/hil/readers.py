"""The PC/SC reader of a test: a card in it, and commands to the card.

`virtual` is stock pcscd in namespaces of its own, one for each process of pytest, with virtual cards; `board` the same
with a board that runs the reader's firmware (`board_reader`); another name is a reader of the machine's pcscd. What a
foreign card has not earned is refused (`ForeignCard`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from tillbench.hil.absent import absent, absent_software
from tillbench.host.cards.apdu_card import ApduCard
from tillbench.host.emv_run.card_guard import CardGuard
from tillbench.host.emv_run.pcsc_slot import NoReader, PcscSlot
from tillbench.host.pcsc import Insertion, NoPcsc, PrivatePcscd, ServedCard
from tillbench.host.pcsc.daemon import BOARD_READER, READER
from tillbench.host.reader import BoardSlot
from tillbench.host.session import Session
from tillbench.host.session.apdu_channel import ApduChannel
from tillbench.host.session.record import Header
from tillbench.host.session.recorder import Recorder

if TYPE_CHECKING:
    from tillbench.hil.lab_reader import LabReader

VIRTUAL, BOARD = "virtual", "board"
OURS = (VIRTUAL, BOARD)
"""Readers with a virtual card in them."""
_SEEN_S = 30.0


class Reader:
    """A card in a PC/SC reader, powered. Everything said is in `recorder`, without PINs."""

    def __init__(self, name: str, slot: PcscSlot) -> None:
        self.name = name
        self.recorder = Recorder(CardGuard(slot))
        self._channel = ApduChannel(self.recorder)
        self.atr = self._channel.reset()

    def reset(self) -> bytes:
        """The answer to a warm or cold reset, as the reader does it; `b""` without a card."""
        self.atr = self._channel.reset()
        return self.atr

    def send(self, apdu: bytes | str) -> tuple[bytes, bytes]:
        """One APDU, bytes or hexadecimal; data and status word, both empty from a mute card. At T=0, 61xx and 6Cxx are
        dealt with. Raises ForeignCard for what the card has not earned."""
        return self._channel.send(bytes.fromhex(apdu) if isinstance(apdu, str) else apdu)

    def session(self) -> Session:
        """What was said so far."""
        return self.recorder.session(Header(source="reader", reader=self.name))


def lab_reader(config: pytest.Config, name: str) -> LabReader:
    """A reader of the machine, by a part of its name or by its name in the map; skips where there is none."""
    try:
        from tillbench.hil.lab_reader import LabReader, NotThere
    except ImportError as error:
        absent_software(config, f"reader {name}: {error}")
    try:
        return LabReader(name, config.getoption("--till-boards"))
    except NotThere as error:
        absent(config, f"reader {error}")


@contextmanager
def private_pcscd(config: pytest.Config) -> Iterator[PrivatePcscd]:
    """A pcscd for this process, and the variable that leads PC/SC programs to it. Skips where there is none."""
    if find_spec("smartcard") is None:
        absent_software(config, "reader virtual: no pyscard here: pip install 'tillbench[pcsc]'")
    try:
        daemon = PrivatePcscd()
    except NoPcsc as error:
        absent_software(config, f"reader virtual: {error}")
    with daemon, pytest.MonkeyPatch.context() as patch:
        for name, value in daemon.environment.items():
            patch.setenv(name, value)
        yield daemon


@contextmanager
def virtual_reader(pcscd: PrivatePcscd, card: ApduCard) -> Iterator[Reader]:
    """A virtual card in our own pcscd."""
    insertion = Insertion(pcscd.connect(), ServedCard(card))
    try:
        assert insertion.wait_until_seen(_SEEN_S), f"pcscd did not look at the card within {_SEEN_S:.0f} s"
        slot = PcscSlot(READER)
        try:
            yield Reader(READER, slot)
        finally:
            slot.close()
    finally:
        insertion.pull()
        if insertion.failure:
            raise insertion.failure


@contextmanager
def in_board(slot: BoardSlot, card: ApduCard) -> Iterator[Reader]:
    """A virtual card in a board that is the reader."""
    slot.insert(card)
    pcsc = PcscSlot(BOARD_READER)
    try:
        yield Reader(BOARD_READER, pcsc)
    finally:
        pcsc.close()
        slot.pull()


@contextmanager
def machine_reader(config: pytest.Config, name: str, card: str | None = None) -> Iterator[Reader]:
    """A reader of the machine's pcscd, by a part of its name, with whatever card is in it; or by its name in the map of
    `--till-boards`, and where that has a feeder with `card`, or with the feeder's first one if none is named."""
    found = lab_reader(config, name)
    if found.fed:
        from tillbench.hil.feeder import FeederFault
        from tillbench.hil.lab_reader import NotThere

        try:
            found.insert(card)
        except (NotThere, FeederFault) as error:
            absent(config, f"reader {error}")
    try:
        slot = PcscSlot(found.name)
    except NoReader as error:
        absent(config, f"reader {name}: {error}")
    try:
        reader = Reader(found.name, slot)
        if not reader.atr:
            absent(config, f"reader {name}: there is no card in it that answers")
        yield reader
    finally:
        slot.close()
