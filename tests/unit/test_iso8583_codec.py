"""The reference codec of the UnionPay dialect: exact both ways, and errors that name field and byte."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, corpus
from tillbench.protocols.iso8583.errors import BITMAP, END, MTI

in_any_time = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# A sale as a public Java implementation's tests build it (the MAC is left out there; eight letters stand for it).
PUBLIC_SALE = (
    bytes.fromhex(
        "0200 302004C020C09811 000000 000000000001 013867 0210 00 06 379001100000000027D000000000000000000000"
        "3131313135303037 313233343536373839313131313135 313536 3D87C8B8FA17C67C 2600000000000000 0011220014370000"
    )
    + b"ABCDEF01"
)
SALE: dict[int, str | bytes] = {
    3: "000000",
    4: "000000000001",
    11: "013867",
    22: "021",
    25: "00",
    26: "06",
    35: "9001100000000027D00000000000000000000",
    41: "11115007",
    42: "123456789111115",
    49: "156",
    52: bytes.fromhex("3D87C8B8FA17C67C"),
    53: "2600000000000000",
    60: "22001437000",
    64: b"ABCDEF01",
}


def body(*fields: tuple[int, str], mti: str = "0200") -> bytes:
    """A message body from the hex of its fields."""
    bits = sum(1 << (64 - number) for number, _ in fields)
    return bytes.fromhex(mti) + bits.to_bytes(8, "big") + bytes.fromhex("".join(value for _, value in fields))


def error_of(data: bytes) -> tuple[int, int, str, str]:
    with pytest.raises(FormatError) as error:
        UNIONPAY.decode(data)
    return error.value.field, error.value.offset, error.value.expected, error.value.found


def test_a_message_from_elsewhere() -> None:
    assert UNIONPAY.decode(PUBLIC_SALE) == Message("0200", SALE)
    assert UNIONPAY.encode(Message("0200", SALE)) == PUBLIC_SALE


@pytest.mark.parametrize(
    ("number", "value", "wire"),
    [
        (2, "6200000000000005", "166200000000000005"),
        (2, "6200000000000000003", "1962000000000000000030"),  # odd: a zero on the right
        (4, "000000001234", "000000001234"),
        (22, "071", "0710"),  # the one fixed field with its zero on the right
        (23, "001", "0001"),
        (32, "12345", "05123450"),
        (35, "6200000000000005D3012", "216200000000000005D30120"),
        (36, "99620000000000005D", "001899620000000000005D"),
        (39, "A0", "4130"),
        (48, "123", "00031230"),
        (54, "1002156C000000012345", "0020" + b"1002156C000000012345".hex()),
        (55, bytes(139), "0139" + "00" * 139),
        (60, "22000001003", "001122000001003" + "0"),
        (63, "CUP", "0003435550"),
        (63, "\xd6\xd0", "0002d6d0"),  # one Chinese character in GBK
        (64, b"E267B6E2", b"E267B6E2".hex()),
    ],
)
def test_wire_form(number: int, value: str | bytes, wire: str) -> None:
    message = Message("0200", {number: value})
    assert UNIONPAY.encode(message) == body((number, wire))
    assert UNIONPAY.decode(body((number, wire))) == message


@in_any_time
@given(st.integers(0, 2**32))
def test_what_is_encoded_decodes_to_the_same(seed: int) -> None:
    message = corpus.message(UNIONPAY, Random(seed))
    assert UNIONPAY.decode(UNIONPAY.encode(message)) == message


@in_any_time
@given(st.integers(0, 2**32))
def test_what_decodes_encodes_to_the_same_or_is_refused(seed: int) -> None:
    random = Random(seed)
    data = corpus.mutated(UNIONPAY.encode(corpus.message(UNIONPAY, random)), random)
    try:
        message = UNIONPAY.decode(data)
    except FormatError:
        return
    assert UNIONPAY.encode(message) == data


@in_any_time
@given(st.binary(max_size=60))
def test_noise_is_a_message_or_a_format_error(data: bytes) -> None:
    try:
        message = UNIONPAY.decode(data)
    except FormatError:
        return
    assert UNIONPAY.encode(message) == data


def test_every_cut_of_a_message_is_noticed_in_the_right_field() -> None:
    bounds = [2, 10]  # where each part ends
    fields: dict[int, str | bytes] = {}
    for number, value in sorted(SALE.items()):
        fields[number] = value
        bounds.append(len(UNIONPAY.encode(Message("0200", fields))))
    assert bounds[-1] == len(PUBLIC_SALE)
    parts = [MTI, BITMAP, *sorted(SALE)]
    for size in range(len(PUBLIC_SALE)):
        field, offset, expected, _ = error_of(PUBLIC_SALE[:size])
        assert field == next(part for part, end in zip(parts, bounds, strict=True) if size < end)
        assert offset <= size
        assert expected.endswith(" bytes")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", (MTI, 0, "2 bytes", "0 bytes")),
        (b"\x02\x0a" + bytes(8), (MTI, 1, "BCD digits", "0A")),
        (b"\x02\x00" + bytes(7), (BITMAP, 2, "8 bytes", "7 bytes")),
        (b"\x02\x00\x80" + bytes(7), (1, 2, "bit off", "bit on")),  # a second bitmap
        (b"\x02\x00\x08" + bytes(7), (5, 2, "bit off", "bit on")),
        (b"\x02\x00" + bytes(5) + b"\x20\x00\x00", (43, 7, "bit off", "bit on")),
        (body((2, "2062")), (2, 10, "length 1..19", "20")),
        (body((2, "00")), (2, 10, "length 1..19", "0")),
        (body((2, "1A62")), (2, 10, "BCD digits", "1A")),
        (body((2, "0462")), (2, 11, "2 bytes", "1 bytes")),
        (body((2, "04620A")), (2, 12, "BCD digits", "0A")),
        (body((2, "036205")), (2, 12, "pad 0", "05")),
        (body((3, "00000F")), (3, 12, "BCD digits", "0F")),
        (body((22, "0215")), (22, 11, "pad 0", "15")),
        (body((23, "1001")), (23, 10, "pad 0", "10")),
        (body((35, "036205")), (35, 12, "pad 0", "05")),
        (body((39, "3000")), (39, 11, "letters, digits", "00")),
        (body((41, "313233343536370A")), (41, 17, "printable", "0A")),
        (body((48, "032300")), (48, 10, "length 1..322", "323")),
        (body((55, "1003AABBCC")), (55, 10, "length 1..255", "1003")),
        (body((55, "0003AABB")), (55, 12, "3 bytes", "2 bytes")),
        (body((39, "3030")) + b"!!", (END, 12, "end", "2 bytes")),
        (body() + b"\x00", (END, 10, "end", "1 bytes")),
    ],
)
def test_errors_in_decoding_name_field_byte_expected_found(data: bytes, error: tuple[int, int, str, str]) -> None:
    assert error_of(data) == error


@pytest.mark.parametrize(
    ("mti", "fields", "error"),
    [
        ("020", {}, (MTI, 0, "length 4", "3")),
        ("02O0", {}, (MTI, 0, "digits", "U+004F at 2")),
        ("0200", {1: "1"}, (1, 2, "bit off", "bit on")),
        ("0200", {5: "1"}, (5, 2, "bit off", "bit on")),
        ("0200", {65: "1"}, (65, 2, "bit off", "bit on")),
        ("0200", {3: "000000", 4: "100"}, (4, 13, "length 12", "3")),
        ("0200", {3: b"\x00\x00\x00"}, (3, 10, "str", "bytes")),
        ("0200", {52: "0011223344556677"}, (52, 10, "bytes", "str")),
        ("0200", {2: ""}, (2, 10, "length 1..19", "0")),
        ("0200", {2: "62٣"}, (2, 10, "digits", "U+0663 at 2")),  # a digit to str.isdigit, not to ISO 8583
        ("0200", {35: "6200000000000005=3012"}, (35, 10, "hex digits", "U+003D at 16")),
        ("0200", {35: "6200000000000005d3012"}, (35, 10, "hex digits", "U+0064 at 16")),
        ("0200", {39: "é1"}, (39, 10, "letters, digits", "U+00E9 at 0")),
        ("0200", {63: "中"}, (63, 10, "printable", "U+4E2D at 0")),
        ("0200", {60: "1" * 18}, (60, 10, "length 1..17", "18")),
    ],
)
def test_errors_in_encoding(mti: str, fields: dict[int, str | bytes], error: tuple[int, int, str, str]) -> None:
    with pytest.raises(FormatError) as raised:
        UNIONPAY.encode(Message(mti, fields))
    assert raised.value.args == error


def test_an_error_reads_as_a_sentence() -> None:
    with pytest.raises(FormatError) as raised:
        UNIONPAY.decode(body((55, "0003AABB")))
    assert str(raised.value) == "field 55 (IC card data) at byte 12: expected 3 bytes, found 2 bytes"
    with pytest.raises(FormatError) as raised:
        UNIONPAY.decode(b"\x02")
    assert str(raised.value) == "message type at byte 0: expected 2 bytes, found 1 bytes"
    with pytest.raises(FormatError) as raised:
        UNIONPAY.decode(body((3, "00000F")))
    assert str(raised.value) == "field 3 (processing code) at byte 12, low nibble: expected BCD digits, found 0F"
    assert raised.value.around(body((3, "00000F"))) == [
        "0004  00 00 00 00 00 00 00 00 0F",
        "                               ^",
    ]


def test_a_bytearray_is_binary_data() -> None:
    fields: dict[int, Any] = {52: bytearray(b"12345678")}
    assert UNIONPAY.encode(Message("0200", fields)) == body((52, b"12345678".hex()))


def test_message_access() -> None:
    message = Message("0210", {39: "00", 64: b"E267B6E2"})
    assert message[39] == "00"
    assert 39 in message
    assert 38 not in message
    assert message.text(39) == "00"
    assert message.text(38, "none") == "none"
    assert message.data(64) == b"E267B6E2"
    assert message.data(55) == b""
    with pytest.raises(TypeError, match="field 64 is binary"):
        message.text(64)
    with pytest.raises(TypeError, match="field 39 is text"):
        message.data(39)
