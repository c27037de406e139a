"""A card in a reader as the terminal gets it: what reaches it, and what is passed on of it."""

from __future__ import annotations

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cards.pps import in_characters
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.pcsc import ServedCard
from tillbench.host.pcsc.lent_card import LentCard
from tillbench.host.pcsc.readers import ComputerReaders
from tillbench.host.session.masking import without_holder
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv

from .test_session_file import reading

VERIFY = bytes.fromhex("0020008008241234FFFFFFFFFF")
REFUSED = b"\x69\x85"
NAME, TRACK_2 = 0x5F20, 0x57


class Reader(ServedCard):
    """A reader that a card is lent from."""

    closed = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("name", ["unionpay-issuer-missing", "visa-cda"])
def test_what_reaches_the_card_and_what_is_told_of_it(name: str) -> None:
    profile = load_profile(name)
    is_ours = name == "visa-cda"
    reached: list[int] = []
    told: list[tuple[bytes, bytes]] = []
    refusals: list[str] = []
    reader = Reader(VirtualCard(profile, on_exchange=lambda command, _answer: reached.append(command[1])))
    card = LentCard("reader", reader)
    card.on_exchange = lambda command, answer: told.append((command, answer))
    card.on_refusal = refusals.append
    assert card.atr == profile.atr
    before = card.transmit(VERIFY)
    records = b"".join(card.transmit(bytes.fromhex(apdu))[:-2] for apdu in reading(profile))
    after = card.transmit(VERIFY)
    assert before == REFUSED
    assert (after == REFUSED, bool(card.doubt)) == (not is_ours, not is_ours)
    assert len(refusals) == (1 if is_ours else 2)
    assert (Ins.VERIFY in reached) == is_ours
    assert card.pan == profile.pan
    assert all(command[5:] == bytes(8) for command, _ in told if command[1] == Ins.VERIFY)
    track = tlv.find(tlv.parse(records), TRACK_2)
    assert track is not None
    shown = b"".join(answer for _, answer in told)
    assert track.value in shown
    card.close()
    assert reader.closed


def test_zeros_for_names_certificates_and_what_has_no_name() -> None:
    inside = tlv.encode(NAME, b"DOE/J") + tlv.encode(0x9F46, bytes([7]) * 200) + tlv.encode(0x5A, b"\x62\x00")
    data = tlv.encode(0x70, inside, tlv.encode(0xDF8112, b"\x01\x02"), b"\x9f\x0b\x81\x03ABC")
    found = tlv.parse(without_holder(data))
    assert len(without_holder(data)) == len(data)
    values = {item.tag: item.value for item in tlv.walk(found) if not item.children}
    assert values == {NAME: bytes(5), 0x9F46: bytes(200), 0x5A: b"\x62\x00", 0xDF8112: bytes(2), 0x9F0B: bytes(3)}
    assert without_holder(b"\x5f\x20\x09AB") == bytes(5)


def test_on_the_contacts_it_is_what_its_answer_to_reset_says() -> None:
    card = in_characters(LentCard("reader", Reader(VirtualCard(load_profile("visa-cda")))))
    assert card.reset(True) == load_profile("visa-cda").atr
    header = bytes.fromhex("00A404000E")
    assert [piece for _pause, piece in card.receive(header)] == [b"\xa4"]
    answer = b"".join(piece for _pause, piece in card.receive(b"1PAY.SYS.DDF01"))
    assert answer[0] == 0x61


def test_a_warning_comes_with_its_data() -> None:
    profile = load_profile("unionpay-app-blocked")
    card = in_characters(LentCard("reader", Reader(VirtualCard(profile))))
    card.reset(True)
    aid = profile.applications[0].aid
    for sent in (b"\x00\xa4\x04\x00" + bytes([len(aid)]), aid):
        status = b"".join(piece for _pause, piece in card.receive(sent))
    assert status == b"\x62\x83"
    size = b"".join(piece for _pause, piece in card.receive(b"\x00\xc0\x00\x00\x00"))[-1]
    answer = b"".join(piece for _pause, piece in card.receive(b"\x00\xc0\x00\x00" + bytes([size])))
    assert (answer[:2], answer[-2:]) == (b"\xc0\x6f", b"\x90\x00")


class PlayedScard:
    """pcscd's answers, one after the other; where nothing has changed it answers as after a time-out."""

    SCARD_S_SUCCESS, SCARD_E_TIMEOUT, SCARD_E_CANCELLED, SCARD_E_UNKNOWN_READER = 0, 1, 2, 3
    SCARD_E_NO_READERS_AVAILABLE, SCARD_STATE_UNAWARE, SCARD_STATE_CHANGED, SCARD_STATE_PRESENT = 4, 0, 2, 0x20

    def __init__(self, *names: list[str]) -> None:
        self.flags = {"a": 0x10, "b": 0x20}
        self.names = [*names]
        self.waited: list[int] = []

    def SCardListReaders(self, _context: object, _groups: object) -> tuple[int, list[str]]:
        names = self.names.pop(0)
        return (0, names) if names else (self.SCARD_E_NO_READERS_AVAILABLE, [])

    def SCardGetStatusChange(self, _context: object, timeout_ms: int, asked: list[tuple[str, int]]) -> object:
        self.waited.append(timeout_ms)
        changed = any(self.flags[name] != known for name, known in asked)
        found = [(name, self.flags[name] | self.SCARD_STATE_CHANGED, b"\x3b") for name, _known in asked]
        return (0 if changed else self.SCARD_E_TIMEOUT), found


def test_a_reader_that_leaves_is_not_there_any_more() -> None:
    readers = ComputerReaders()
    scard = PlayedScard(["a", "b"], ["a", "b"], ["b"], ["b"], [])
    known: dict[str, int] = {}
    seen = []
    for timeout_ms in (0, 70, 70, 70, 0):
        known = readers._wait(scard, known, timeout_ms)
        seen.append([(state.name, state.has_card) for state in readers._states])
    both, only = [("a", False), ("b", True)], [("b", True)]
    assert seen == [both, both, only, only, []]
    assert scard.waited == [0, 70, 0, 70]


def test_no_card_in_the_reader() -> None:
    with pytest.raises(NoReader, match="my reader: no card answers in it"):
        LentCard("my reader", Reader(VirtualCard(load_profile("visa-cda").model_copy(update={"wrong_atrs": (b"",)}))))
