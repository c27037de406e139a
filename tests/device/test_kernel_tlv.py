"""BER-TLV and data object lists on the device."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench

from .kernel_rig import refused, tlv

DEVICE_IS_SHARED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
TAGS = st.sampled_from(["50", "82", "9F02", "5F2A", "6F", "BF0C", "DF8120"])
OBJECTS = st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=6)


def objects(device: Bench, data: str) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = device.call("kernel_probe:objects", bytes.fromhex(data))
    return found


@DEVICE_IS_SHARED
@given(wanted=OBJECTS, padding=st.integers(0, 3))
def test_what_was_written_is_read(device: Bench, wanted: list[tuple[str, bytes]], padding: int) -> None:
    data = ("00" * padding).join(["", *(tlv(tag, value.hex()) for tag, value in wanted), ""])
    assert objects(device, data) == [(int(tag, 16), value) for tag, value in wanted]


@DEVICE_IS_SHARED
@given(data=st.binary(max_size=40))
def test_random_bytes_are_objects_or_a_format_error(device: Bench, data: bytes) -> None:
    outcome = device.call("kernel_probe:objects_or_reason", data)
    assert outcome == "FORMAT" or sum(len(value) + 2 for _, value in outcome) <= len(data)


@DEVICE_IS_SHARED
@given(tag=st.sampled_from([0x82, 0x9F10, 0xDF8120]), size=st.sampled_from([0, 1, 127, 128, 255, 256, 700]))
def test_the_device_writes_the_shortest_length(device: Bench, tag: int, size: int) -> None:
    assert device.call("emv.tlv:encode", tag, bytes(size)).hex().upper() == tlv(f"{tag:X}", "00" * size)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("9F", "offset 0: data ends inside a tag"),
        ("5001419F81", "offset 3: data ends inside a tag"),
        ("DF81808001", "longer than 3 bytes"),
        ("50", "tag 50 at offset 1: no length"),
        ("5081", "data ends inside the length"),
        ("508201", "data ends inside the length"),
        ("5080", "length byte 80 not allowed"),
        ("5083000001AA", "length byte 83 not allowed"),
        ("50FF", "length byte FF not allowed"),
        ("500241", "tag 50 at offset 2: length 2, only 1 bytes left"),
        ("50824000", "length 16384, only 0 bytes left"),
    ],
)
def test_a_malformed_object_is_refused_with_its_place(device: Bench, data: str, detail: str) -> None:
    with refused("FORMAT", detail):
        objects(device, data)


def test_lengths_need_not_be_the_shortest(device: Bench) -> None:
    assert objects(device, "50810141 5082000142") == [(0x50, b"A"), (0x50, b"B")]


@pytest.mark.parametrize(
    ("dol", "expected"),
    [
        ("9F0206", "000000001234"),  # numeric, as long as asked for
        ("9F0203", "001234"),  # numeric: the left end goes
        ("9F0208", "0000000000001234"),  # numeric: zeros on the left
        ("5A08", "62000000000000FF"),  # compressed numeric: FF on the right
        ("5A03", "620000"),  # compressed numeric: the right end goes
        ("9F1E04", "41424344"),  # alphanumeric: the right end goes
        ("9F1E0A", "41424344454647480000"),  # alphanumeric: zeros on the right
        ("9F3301", "E0"),  # binary: the right end goes
        ("9F3305", "E068C80000"),  # binary: zeros on the right
        ("DF0103", "000000"),  # unknown
        ("A505", "0000000000"),  # constructed, even if something is known under that tag
        ("9F0200", ""),  # nothing asked for
        ("9F3303 9F0201 9F3501", "E068C8 34 00"),
        ("", ""),
    ],
)
def test_a_dol_is_filled_by_the_format_of_each_element(device: Bench, dol: str, expected: str) -> None:
    known = {
        0x9F02: bytes.fromhex("000000001234"),
        0x5A: bytes.fromhex("62000000000000"),
        0x9F1E: b"ABCDEFGH",
        0x9F33: bytes.fromhex("E068C8"),
        0xA5: bytes.fromhex("500141"),
    }
    filled: bytes = device.call("kernel_probe:fill", bytes.fromhex(dol), known)
    assert filled == bytes.fromhex(expected)


@pytest.mark.parametrize(("dol", "detail"), [("9F02", "DOL ends after tag 9F02"), ("9F02069F", "data ends inside")])
def test_a_dol_that_ends_inside_an_entry_is_refused(device: Bench, dol: str, detail: str) -> None:
    with refused("FORMAT", detail):
        device.call("kernel_probe:entries", bytes.fromhex(dol))
