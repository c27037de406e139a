"""The PN532's driver against its model, on each of its three ways, and the frames against their definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.devices.pn532 import Picc
from tillbench.host.emulator.bench import Bench
from tillbench.protocols import pn532
from tillbench.protocols.pn532 import FROM_CHIP, TO_CHIP, Command, FrameReader, frame

from tests.device.contactless_rig import WAYS, picc, reader

SELECT = bytes.fromhex("00A4040008A00000033301010100")
SIZES = (1, 2, 200, 254, 255, 264)


def contents(tfi: int) -> list[bytes]:
    return [bytes([tfi]) + bytes((n + at) & 0xFF for at in range(n)) for n in SIZES]


def test_frames_are_those_of_the_definition(device: Bench) -> None:
    made = device.call("contactless_probe:frames", [content[1:] for content in contents(TO_CHIP)])
    assert made == [frame(content) for content in contents(TO_CHIP)]
    for sent, content in zip(made, contents(TO_CHIP), strict=True):
        assert pn532.FRAME.parse(sent).content.data == content


def test_answers_are_taken_apart_and_damaged_ones_are_not(device: Bench) -> None:
    good = [frame(content) for content in contents(FROM_CHIP)]
    said = device.call("contactless_probe:taken", good)
    assert said == [(len(g), content[1:]) for g, content in zip(good, contents(FROM_CHIP), strict=True)]
    answer = good[2]
    damaged = {
        "START": b"\x00" + answer[1:2] + b"\xfe" + answer[3:],
        "LENGTH": answer[:3] + bytes([answer[3] ^ 1]) + answer[4:],
        "CHECKSUM": answer[:9] + bytes([answer[9] ^ 0x80]) + answer[10:],
        "SYNTAX": pn532.SYNTAX_ERROR,
        "DIRECTION": frame(b"\xd4\x03"),
    }
    assert device.call("contactless_probe:taken", list(damaged.values())) == list(damaged)
    too_long = b"\x00\x00\xff\xff\xff\x01\x0a" + bytes([pn532.complement(b"\x01\x0a")])
    assert device.call("contactless_probe:taken", [too_long + bytes(300)]) == ["LENGTH"]


@given(
    parts=st.lists(st.binary(min_size=1, max_size=300).filter(lambda data: len(data) <= 265), max_size=4),
    between=st.binary(max_size=6).filter(lambda data: 0xFF not in data),
    cut=st.integers(1, 50),
)
def test_the_model_finds_every_frame_however_it_is_cut(parts: list[bytes], between: bytes, cut: int) -> None:
    stream = b"".join(between + frame(part) for part in parts) + pn532.ACK + pn532.NAK
    found = FrameReader()
    said = [content for at in range(0, len(stream), cut) for content in found.feed(stream[at : at + cut])]
    assert said == [*parts, pn532.ACK, pn532.NAK]
    assert not found.damaged


@pytest.mark.parametrize("way", WAYS)
def test_an_emv_card_answers_on_every_way(device: Bench, way: str) -> None:
    """The same APDUs in the field as in a slot: the same answers, a long one in an extended frame."""
    chip = reader(device, way)
    card = VirtualCard(load_profile("unionpay-debit"))
    chip.field.enter(Picc(card))
    commands = [SELECT, bytes.fromhex("80A8000002830000"), bytes.fromhex("00B2010C00")]
    said = device.call("contactless_probe:exchange", *commands)
    twin = VirtualCard(load_profile("unionpay-debit"))
    twin.reset()
    assert said == [twin.transmit(command) for command in commands]
    assert said[0][-2:] == b"\x90\x00"
    device.call("contactless_probe:release")
    assert not chip.field.on


@pytest.mark.parametrize("way", WAYS)
def test_long_commands_and_answers_go_in_pieces(device: Bench, way: str) -> None:
    chip = reader(device, way, piece=100)
    card = picc()
    chip.field.enter(card)
    apdu = bytes(range(256)) + bytes(range(100))
    assert device.call("contactless_probe:exchange", apdu, b"\x00\xa4") == [apdu + b"\x90\x00", b"\x00\xa4\x90\x00"]
    assert chip.commands.count(Command.IN_DATA_EXCHANGE) == 2 + 3 + 1
    assert card.card is not None
    assert card.card.apdus == [apdu, b"\x00\xa4"]  # type: ignore[attr-defined]  # this card keeps what it was sent


@pytest.mark.parametrize("way", WAYS)
def test_a_tap_is_told_and_the_field_is_off_afterwards(device: Bench, way: str) -> None:
    chip = reader(device, way)
    card = picc()
    device.clock.after(4_000_000, lambda: chip.field.enter(card))
    before = device.clock.now
    assert device.call("contactless_probe:tap") is True
    assert 4_000_000 < device.clock.now - before < 4_200_000
    assert not chip.field.on


def test_a_wait_that_is_given_up_leaves_nothing_on(device: Bench) -> None:
    chip = reader(device)
    assert device.call("contactless_probe:tap", 1000) is False
    assert not chip.field.on
    chip.field.enter(picc())
    assert device.call("contactless_probe:tap", 1000) is True


def test_whenever_a_wait_is_given_up_the_field_is_off(device: Bench) -> None:
    """Also in the middle of its start, of finding a card, and of switching the field off."""
    chip = reader(device)
    card = picc()
    for ms in (5, 20, *range(103, 121, 3)):
        device.clock.after(100_000, lambda: chip.field.enter(card))
        came = device.call("contactless_probe:tap", ms)
        device.run_for(0.2)
        assert not chip.field.on, ms
        chip.field.leave(card)
        chip.power_dip()
        device.call("contactless_probe:connect")
    assert came


def test_a_quiet_minute_costs_no_transfers_where_the_interrupt_line_is(device: Bench) -> None:
    chip = reader(device)
    device.call("contactless_probe:start")
    reads: list[int] = []
    port = device.i2c(0).chips[0x24]
    read = port.read
    port.read = lambda n: reads.append(n) or read(n)  # type: ignore[method-assign, func-returns-value]  # append gives None, so the other side is what comes
    assert device.call("contactless_probe:tap", 60_000) is False
    assert len(reads) < 40
    assert chip.commands.count(Command.IN_AUTO_POLL) == 1


@pytest.mark.parametrize("type_b", [False, True])
@pytest.mark.parametrize("uid", ["08A1B2C3", "04A1B2C3D4E5F6"])
def test_what_a_card_says_of_itself(device: Bench, uid: str, type_b: bool) -> None:
    chip = reader(device)
    chip.field.enter(picc(uid=bytes.fromhex(uid), type_b=type_b))
    said = device.call("contactless_probe:activate")
    assert said == (bytes.fromhex(f"50{uid[:8]}00000000007181") if type_b else bytes.fromhex("0578807002"))
    assert device.call("contactless_probe:uid") == bytes.fromhex(uid[:8] if type_b else uid)
