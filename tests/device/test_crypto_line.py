"""What protects the acquirer line, on the device and on the host: each against vectors, psec, and the other."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Literal

import psec.des
import psec.mac
import psec.pinblock
import pytest
from tillbench.host.acquirer import tdes
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import FormatError
from tillbench.protocols.iso8583.security import keysets, macs, pin_blocks, tracks

# psec uses TripleDES from its old place in `cryptography`, and with keys of 8 and 16 bytes.
pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES")

KEY = bytes.fromhex("0123456789ABCDEF")
PAIR = KEY + bytes.fromhex("FEDCBA9876543210")
NOW, NOW_IT = b"Now is the time for all ", b"Now is the time for it"
PAN = "6200000000000005"

# ISO/IEC 9797-1, annex with DES; the last row is FIPS 113's, which is X9.9.
VECTORS = [
    (1, NOW, 1, "70A30640CC76DD8B"),
    (1, NOW, 2, "10E1F0F108341B6D"),
    (1, NOW_IT, 1, "E45B3AD2B7CC0856"),
    (1, NOW_IT, 2, "A924C72136149211"),
    (3, NOW, 1, "A1C72E74EA3FA9B6"),
    (3, NOW, 2, "E9086230CA3BE796"),
    (3, NOW_IT, 1, "2E2B1428CC78254F"),
    (3, NOW_IT, 2, "5A692CE64F404145"),
    (1, b"7654321 Now is the time for ", 1, "F1D30F6849312CA4"),
]


@pytest.mark.parametrize(("algorithm", "data", "padding", "mac"), VECTORS)
def test_macs_of_the_standards(device: Bench, algorithm: int, data: bytes, padding: Literal[1, 2], mac: str) -> None:
    name, key, host = ("x9_9", KEY, macs.x9_9) if algorithm == 1 else ("x9_19", PAIR, macs.x9_19)
    assert device.call(f"crypto.mac:{name}", key, data, padding).hex().upper() == mac
    assert host(tdes, key, data, padding).hex().upper() == mac


def test_macs_agree_with_psec_in_both_paddings(device: Bench) -> None:
    random = Random(9797)
    for size in (0, 1, 7, 8, 9, 16, 23):
        data, key = random.randbytes(size), random.randbytes(16)
        for padding in (1, 2):
            expected = psec.mac.generate_retail_mac(
                key[:8], key[8:], data or (bytes(8) if padding == 1 else b""), padding
            )
            assert device.call("crypto.mac:x9_19", key, data, padding) == expected
            assert macs.x9_19(tdes, key, data, padding) == expected
        assert device.call("crypto.mac:cup_ecb", key, data) == macs.MACS["cup-ecb"](tdes, key, data)


def test_cup_ecb_published_vector_on_the_host() -> None:
    assert macs.cup_ecb(tdes, b"\x22" * 8, bytes.fromhex("1234567890ABCDEFABCDEF1234567890")) == b"E267B6E2"


def test_what_a_mac_cannot_take() -> None:
    with pytest.raises(ValueError, match="expected 16 bytes, found 8"):
        macs.x9_19(tdes, KEY, b"")
    with pytest.raises(ValueError, match="expected 1 or 2, found 3"):
        macs.padded(b"", 3)  # type: ignore[arg-type]  # what is refused


def fixed_entropy(byte: int) -> Callable[[int], bytes]:
    return lambda size: bytes([byte]) * size


def test_pin_blocks_of_formats_1_2_3(device: Bench) -> None:
    random = bytes(range(0, 256, 16))
    cases = [(1, b"1234", "", random), (2, b"123456", "", random), (3, b"1234", PAN, random)]
    first, second, third = device.call("crypto_probe:other_pin_blocks", cases)
    assert first.hex() == "141234" + random[3:8].hex()  # control 1, length 4, PIN, fill
    assert second.hex() == "26123456ffffffff"
    assert psec.pinblock.decode_pinblock_iso_2(second) == "123456"
    assert psec.pinblock.decode_pinblock_iso_3(third, PAN) == "1234"


def test_pin_blocks_agree_with_psec_and_the_host(device: Bench) -> None:
    random = Random(9564)
    formats: tuple[Literal[1, 2, 3], ...] = (1, 2, 3)
    for _ in range(20):
        pin = "".join(random.choices("0123456789", k=random.randint(4, 12)))
        pan = "".join(random.choices("0123456789", k=random.randint(13, 19)))
        cases = [(number, pin.encode(), pan, random.randbytes(16)) for number in formats]
        blocks = device.call("crypto_probe:other_pin_blocks", cases)
        assert [pin_blocks.decode(number, block, pan) for number, block in zip(formats, blocks, strict=True)] == [
            pin
        ] * 3
        assert blocks[1] == psec.pinblock.encode_pinblock_iso_2(pin) == pin_blocks.encode(2, pin)
        assert psec.pinblock.decode_pinblock_iso_3(blocks[2], pan) == pin
        assert psec.pinblock.encode_pinblock_iso_0(pin, pan) == pin_blocks.encode(0, pin, pan)
        assert psec.pinblock.decode_pinblock_iso_3(pin_blocks.encode(3, pin, pan, random.randbytes), pan) == pin
        assert pin_blocks.decode(1, pin_blocks.encode(1, pin, "", random.randbytes)) == pin
        assert pin_blocks.decode(0, pin_blocks.encode(0, pin, pan), pan) == pin


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(("pin", "reason"), [(b"123", "PIN_LENGTH"), (b"1" * 13, "PIN_LENGTH"), (b"12x4", "PIN_DIGIT")])
def test_no_pin_no_block(device: Bench, number: Literal[1, 2, 3], pin: bytes, reason: str) -> None:
    assert device.call("crypto_probe:other_pin_blocks", [(number, pin, PAN, bytes(16))]) == [reason]
    with pytest.raises(pin_blocks.PinBlockError) as error:
        pin_blocks.encode(number, pin.decode(), PAN, fixed_entropy(0))
    assert str(error.value) == reason


@pytest.mark.parametrize(
    ("number", "block", "reason"),
    [
        (2, "0412345678FFFFFF", "FORMAT"),
        (2, "2312 3FFF FFFF FFFF", "PIN_LENGTH"),
        (2, "2D12 3FFF FFFF FFFF", "PIN_LENGTH"),
        (2, "2412 3AFF FFFF FFFF", "PIN_DIGIT"),
        (2, "2412 34FF FFFF FFF0", "FILL"),
        (2, "2412 34", "SIZE"),
    ],
)
def test_what_is_no_pin_block(number: Literal[0, 1, 2, 3], block: str, reason: str) -> None:
    with pytest.raises(pin_blocks.PinBlockError) as error:
        pin_blocks.decode(number, bytes.fromhex(block))
    assert str(error.value) == reason


MASTER = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


@pytest.mark.parametrize(("size", "count", "length"), [(8, 2, 24), (16, 2, 40), (24, 2, 56), (16, 3, 60), (24, 3, 84)])
def test_key_sets_of_all_legal_lengths(device: Bench, size: int, count: int, length: int) -> None:
    random = Random(length)
    keys = [random.randbytes(size) for _ in range(count)]
    field = b"".join(
        tdes.encrypt(MASTER, key) + psec.des.generate_kcv(key * (2 if size == 8 else 1), 4) for key in keys
    )
    assert len(field) == length
    assert keysets.wrap(tdes, MASTER, *keys) == field
    assert list(keysets.unwrap(tdes, MASTER, field).values()) == keys
    assert device.call("crypto_probe:key_sets", [(MASTER, field)]) == [keys]
    for index, name in enumerate(("PIK", "MAK", "TDK")[:count]):
        at = (index + 1) * (size + 4) - 1
        wrong = field[:at] + bytes([field[at] ^ 1]) + field[at + 1 :]
        assert device.call("crypto_probe:key_sets", [(MASTER, wrong)]) == [name]
        with pytest.raises(FormatError) as error:
            keysets.unwrap(tdes, MASTER, wrong, 100)
        assert error.value.key == (62, name, 100 + at - 3, None, "the key's check value", "another")


def test_a_short_mac_key_in_a_long_slot(device: Bench) -> None:
    pin_key, mac_key = Random(1).randbytes(16), Random(2).randbytes(8)
    check = psec.des.generate_kcv(mac_key * 2, 4)
    head = tdes.encrypt(MASTER, pin_key) + psec.des.generate_kcv(pin_key, 4)
    enciphered = head + tdes.encrypt(MASTER, mac_key) + bytes(8) + check
    in_clear = head + tdes.encrypt(MASTER, mac_key + bytes(8)) + check
    doubled = head + tdes.encrypt(MASTER, mac_key * 2) + check
    found = device.call("crypto_probe:key_sets", [(MASTER, field) for field in (enciphered, in_clear, doubled)])
    assert found == [[pin_key, mac_key], [pin_key, mac_key], [pin_key, mac_key * 2]]
    for field, keys in zip((enciphered, in_clear, doubled), found, strict=True):
        assert list(keysets.unwrap(tdes, MASTER, field).values()) == keys
    assert keysets.wrap(tdes, MASTER, pin_key, mac_key) == enciphered


def test_key_sets_of_other_lengths(device: Bench) -> None:
    for size in (0, 23, 41, 64, 100):
        assert device.call("crypto_probe:key_sets", [(MASTER, bytes(size))]) == ["FIELD"]
        with pytest.raises(FormatError, match=f"expected one of 24, 40, 56, 60, 84 bytes, found {size} bytes"):
            keysets.split(bytes(size))
    for keys in ((), (bytes(16),), (bytes(8),) * 3, (bytes(8), bytes(16)), (bytes(16),) * 4):
        with pytest.raises(ValueError, match="make no field 62"):
            keysets.wrap(tdes, MASTER, *keys)


TRACK_37 = "6200000000000005" + "D" + "30122011234567890123"
TRACK_36 = TRACK_37[:-1]


@pytest.mark.parametrize(("track", "start"), [(TRACK_37, 20), (TRACK_36, 18), (TRACK_37[:17], 0), (TRACK_37[:18], 0)])
def test_tracks(device: Bench, track: str, start: int) -> None:
    packed = bytes.fromhex(track + "0" * (len(track) % 2))
    middle = tdes.encrypt(MASTER, packed[-9:-1]).hex().upper()  # the eight bytes before the last one
    expected = track[:start] + middle + track[start + 16 :]
    assert device.call("crypto_probe:tracks", [(MASTER, track)]) == [(expected, track)]
    assert tracks.encrypt(tdes, MASTER, track) == expected
    assert tracks.decrypt(tdes, MASTER, expected) == track


def test_what_is_no_track(device: Bench) -> None:
    found = device.call("crypto_probe:tracks", [(MASTER, "1" * 16), (MASTER, "1" * 17 + "=")])
    assert found == ["track: at least 17 digits", "track: digits 0-9, A-F"]
    with pytest.raises(ValueError, match="at least 17 digits, found 16"):
        tracks.encrypt(tdes, MASTER, "1" * 16)
    with pytest.raises(ValueError, match="digits 0-9, A-F"):
        tracks.encrypt(tdes, MASTER, "1" * 17 + "=")
