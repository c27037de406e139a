"""Faults of the contactless reader, of its connection, and of the cards in its field."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from tillbench.host.devices.pn532 import I2cPort, Picc
from tillbench.host.devices.pn532.ports import I2C_ADDRESS
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.pn532 import Command, Status, complement

from tests.device.contactless_rig import picc, reader
from tests.device.fault_catalogue import Fault

APDU = bytes.fromhex("00B2010C00")
ANSWER = APDU + b"\x90\x00"
LONG_APDU = bytes(range(256)) + bytes(20)
_HALF = bytes(range(1, 9))
HIDES_A_SHORTER_ONE = _HALF + bytes([complement(b"\xd5\x41\x00" + _HALF)]) + bytes(8)
"""The answer of a card of which the first half, with the byte behind it, would make a sound frame."""
_SHORTER = (3 + len(HIDES_A_SHORTER_ONE)) ^ (3 + len(_HALF))

_Play = Callable[[Bench], Any]


def _exchanged(
    *apdus: bytes,
    way: str = "i2c",
    interrupt: bool = True,
    piece: int = 262,
    card: Callable[[], Picc] = picc,
    then: str = "",
    **faults: Any,
) -> _Play:
    """A card is in the field, the chip has been started, and then the faults come; what becomes of the APDUs."""

    def play(bench: Bench) -> Any:
        chip = reader(bench, way, interrupt=interrupt, piece=piece)
        bench.call("contactless_probe:start")
        chip.field.enter(card())
        for name, value in faults.items():
            setattr(chip.faults, name, copy(value))
        if then:
            getattr(chip, then)()
        return bench.call("contactless_probe:exchange", *(apdus or (APDU,)))

    return play


def _at_exchange(*apdus: bytes, **how: Any) -> _Play:
    return _exchanged(*apdus, at=Command.IN_DATA_EXCHANGE, **how)


def _started(way: str = "i2c", **faults: Any) -> _Play:
    def play(bench: Bench) -> Any:
        chip = reader(bench, way)
        for name, value in faults.items():
            setattr(chip.faults, name, copy(value))
        return bench.call("contactless_probe:start")

    return play


def _tapped(card_at_s: int = 5, **faults: Any) -> _Play:
    """(whether the card was noticed that came at that time, whether the field is on afterwards)"""

    def play(bench: Bench) -> Any:
        chip = reader(bench)
        for name, value in faults.items():
            setattr(chip.faults, name, copy(value))
        card = picc()
        if card_at_s:
            bench.clock.after(card_at_s * 1_000_000, lambda: chip.field.enter(card))
        return bench.call("contactless_probe:tap", 9_000), chip.field.on

    return play


def _absent_for_a_while(bench: Bench) -> Any:
    """(whether the card is noticed, whether the chip was asked no more than 50 times while it was away)"""
    chip = reader(bench)
    port = bench.i2c(0).chips[I2C_ADDRESS]
    assert isinstance(port, I2cPort)
    chip.faults.absent = True
    bench.clock.after(3_000_000, lambda: setattr(chip.faults, "absent", False))
    card = picc()
    bench.clock.after(6_000_000, lambda: chip.field.enter(card))
    return bench.call("contactless_probe:tap", 9_000), port.refused < 50


def _stays_for_a_while(bench: Bench) -> Any:
    """Whether a card was noticed in the first, second and third three seconds; it is away from 4 to 5."""
    chip = reader(bench)
    card = picc()
    chip.field.enter(card)
    bench.clock.after(4_000_000, lambda: chip.field.leave(card))
    bench.clock.after(5_000_000, lambda: chip.field.enter(card))
    return bench.call("contactless_probe:taps", 3, 3000)


def _with(*cards: Callable[[], Picc]) -> _Play:
    """What comes of activation with these cards in the field."""

    def play(bench: Bench) -> Any:
        chip = reader(bench)
        for card in cards:
            chip.field.enter(card())
        return bench.call("contactless_probe:activate")

    return play


def _another(**how: Any) -> Callable[[], Picc]:
    return lambda: picc(uid=bytes.fromhex("08D1D2D3"), **how)


def _fault(
    name: str, answer: str, handling: str, without: Any, play: _Play, expected: Any, *, awaited: bool = False
) -> Fault:
    return Fault("contactless", name, answer, f"drivers.{handling}", without, play, expected, awaited)


def _refused(name: str, status: Status, outcome: str, answer: str) -> Fault:
    play = _exchanged(APDU, APDU, statuses=[Status.GOOD, status])
    return _fault(name, answer, "pn532:Pn532._check_status", None, play, [ANSWER, outcome])


_CONNECTION = [
    _fault(
        "asleep on a UART: hears nothing",
        "woken, then asked",
        "pn532_hsu:HsuPort.wake",
        None,
        _started("hsu"),
        None,
        awaited=True,
    ),
    _fault(
        "after power-on: no card is found",
        "put into its normal mode first",
        "pn532:Pn532._wake",
        None,
        _tapped(),
        (True, False),
        awaited=True,
    ),
    _fault(
        "another chip answers",
        "OTHER_CHIP",
        "pn532:Pn532._check_version",
        None,
        _started(ic=0x33),
        "OTHER_CHIP 33",
    ),
    _fault(
        "busy on I2C",
        "its status is asked for until it is ready",
        "pn532_i2c:I2cPort.is_ready",
        True,
        _at_exchange(busy_us=90_000, interrupt=False),
        [ANSWER],
    ),
    _fault(
        "busy on SPI",
        "its status is asked for until it is ready",
        "pn532_spi:SpiPort.is_ready",
        True,
        _at_exchange(busy_us=90_000, interrupt=False, way="spi"),
        [ANSWER],
    ),
    _fault(
        "interrupt line not connected",
        "noticed once, the chip is asked from then on",
        "pn532_ready:Ready._distrust",
        None,
        _tapped(no_interrupt=True),
        (True, False),
    ),
    _fault(
        "supply breaks down for a moment: it sleeps, its settings are gone",
        "woken and set up anew",
        "pn532:Pn532._may_be_dip",
        False,
        _exchanged(then="power_dip"),
        [ANSWER],
    ),
    _fault(
        "not there when the card is waited for, there later",
        "tried every five seconds; nobody else's wait ends, and the bus is free",
        "pn532:Pn532._rest",
        None,
        _absent_for_a_while,
        (True, True),
        awaited=True,
    ),
]

_FRAMES = [
    _fault(
        "command not heard",
        "sent again when no ACK comes",
        "pn532:Pn532._acknowledged",
        True,
        _tapped(deaf=1, at=Command.IN_AUTO_POLL),
        (True, False),
        awaited=True,
    ),
    _fault(
        "ACK lost, the answer comes",
        "the answer counts, the command is not sent twice",
        "pn532:Pn532._keep",
        None,
        _at_exchange(lost_acks=1),
        [ANSWER],
    ),
    _fault(
        "ACK garbled",
        "the answer counts, the command is not sent twice",
        "pn532:Pn532._is_answer_to",
        False,
        _at_exchange(garbled_acks=1),
        [ANSWER],
    ),
    _fault(
        "no answer behind the ACK",
        "NO_ANSWER; ended, so that the next command is heard",
        "pn532:Pn532._abort",
        None,
        _at_exchange(APDU, APDU, stuck=1),
        ["NO_ANSWER 00", ANSWER],
    ),
    _fault(
        "length changed in an answer that hides a shorter one",
        "asked for again",
        "pn532_frame:check_length",
        None,
        _at_exchange(card=lambda: picc(lambda apdu: HIDES_A_SHORTER_ONE), wrong_length=_SHORTER),
        [HIDES_A_SHORTER_ONE],
    ),
    _fault(
        "bit changed in the data of an answer",
        "asked for again",
        "pn532_frame:check_content",
        None,
        _at_exchange(wrong_data=1, way="spi"),
        [ANSWER],
    ),
    _fault(
        "answer cut off on SPI",
        "asked for again",
        "pn532:Pn532._ask_again",
        None,
        _at_exchange(cut=1, way="spi"),
        [ANSWER],
    ),
    _fault(
        "answer cut off on a UART",
        "asked for again when 20 ms have brought nothing",
        "pn532_hsu:HsuPort._pause_ms",
        60_000,
        _at_exchange(cut=1, way="hsu"),
        [ANSWER],
    ),
    _fault(
        "noise before an answer on a UART",
        "passed over",
        "pn532_hsu:HsuPort._is_start",
        True,
        _at_exchange(noise=b"\x3f\xff\x81", way="hsu"),
        [ANSWER],
    ),
    _fault(
        "answers damaged again and again",
        "DAMAGED after the third",
        "pn532:Pn532._check_damaged",
        None,
        _at_exchange(wrong_data=20),
        ["DAMAGED 00"],
    ),
    _fault(
        "command that it does not know",
        "SYNTAX",
        "pn532:Pn532._check_syntax",
        None,
        _at_exchange(syntax_errors=1),
        ["SYNTAX 00"],
    ),
    _fault(
        "answer to a command that was given up",
        "dropped",
        "pn532:Pn532._is_answer_to",
        True,
        _at_exchange(stale=1),
        [ANSWER],
    ),
]

_FIELD = [
    _fault(
        "two cards",
        "COLLISION: neither is used",
        "pn532:Pn532._check_alone",
        None,
        _with(picc, _another()),
        "card COLLISION",
    ),
    _fault(
        "two cards, one of each type",
        "COLLISION: neither is used",
        "pn532:Pn532._check_alone",
        None,
        _with(picc, _another(type_b=True)),
        "card COLLISION",
    ),
    _fault("no card", "REMOVED", "pn532:Pn532._check_alone", None, _with(), "card REMOVED"),
    _fault(
        "a card without ISO/IEC 14443-4: a ticket",
        "PROTOCOL",
        "pn532:Pn532._check_kind",
        None,
        _with(lambda: Picc(None)),
        "card PROTOCOL",
    ),
    _fault(
        "card leaves in mid-APDU",
        "REMOVED, and the APDU is not sent again",
        "pn532:Pn532._check_status",
        None,
        _exchanged(APDU, APDU, card=lambda: picc(leaves_in_apdu=2)),
        [ANSWER, "card REMOVED"],
    ),
    _refused("another card comes in during an exchange", Status.COLLISION, "card COLLISION", "COLLISION"),
    _refused("wrong CRC from the card", Status.CRC, "card PROTOCOL", "PROTOCOL"),
    _refused("wrong parity from the card", Status.PARITY, "card PROTOCOL", "PROTOCOL"),
    _refused("card breaks the block protocol", Status.RF_PROTOCOL, "card PROTOCOL", "PROTOCOL"),
    _refused("another card in the first one's place", Status.CARD_EXCHANGED, "card REMOVED", "REMOVED"),
    _refused("antenna too hot: switched off", Status.OVERHEATED, "TOO_HOT 0D", "TOO_HOT"),
    _refused("command refused", Status.INVALID_PARAMETER, "REFUSED 10", "REFUSED, with its error code"),
    _fault(
        "answer in pieces",
        "put together",
        "pn532:Pn532._has_more",
        False,
        _exchanged(LONG_APDU, piece=60),
        [LONG_APDU + b"\x90\x00"],
    ),
    _fault(
        "card stays after it was noticed",
        "is one tap",
        "pn532:Pn532._wait_empty",
        None,
        _stays_for_a_while,
        [True, False, True],
        awaited=True,
    ),
    _fault(
        "nobody waits any more",
        "the chip stops looking, its field is off",
        "pn532:Pn532._stop",
        None,
        _tapped(card_at_s=0),
        (False, False),
    ),
    _fault(
        "card was noticed",
        "the field is off until it is used",
        "pn532:Pn532.release",
        None,
        _tapped(),
        (True, False),
        awaited=True,
    ),
]

FAULTS = [*_CONNECTION, *_FRAMES, *_FIELD]
