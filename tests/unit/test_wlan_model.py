"""The radio's model and what it does to connections: a gap is hidden, a lost address is the end."""

from __future__ import annotations

import errno

import pytest
from tillbench.host.devices.wlan import AccessPoint, Wlan, around, slot_record
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.wires import Clock
from tillbench.protocols.link import Socket
from tillbench.protocols.link import Wlan as Op

NAME, KEY = "Shop", "correct horse"


class Rig:
    """A radio that is in its network, with connection 1 open."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.wlan = Wlan(self.clock, [AccessPoint(NAME, KEY)])
        self.air = Air(self, self.wlan)
        self.heard: list[bytes] = []
        self.told: list[tuple[Socket, int, bytes]] = []
        self.hung_up = 0
        for op, data in ((Op.ACTIVE, b"\1"), (Op.CONNECT, bytes([len(NAME)]) + (NAME + KEY).encode())):
            assert self.wlan.answer(op, data)[0] == op
        self.run_for(2)
        assert self.air.up(Socket.OPEN, bytes([Socket.OPEN, 1]))

    def post_at_once(self, op: Socket, number: int, data: bytes = b"") -> None:
        self.told.append((op, number, data))

    def from_device(self, payload: bytes) -> None:
        self.heard.append(payload)

    def hang_up(self) -> None:
        self.hung_up += 1

    def run_for(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now + int(seconds * 1_000_000))


def send(rig: Rig, data: bytes) -> bool:
    return rig.air.up(Socket.SEND, bytes([Socket.SEND, 1]) + data)


@pytest.mark.parametrize("seconds", [3, 60])
def test_what_is_sent_into_a_gap_arrives_after_it_in_order(seconds: int) -> None:
    rig = Rig()
    rig.wlan.switch(NAME, up=False)
    assert not send(rig, b"one")
    assert not rig.air.down(Socket.DATA, 1, b"answer")
    rig.run_for(seconds)
    assert rig.wlan.connected is (seconds < 6)
    assert not send(rig, b"two")
    assert (rig.heard, rig.told) == ([], [])
    rig.wlan.switch(NAME, up=True)
    rig.run_for(5)
    assert [payload[2:] for payload in rig.heard] == [b"one", b"two"]
    assert rig.told == [(Socket.DATA, 1, b"answer")]
    assert send(rig, b"three")
    assert rig.hung_up == 0


def test_after_two_minutes_the_connection_is_at_its_end() -> None:
    rig = Rig()
    rig.wlan.switch(NAME, up=False)
    send(rig, b"lost")
    rig.run_for(125)
    assert rig.told == []
    rig.run_for(2)
    assert rig.told == [(Socket.CLOSED, 1, errno.ECONNABORTED.to_bytes(2, "little"))]
    assert rig.hung_up == 1
    rig.wlan.switch(NAME, up=True)
    rig.run_for(5)
    assert rig.wlan.connected
    assert rig.heard == []


def test_who_leaves_on_purpose_has_no_connection_any_more() -> None:
    rig = Rig()
    rig.wlan.answer(Op.DISCONNECT, b"")
    assert [op for op, _, _ in rig.told] == [Socket.CLOSED]
    assert rig.hung_up == 1


def test_without_a_network_nobody_connects_and_names_are_unknown() -> None:
    rig = Rig()
    rig.wlan.switch(NAME, up=False)
    assert not rig.air.up(Socket.RESOLVE, bytes([Socket.RESOLVE, 0]) + b"acquirer"), "it waits: nothing was noticed yet"
    assert rig.told == []
    rig.run_for(7)
    assert rig.told == [(Socket.RESOLVED, 0, b"")]
    assert not rig.air.up(Socket.OPEN, bytes([Socket.OPEN, 2]) + b"192.0.2.1:8583")
    assert rig.told[1:] == [(Socket.CLOSED, 2, errno.EHOSTUNREACH.to_bytes(2, "little"))]


def test_records_and_names_that_cannot_be() -> None:
    assert len(slot_record("x" * 32, "y" * 63)) == len(slot_record("a", "")) == 97
    for ssid, key, error in (
        ("", KEY, "SSID"),
        ("x" * 33, KEY, "SSID"),
        (NAME, "short", "8 to 63"),
        (NAME, "k" * 64, "8 to"),
    ):
        with pytest.raises(ValueError, match=error):
            slot_record(ssid, key)
    with pytest.raises(LookupError, match="no access point 'None'; there is 'Shop', 'Cafe', 'Far away'"):
        Wlan(Clock(), around()).switch("None", up=True)
