"""Parts of fields: by position, tagged, BER-TLV, behind a bitmap; and what hostile values do."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.protocols.emv.tlv import OBJECTS
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, tlv
from tillbench.protocols.iso8583.dialect import Dialect, Field, lll
from tillbench.protocols.iso8583.dialects.unionpay import SIGN_ON_KEYS, variant
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.security.keysets import LENGTHS
from tillbench.protocols.iso8583.security.macs import MACS
from tillbench.protocols.iso8583.subfields import (
    BerTlv,
    Bitmapped,
    Element,
    Layout,
    Part,
    Positional,
    SubfieldError,
    Tagged,
    join,
    split,
)

in_any_time = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TYPE_BATCH = Positional((Part("type", 2, "n"), Part("batch", 6, "n"), Part("rest", 0, "an")), optional=2)
TLV = Tagged(2, 3, known={"01": Part("serial", 0, "an"), "02": Part("country", 3, "n")})
LTV = Tagged(2, 2, "LTV", whole=True)
BITS = Bitmapped(1, {1: Part("a", 2, "n"), 8: Part("b", 0, "ans")})
NESTED = Tagged(2, 2, known={"A2": Part("box", 0, "b", Tagged(1, 1))})


def pairs(layout: Layout, value: str | bytes) -> list[tuple[str, str | bytes]]:
    return [(element.key, element.value) for element in split(layout, value)]


@pytest.mark.parametrize(
    ("layout", "value", "parts"),
    [
        (TYPE_BATCH, "22", [("1", "22")]),
        (TYPE_BATCH, "22000001", [("1", "22"), ("2", "000001")]),
        (TYPE_BATCH, "22000001AB", [("1", "22"), ("2", "000001"), ("3", "AB")]),
        (TLV, "", []),
        (TLV, "01002A199001x02003156", [("01", "A1"), ("99", "x"), ("02", "156")]),  # an unknown tag stays in its place
        (TLV, b"01002A1", [("01", b"A1")]),
        (LTV, "05AB12302CD", [("AB", "123"), ("CD", "")]),
        (BITS, "8112xyz", [("1", "12"), ("8", "xyz")]),
        (BITS, b"\x8112xyz", [("1", b"12"), ("8", b"xyz")]),
        (BITS, "00", []),
        (BerTlv(), bytes.fromhex("9F26029505 950100"), [("9F26", b"\x95\x05"), ("95", b"\0")]),
        (BerTlv(), bytes.fromhex("DF812A8101FF"), [("DF812A", b"\xff")]),  # a length longer than it need be
        (BerTlv(), bytes.fromhex("8601AA8601BB"), [("86", b"\xaa"), ("86", b"\xbb")]),
    ],
)
def test_apart_and_together(layout: Layout, value: str | bytes, parts: list[tuple[str, str | bytes]]) -> None:
    assert pairs(layout, value) == parts
    if parts or not isinstance(value, bytes):
        assert join(layout, split(layout, value)) == value


def test_nested_parts() -> None:
    [box] = split(NESTED, "A204x2AB")
    assert [(part.key, part.value, part.at) for part in box.children] == [("x", "AB", 6)]
    [template] = split(BerTlv(), bytes.fromhex("E3079F2601AA950180"))
    assert [(part.key, part.value, part.at) for part in template.children] == [
        ("9F26", b"\xaa", 5),
        ("95", b"\x80", 8),
    ]


@pytest.mark.parametrize(
    ("layout", "value", "error"),
    [
        (TYPE_BATCH, "2", ("1", 0, "2 more", "1")),
        (TYPE_BATCH, "2x000001", ("1", 1, "digits", "78")),
        (TYPE_BATCH, "2200000", ("2", 2, "6 more", "5")),
        (Positional((Part("a", 1, "n"),)), "12", ("", 1, "end", "1 more")),
        (TLV, "01", ("", 0, "5 more", "2")),
        (TLV, "010A2xx", ("01", 2, "3 digits of length", "'0A2'")),
        (TLV, "01005AB", ("01", 5, "5 more", "2")),
        (TLV, "01001A01001B", ("01", 6, "each tag once", "the tag again")),
        (TLV, "02002AB", ("02", 2, "length 3", "2")),
        (TLV, "02003ABC", ("02", 5, "digits", "41")),
        (LTV, "01AB", ("AB", 0, "length 2..", "01")),
        (BITS, "8", ("", 0, "2 more", "1")),
        (BITS, "8G", ("", 1, "hex digits", "47")),
        (BITS, "4012", ("2", 0, "bit off", "bit on")),
        (BITS, b"\x40", ("2", 0, "bit off", "bit on")),
        (BITS, "80123", ("", 4, "end", "1 more")),
        (NESTED, "A205x5ABC", ("A2.x", 6, "5 more", "3")),
        (BerTlv(), b"\x9f", ("", 0, "another tag byte", "the end")),
        (BerTlv(), b"\x9f\x81\x81\x01", ("", 0, "a tag of at most 3 bytes", "a longer one")),
        (BerTlv(), b"\x00", ("", 0, "a tag", "00")),
        (BerTlv(), b"\x95", ("95", 1, "a length", "the end")),
        (BerTlv(), b"\x95\x80\x00", ("95", 1, "a length byte 00..7F, 81 or 82", "80")),  # indefinite
        (BerTlv(), b"\x95\x84\xff\xff\xff\xff", ("95", 1, "a length byte 00..7F, 81 or 82", "84")),
        (BerTlv(), b"\x95\x82\xff", ("95", 2, "2 more length bytes", "1")),
        (BerTlv(), b"\x95\x82\xff\xff\x00", ("95", 4, "65535 bytes", "1 bytes")),
        (BerTlv(), b"\x95\x01\x00\x95\x01\x00", ("95", 3, "each tag once", "the tag again")),
        (BerTlv(), b"\xe3\x03\x95\x05\x00", ("E3.95", 4, "5 bytes", "1 bytes")),
        (BerTlv(), "95", ("", 0, "bytes", "str")),
    ],
)
def test_errors_name_part_and_place(layout: Layout, value: str | bytes, error: tuple[str, int, str, str]) -> None:
    with pytest.raises(SubfieldError) as raised:
        split(layout, value)
    assert raised.value.args == error


def test_deep_nesting_ends_in_an_error_not_in_the_stack() -> None:
    data = b""
    for _ in range(200):
        data = b"\xe3" + (bytes([len(data)]) if len(data) < 128 else b"\x82" + len(data).to_bytes(2, "big")) + data
    with pytest.raises(SubfieldError) as error:
        split(BerTlv(), data)
    assert error.value.args[2:] == ("at most 8 levels", "another")
    assert error.value.part == ".".join(["E3"] * 8)


def test_what_cannot_be_joined() -> None:
    for layout, elements in (
        (TLV, [Element("1", "A")]),
        (TLV, [Element("01", "A" * 1000)]),
        (TYPE_BATCH, [Element("1", "2")]),
        (BITS, [Element("2", "12")]),
    ):
        with pytest.raises(SubfieldError):
            join(layout, elements)


@in_any_time
@given(st.binary(max_size=60))
def test_noise_is_tlv_or_an_error(data: bytes) -> None:
    try:
        elements = split(BerTlv(), data)
    except SubfieldError:
        return
    assert b"".join(element.lead + element.value for element in elements if isinstance(element.value, bytes)) == data


def test_ber_tlv_agrees_with_the_construct_definition() -> None:
    random = Random(8825)
    for _ in range(50):
        tags = random.sample([b"\x95", b"\x9f\x26", b"\x82", b"\x5a", b"\x9f\x10", b"\xdf\x31", b"\x8a"], 4)
        data = b"".join(tag + bytes([size := random.randrange(9)]) + random.randbytes(size) for tag in tags)
        theirs = OBJECTS.parse(data)
        assert [element.value for element in split(BerTlv(), data)] == [item.value for item in theirs]


def test_a_field_names_byte_nibble_and_tag() -> None:
    body = UNIONPAY.encode(Message("0200", {11: "000001", 55: bytes.fromhex("9F2601AA9505")}))
    with pytest.raises(FormatError) as error:
        UNIONPAY.open(body)
    assert error.value.key == (55, "95", 21, None, "5 bytes", "0 bytes")
    assert str(error.value) == "field 55 (IC card data), part 95, at byte 21: expected 5 bytes, found 0 bytes"
    body = UNIONPAY.encode(Message("0200", {60: "2200000"}))
    with pytest.raises(FormatError) as error:
        UNIONPAY.open(body)
    assert error.value.key == (60, "2", 13, 0, "6 more", "5")
    [(mti, _), (_, parts)] = UNIONPAY.open(UNIONPAY.encode(Message("0200", {60: "22000001003"})))
    assert mti.value == "0200"
    assert [part.name for part in parts] == ["type", "batch", "network code"]


def test_hexadecimal_fields_count_two_characters_a_byte() -> None:
    dialect = Dialect("t", (Field(55, "data", "b", lll(99), code="hex", parts=BerTlv()),))
    body = dialect.encode(Message("0200", {55: b"\x95\x05\x00"}))
    with pytest.raises(FormatError) as error:
        dialect.open(body)
    assert error.value.offset == 12 + 4


def test_variants_of_acquirers() -> None:
    other = variant("other", in_bytes=(48, 61), in_digits=(62,), tracks="ascii", mac="x9.19")
    message = Message("0200", {35: "476=30", 61: "1234", 62: b"\x12"})
    assert other.encode(message)[10:] == b"\x06476=30" + bytes.fromhex("0002 1234 0002 12")
    assert other.decode(other.encode(message)) == message
    assert other.mac == "x9.19"
    assert {dialect.mac for dialect in DIALECTS.values()} <= set(MACS)
    assert set(SIGN_ON_KEYS.values()) <= set(LENGTHS.values()) | {(8, 2)}


@in_any_time
@given(st.binary(max_size=40))
def test_the_quick_walk_agrees_with_the_thorough_one(data: bytes) -> None:
    try:
        expected: object = [(bytes.fromhex(element.key), element.value) for element in split(BerTlv(), data)]
    except SubfieldError as error:
        expected = error.args if "." not in error.part else None  # inside a template: not looked into
    try:
        found: object = tlv.walk(data)
    except SubfieldError as error:
        found = error.args
    assert expected is None or found == expected


def test_the_quick_walk_takes_what_issuers_send() -> None:
    assert tlv.walk(bytes.fromhex("910A" + "00" * 10 + "8601AA8601BB9F26820001CC")) == [
        (b"\x91", bytes(10)),
        (b"\x86", b"\xaa"),
        (b"\x86", b"\xbb"),
        (b"\x9f\x26", b"\xcc"),
    ]
    for data, words in (
        ("9501009501FF", "each tag once"),
        ("9580", "a length byte"),
        ("950500", "5 bytes"),
        ("00", "a tag"),
    ):
        with pytest.raises(SubfieldError) as error:
            tlv.walk(bytes.fromhex(data))
        assert error.value.expected.startswith(words)
