"""The card slot behind a serial controller: the same card answers as in a slot on pins."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cards.t0 import T0Card, T0Options
from tillbench.host.cards.t1 import T1Card
from tillbench.host.devices.ccid_controller import CcidController
from tillbench.host.devices.character_card import CharacterCard
from tillbench.host.devices.slot import Slot
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import Clock, UartPort
from tillbench.protocols.ccid import ANSWER, Message

from tests.device.ccid_faults import READ, SELECT
from tests.device.fault_wires import borrowed
from tests.device.reader_rig import Line, frame, insert, message

T1_ATR = bytes.fromhex("3BE000008131204535")
AID = bytes.fromhex("00A4040007A000000003101000")
VERIFY = bytes.fromhex("0020008008241234FFFFFFFFFF")
APDUS = (
    SELECT,
    READ,
    AID,
    bytes.fromhex("80A8000002830000"),
    bytes.fromhex("00B2010C00"),
    VERIFY,
    b"\x00\x84\x00\x00\x00",
)


def card(protocol: int, **options: object) -> CharacterCard:
    """The same card each time, at T=0 or T=1."""
    profile = load_profile("visa-cda")
    if protocol:
        return T1Card(VirtualCard(profile.model_copy(update={"atr": T1_ATR})))
    return T0Card(VirtualCard(profile), T0Options(**options))  # type: ignore[arg-type]  # values of its own fields


@pytest.fixture
def wires(device: Bench) -> Iterator[Bench]:
    with borrowed(device):
        yield device
        device.call("ccid_probe:stop")


def behind_a_controller(bench: Bench, inside: CharacterCard) -> CcidController:
    chip = CcidController(bench.clock, bench.uart(2))
    chip.insert(inside)
    assert bench.call("ccid_probe:open_slot")
    return chip


@pytest.mark.parametrize("protocol", [0, 1])
def test_the_card_answers_as_in_a_slot_on_pins(device: Bench, protocol: int) -> None:
    with borrowed(device):
        Slot(device.clock, device.nets, device.uart(2), rng=random.Random(1)).insert(card(protocol))
        device.call("slot_probe:open_slot")
        device.run_for(0.2)
        expected = device.call("slot_probe:run", *APDUS)
        device.call("slot_probe:deactivate")
    with borrowed(device):
        behind_a_controller(device, card(protocol))
        found = device.call("ccid_probe:run", *APDUS)
        assert not device.call("ccid_probe:left"), "a PIN, or what a card has said"
        device.call("ccid_probe:stop")
    assert found == expected
    assert len(found) == 1 + len(APDUS)


@pytest.mark.parametrize(
    "options", [{"one_by_one": True}, {"null_bytes": 3}, {"response_part": 16}, {"vague_length": True}]
)
def test_whatever_way_a_card_has_with_t0(wires: Bench, options: dict[str, object]) -> None:
    behind_a_controller(wires, card(0))
    plain = wires.call("ccid_probe:run", SELECT, READ)
    behind_a_controller(wires, card(0, **options))
    assert wires.call("ccid_probe:run", SELECT, READ) == plain


def test_cards_come_and_go(wires: Bench) -> None:
    chip = CcidController(wires.clock, wires.uart(2))
    assert not wires.call("ccid_probe:open_slot")
    assert wires.call("ccid_probe:run") == [("REMOVED", "no card in the slot")]
    wires.clock.after(1_000_000, lambda: chip.insert(card(0)))
    assert wires.call("ccid_probe:moved", True)
    wires.clock.after(1_000_000, chip.remove)
    assert wires.call("ccid_probe:moved", False)
    assert not wires.call("ccid_probe:moved", True, 1000)


def test_switched_off_and_on_again(wires: Bench) -> None:
    chip = behind_a_controller(wires, card(0))
    first = wires.call("ccid_probe:run", SELECT)
    wires.call("ccid_probe:deactivate")
    wires.call("ccid_probe:wait", 300)
    assert chip.state == 1
    assert wires.call("ccid_probe:run", SELECT) == first
    switched = (Message.IccPowerOn, Message.IccPowerOff)
    assert [kind for kind in chip.requests if kind in switched] == [*switched, Message.IccPowerOn]


def test_an_exchange_that_is_given_up_leaves_the_card_off_and_the_next_one_well(wires: Bench) -> None:
    chip = behind_a_controller(wires, card(0))
    first = wires.call("ccid_probe:run", SELECT)
    chip.slow_us = 1_500_000
    assert wires.call("ccid_probe:given_up", READ, 500) == "cancelled"
    chip.slow_us = 0
    wires.call("ccid_probe:wait", 2500)
    assert chip.state == 1
    assert wires.call("ccid_probe:run", SELECT) == first


def test_the_model_answers_as_the_reader_does_that_pcscd_drives(tmp_path: Path) -> None:
    """Two implementations of one protocol, and libccid has been at the other: alike but for bClockStatus."""
    line = Line("unix", tmp_path)
    try:
        insert(line, card(0))
        clock, port = Clock(), UartPort(2)
        chip = CcidController(clock, port)
        chip.insert(card(0))
        said: list[bytes] = []
        port.to_device = said.append
        for kind, data in (
            (Message.GetSlotStatus, b""),
            (Message.XfrBlock, SELECT),
            (Message.IccPowerOn, b""),
            (Message.XfrBlock, SELECT[:-1]),
            (Message.XfrBlock, READ),
            (Message.XfrBlock, VERIFY),
            (Message.SetParameters, b"\x11"),
            (Message.IccPowerOff, b""),
            (Message.GetSlotStatus, b""),
            (0x60, b""),
        ):
            expected = line.request(kind, data)
            said.clear()
            port.on_bytes(frame(message(kind, data, seq=line.seq)))
            while (due := clock.next_due()) is not None:
                clock.advance_to(due)
            echo, answer = said
            assert frame(echo[2:-1]) == echo
            found = ANSWER.parse(answer[2:-1])
            status = found.status & 3, bool(found.status & 0x40), found.error
            assert status == (expected.card, expected.failed, expected.error), f"{kind:02X}"
            assert (found.kind, found.sequence) == (expected.kind, expected.seq)
            assert found.data == expected.data
    finally:
        line.close()
