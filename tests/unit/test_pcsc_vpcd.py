"""The card's end of vpcd, byte by byte, without a pcscd; and the machine's pcscd, played by a listening socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.pcsc import Insertion, NoPcsc, ServedCard, SystemPcscd, inside_namespaces
from tillbench.host.pcsc.vpcd import GIVE_ATR, POWER_OFF, POWER_ON, RESET

ATR = bytes.fromhex("3B600000")


class Reader:
    """vpcd's end."""

    def __init__(self, stream: socket.socket) -> None:
        stream.settimeout(20)
        self.stream = stream

    def say(self, content: bytes) -> None:
        self.stream.sendall(struct.pack(">H", len(content)) + content)

    def ask(self, content: bytes) -> bytes:
        self.say(content)
        (size,) = struct.unpack(">H", self.stream.recv(2, socket.MSG_WAITALL))
        return self.stream.recv(size, socket.MSG_WAITALL) if size else b""

    def atr(self) -> bytes:
        return self.ask(bytes([GIVE_ATR]))


@contextmanager
def inserted(card: ServedCard) -> Iterator[tuple[Reader, Insertion]]:
    ours, theirs = socket.socketpair()
    insertion = Insertion(theirs, card)
    with ours:
        yield Reader(ours), insertion
    assert insertion.wait(20)
    insertion.pull()


def served(name: str = "visa-credit", **changes: object) -> ServedCard:
    return ServedCard(VirtualCard(load_profile(name).model_copy(update=changes)))


def test_looking_whether_a_card_is_there_is_no_reset() -> None:
    card = served(wrong_atrs=(b"", bytes.fromhex("3B60")))
    with inserted(card) as (reader, _insertion):
        assert [reader.atr(), reader.atr()] == [ATR, ATR]
        for expected in (b"", bytes.fromhex("3B60"), ATR):
            reader.say(bytes([RESET]))
            assert [reader.atr(), reader.atr()] == [expected, expected]
        reader.say(bytes([POWER_OFF]))
        assert reader.atr() == ATR


def test_it_is_seen_when_the_daemon_has_powered_it_and_looked_again() -> None:
    with inserted(served()) as (reader, insertion):
        reader.atr()
        reader.atr()
        reader.say(bytes([POWER_ON]))
        reader.atr()
        assert not insertion.wait_until_seen(0)
        reader.atr()
        assert insertion.wait_until_seen(20)


def test_a_reset_forgets_what_was_selected() -> None:
    select = bytes.fromhex("00A4040007A0000000031010")
    with inserted(served()) as (reader, _insertion):
        reader.say(bytes([POWER_ON]))
        assert reader.ask(select)[0] == 0x61
        assert reader.ask(bytes.fromhex("80CA9F3605"))[-2:] == b"\x90\x00"
        reader.say(bytes([RESET]))
        assert reader.ask(bytes.fromhex("80CA9F3605")) == bytes.fromhex("6985")


def test_a_fault_of_ours_is_not_swallowed() -> None:
    class Broken(ServedCard):
        def transmit(self, apdu: bytes) -> bytes | None:
            raise RuntimeError("a bug")

    with inserted(Broken(served().card)) as (reader, insertion):
        reader.say(bytes.fromhex("00A40400"))
        assert reader.stream.recv(1) == b""
        assert insertion.wait(20)
        assert str(insertion.failure) == "a bug"


def test_the_daemon_goes_away_in_the_middle_of_a_message() -> None:
    ours, theirs = socket.socketpair()
    insertion = Insertion(theirs, served())
    ours.sendall(b"\x00\x10\x00\xa4")
    ours.close()
    assert insertion.wait(20)
    assert insertion.failure is None
    insertion.pull()


@pytest.mark.parametrize(
    ("apdu", "answer"),
    [
        ("00A4040000", "6700"),
        ("00A40400", "6700"),
        ("00A4040005A0000000031122", "6700"),  # two bytes more than Lc
        ("80CA9F3600", "6985"),
        ("00FF000000", "6D00"),
        ("FF00000000", "6E00"),
    ],
)
def test_odd_commands_at_t_0(apdu: str, answer: str) -> None:
    card = served()
    card.reset()
    assert card.transmit(bytes.fromhex(apdu)) == bytes.fromhex(answer)


def test_the_machines_own_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(inside_namespaces, "VPCD_PORT", listener.getsockname()[1])
        with SystemPcscd() as pcscd:
            assert pcscd.environment == {}
            insertion = Insertion(pcscd.connect(), served())
            theirs, _address = listener.accept()
            with theirs:
                assert Reader(theirs).atr() == ATR
            assert insertion.wait(20)
            insertion.pull()
    with pytest.raises(NoPcsc, match=r"no virtual reader at 127\.0\.0\.1:\d+ \(.*\): install vsmartcard-vpcd"):
        SystemPcscd().connect()
