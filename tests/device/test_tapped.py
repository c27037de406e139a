"""What a tapped board tells its bench, and what it never does. A whole sale: `tests/hil/test_tapped.py`."""

from __future__ import annotations

from tillbench.host.emulator.bench import Bench
from tillbench.protocols.link import Channel, Event

SELECT = bytes.fromhex("00A4040007A000000003101000")
VERIFY = bytes.fromhex("0020008008241234FFFFFFFFFF")
CHANGE = bytes.fromhex("80240000081234567890123456")


def told(command: bytes) -> tuple[int, bytes]:
    return Channel.EVENT, bytes([Event.APDU]) + len(command).to_bytes(2, "little") + command + b"\x90\x00"


def test_a_pin_for_the_card_stays_on_the_board(device: Bench) -> None:
    heard, messages = device.call("tapped_probe:exchange", SELECT, VERIFY, CHANGE)
    assert heard == [SELECT, VERIFY, CHANGE], "the card gets it whole"
    hidden = [told(SELECT), told(VERIFY[:5] + b"*" * 8), told(CHANGE[:5] + b"*" * 8)]
    assert [tuple(message) for message in messages] == hidden


def test_keys_of_a_pin_stay_on_the_board(device: Bench) -> None:
    pressed, messages = device.call("tapped_probe:keys")
    assert bytes(pressed) == b"123"
    key, entry = bytes([Event.KEY]), bytes([Event.PIN_ENTRY, 1])
    assert [payload for _, payload in messages] == [key + b"1", entry, key + b"*"]


def test_the_terminal_does_not_wait_for_its_bench(device: Bench) -> None:
    """Two pictures have room; the next waits a while for a bench that takes nothing, and what comes then not at all.
    Before anything else the bench hears that what follows is secret."""
    channels, told, (waited, again) = device.call("tapped_probe:nobody_takes_it")
    assert channels == [Channel.I2C, Channel.I2C, Channel.EVENT, Channel.LOG, Channel.I2C]
    assert told == [bytes([Event.PIN_ENTRY, 2]), b"11 messages were lost: the bench did not take them"]
    assert (waited > 0, again) == (True, 0)
