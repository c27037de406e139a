"""The slot driver with T=1 cards, character by character under the steered clock: times, lost and garbled blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tillbench.host.cards import T1Card, T1Options, VirtualCard, load_profile
from tillbench.host.devices.slot import Slot
from tillbench.host.emulator.bench import Bench

ATR = "3BE000008131204535"  # IFSC 32, BWI 4, CWI 5
APDUS = [
    bytes.fromhex("00A404000E315041592E5359532E444446303100"),
    bytes.fromhex("00A4040007A000000003101000"),
    bytes.fromhex("00B2010C00"),
    bytes.fromhex("0020008008241234FFFFFFFFFF"),
]
Spoil = Callable[[int, bytes], bytes]


class Wire(T1Card):
    """The virtual card, its n-th block spoilt on the way to the terminal."""

    def __init__(self, card: VirtualCard, options: T1Options | None = None) -> None:
        super().__init__(card, options)
        self.spoil: Spoil = lambda number, block: block
        self.count = 0
        self.quiet = 0

    def receive(self, data: bytes | int) -> list[tuple[int, bytes]]:
        pieces = []
        for pause, block in super().receive(data):
            spoilt = self.spoil(self.count, block)
            self.count += 1
            if spoilt:
                pieces.append((pause, spoilt))
        return pieces

    def line_quiet(self) -> None:
        self.quiet += 1
        super().line_quiet()


def answers(atr: str = ATR) -> list[bytes]:
    card = VirtualCard(load_profile("visa-cda").model_copy(update={"atr": bytes.fromhex(atr)}))
    return [card.reset(), *(card.transmit(apdu) for apdu in APDUS)]


def insert(bench: Bench, atr: str = ATR, options: T1Options | None = None) -> tuple[Slot, Wire]:
    slot = Slot(bench.clock, bench.nets, bench.uart(2))
    wire = Wire(VirtualCard(load_profile("visa-cda").model_copy(update={"atr": bytes.fromhex(atr)})), options)
    slot.insert(wire)
    bench.run_for(0.1)
    return slot, wire


def session(bench: Bench) -> list[Any]:
    result = bench.call("slot_probe:run", *APDUS)
    assert isinstance(result, list)
    return result


def with_tck(atr: str) -> str:
    """The answer to reset with its check character."""
    check = 0
    for byte in bytes.fromhex(atr)[1:]:
        check ^= byte
    return bytes.fromhex(atr).hex() + f"{check:02X}"


@pytest.mark.parametrize(
    ("atr", "options"),
    [
        (ATR, T1Options()),
        (ATR, T1Options(wtx=3, wtx_requests=2)),
        (ATR, T1Options(ifsc=16)),
        (with_tck("3BF01100008131FE45"), T1Options()),  # IFSC 254, TA1 the default
        (with_tck("3BE000FF81312045"), T1Options()),  # N = 255: 11 etu would do
        (with_tck("3BE0000181312042"), T1Options()),  # N = 1 and characters within 15 etu
        (with_tck("3FE0000081312045"), T1Options(ifsc=254)),  # inverse convention
        (with_tck("3BF01300009101312045"), T1Options(wtx=2)),  # specific mode, D = 4
    ],
)
def test_a_t1_card_answers_as_it_does_without_a_wire(bench: Bench, atr: str, options: T1Options) -> None:
    slot, wire = insert(bench, atr, options)
    assert session(bench) == answers(atr)
    assert slot.violations == []
    assert wire.quiet <= wire.count  # a pause is between blocks, never within


def test_what_the_tap_hears(bench: Bench) -> None:
    """Whole commands and responses, a repeated block counted once, no PIN."""
    slot, wire = insert(bench)
    wire.spoil = lambda number, block: b"" if number == 3 else block
    assert session(bench) == answers()
    assert [exchange.command for exchange in slot.exchanges] == [
        *APDUS[:3],
        APDUS[3][:5] + b"*" * 8,
    ]
    assert [exchange.response for exchange in slot.exchanges] == answers()[1:]


def garble(block: bytes) -> bytes:
    return block[:-1] + bytes([block[-1] ^ 0x01])


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "lost": lambda block: b"",
    "garbled": garble,
    "broken off": lambda block: block[: len(block) // 2],
    "LEN too large": lambda block: block[:2] + b"\xf0" + block[3:],
    "LEN too small": lambda block: block[:2] + b"\x01" + block[3:],
    "followed by rubbish": lambda block: garble(block) + bytes(30),
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("how", SPOILT)
@pytest.mark.parametrize("number", [0, 1, 4])
def test_any_block_of_the_card_may_be_spoilt(bench: Bench, how: str, number: int) -> None:
    slot, wire = insert(bench)
    wire.spoil = lambda n, block: SPOILT[how](block) if n == number else block
    assert session(bench) == answers()
    assert slot.violations == []


@pytest.mark.parametrize("character", [4, 9, 17, 40])
def test_any_character_of_the_terminal_may_be_garbled(bench: Bench, character: int) -> None:
    """The card finds it and says so; or its parity is wrong and the card gets nothing, and the block breaks off."""
    _, wire = insert(bench)
    received = wire.receive
    seen = 0

    def receive(data: bytes | int) -> list[tuple[int, bytes]]:
        nonlocal seen
        seen += 1
        byte = data if isinstance(data, int) else data[0]
        return received(byte ^ 0x10 if seen == character else byte)

    wire.receive = receive  # type: ignore[method-assign]  # in its place for this test
    assert session(bench) == answers()


def test_a_card_that_never_answers_in_blocks_is_switched_off(bench: Bench) -> None:
    slot, wire = insert(bench)
    wire.spoil = lambda number, block: b"" if number >= 1 else block
    began = bench.clock.now
    assert session(bench)[1:] == [("TIMEOUT", "T=1: no answer in 3 attempts")]
    assert not slot.powered
    waiting = (11 + 960 * 16 + 960) * 93
    assert bench.clock.now - began > 3 * waiting


def test_a_card_that_does_not_agree_on_the_size_is_not_active(bench: Bench) -> None:
    slot, wire = insert(bench)
    wire.spoil = lambda number, block: garble(block)
    assert session(bench) == [("PROTOCOL", "T=1: no valid block in 3 attempts")]
    assert not slot.powered


def test_a_card_that_asks_for_time_without_end(bench: Bench) -> None:
    slot, _ = insert(bench, options=T1Options(wtx=1, wtx_requests=100_000, delay=9_000))
    assert session(bench)[1:] == [("TIMEOUT", "no answer in 60000 ms of blocks")]
    assert not slot.powered


def test_a_card_pulled_in_the_middle_of_a_block(bench: Bench) -> None:
    slot, _ = insert(bench)
    slot.faults.out_after_characters = 60
    assert session(bench)[-1] == ("REMOVED", "")
    assert slot.violations == []


@pytest.mark.parametrize("pulled", [False, True])
def test_nothing_of_a_pin_stays_in_the_blocks(bench: Bench, pulled: bool) -> None:
    slot, _ = insert(bench)
    assert bench.call("slot_probe:run")[0] == bytes.fromhex(ATR)
    if pulled:
        slot.faults.out_after_characters = slot.characters + 8
    answer = bench.call("slot_probe:exchange", APDUS[3])
    assert answer == (("REMOVED", "") if pulled else b"\x69\x85")
    assert bench.call("slot_probe:block_left") == b""


def test_the_waiting_time_grows_for_one_block_only(bench: Bench) -> None:
    """A card that asked for three times the block waiting time may take it, once."""
    slot, wire = insert(bench, options=T1Options(wtx=3))
    slow = 2 * 960 * 16
    held: list[int] = []

    def receive(data: bytes | int, received: Any = wire.receive) -> list[tuple[int, bytes]]:
        pieces: list[tuple[int, bytes]] = received(data)
        # The answer after S(WTX response), not the request itself.
        if pieces and not pieces[0][1][1] & 0x80 and not held:
            held.append(1)
            return [(slow, pieces[0][1])]
        return pieces

    wire.receive = receive  # type: ignore[method-assign]  # in its place for this test
    assert session(bench) == answers()
    assert held
    assert slot.violations == []
