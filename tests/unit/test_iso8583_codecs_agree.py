"""The generated CPython codec and the construct reference: the same bytes, the same errors, for every dialect."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, corpus
from tillbench.protocols.iso8583.dialect import Dialect, Field, Length, Wire
from tillbench.protocols.iso8583.errors import BITMAP, END, MTI
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.python import codec, compiled, source
from tillbench.protocols.iso8583.specimen import EBCDIC_BITMAP, HEX_BITMAP, SPECIMENS, THREE_BITMAPS

ISO_ASCII, ISO_BCD = DIALECTS["iso87-ascii"], DIALECTS["iso87-bcd"]
ALWAYS = ISO_BCD.changed(name="second always", second_bitmap="always")
ALL = [
    *DIALECTS.values(),
    *SPECIMENS,
    ALWAYS,
    UNIONPAY.counting(bytes=(48, 60, 61), digits=(55, 62), name="counting otherwise"),
    ISO_ASCII.changed(name="ASCII, raw bytes", wire=ISO_ASCII.wire.__class__(digits="ascii", counts="ascii")),
]
by_name = pytest.mark.parametrize("dialect", ALL, ids=lambda dialect: dialect.name)


@pytest.mark.one_in(2)
@by_name
def test_a_fuzz_corpus(dialect: Dialect) -> None:
    outcomes = corpus.compare(dialect, Random(dialect.name), 700)
    assert outcomes["disagreements"] == 0, outcomes
    assert outcomes["ok"] > 70
    assert outcomes["length"] > 20


@pytest.mark.one_in(2)
@by_name
def test_every_cut_and_every_flipped_bit(dialect: Dialect) -> None:
    body = dialect.encode(corpus.message(dialect, Random(3)))[:150]
    spoiled = [body[:size] for size in range(len(body))]
    spoiled += [
        body[:at] + bytes([body[at] ^ 1 << bit]) + body[at + 1 :] for at in range(len(body)) for bit in range(8)
    ]
    for data in spoiled:
        assert corpus.fast_decode(dialect, data) == corpus.reference_decode(dialect, data), data.hex()


@pytest.mark.one_in(2)
@by_name
def test_what_decodes_encodes_to_the_same(dialect: Dialect) -> None:
    random = Random(dialect.name)
    for _ in range(50):
        message = corpus.message(dialect, random)
        body = dialect.encode(message)
        assert dialect.construct.build(message) == body
        assert dialect.decode(body) == dialect.construct.parse(body) == message


@pytest.mark.parametrize("size", range(1, 9))
def test_a_count_in_bcd_of_more_bytes_than_it_needs(size: int) -> None:
    row = Field(2, "text", "an", Length(2, 0, 99, size))
    dialect = Dialect(f"counts of {size} bytes", (row,), Wire())
    for length in (0, 7, 99):
        message = Message("0200", {2: "A" * length})
        body = dialect.encode(message)
        assert body == dialect.construct.build(message)
        assert dialect.decode(body) == message


@by_name
def test_walking_finds_the_same_values_and_places_without_gaps(dialect: Dialect) -> None:
    random = Random(dialect.name)
    for _ in range(20):
        message = corpus.message(dialect, random)
        body = dialect.encode(message)
        mti, *steps = dialect.walk(body)
        assert mti.value == message.mti
        assert {step.number: step.value for step in steps} == message.fields
        for before, after in pairwise(steps):
            assert before.end == after.start < after.end
        assert not steps or steps[-1].end == len(body)


def test_checked_in_codecs_are_used_only_for_what_they_were_made_of() -> None:
    for dialect in DIALECTS.values():
        general = codec(dialect.name, dialect.envelope, dialect.rules)
        assert general.decode.__module__.startswith("tillbench.protocols.iso8583.generated.")
    other = UNIONPAY.counting(bytes=(48,))
    assert codec("unionpay", other.envelope, other.rules).decode.__module__ == "dialect unionpay"
    own = compiled("own", UNIONPAY.envelope, UNIONPAY.rules)
    assert own.decode(UNIONPAY.encode(Message("0800", {11: "000001"}))) == ("0800", {11: "000001"})
    assert "Made by `make generate`" in source("own", UNIONPAY.envelope, UNIONPAY.rules)


# Frames by hand, so that the codecs cannot be wrong together.
@pytest.mark.parametrize(
    ("dialect", "fields", "wire"),
    [
        (
            ISO_ASCII,
            {2: "4761739001010010", 52: b"\x01\x23\x45\x67\x89\xab\xcd\xef"},
            b"020040000000000010001647617390010100100123456789ABCDEF",
        ),
        (ISO_ASCII, {28: "D00000100", 70: "301"}, b"020080000010000000000400000000000000D00000100301"),
        (
            ISO_ASCII,
            {35: "4761739001010010=3012", 55: b"\x95\x00"},
            b"02000000000020000200214761739001010010=30120029500",
        ),
        (
            ISO_BCD,
            {2: "476", 19: "156", 28: "C00000100"},
            bytes.fromhex("0200 4000201000000000 03 4760 0156 43 00000100"),
        ),
        (ISO_BCD, {70: "301"}, bytes.fromhex("0200 8000000000000000 0400000000000000 0301")),
        (ALWAYS, {11: "000001"}, bytes.fromhex("0200 8020000000000000 0000000000000000 000001")),
        (
            DIALECTS["ebcdic"],
            {2: "476", 41: "TERM0001"},
            bytes.fromhex("F0F2F0F0 4000000000800000 F0F3 F4F7F6 E3C5D9D4F0F0F0F1"),
        ),
        (
            THREE_BITMAPS,
            {2: "476", 3: "476", 8: b"\x12"},
            bytes.fromhex("0200 6100000000000000 02 476F 02 F476 0002 12"),
        ),
        (
            THREE_BITMAPS,
            {9: "476", 10: b"\xab", 13: "D12345678"},
            bytes.fromhex("0200 00C8000000000000 0003 4760 00000001 AB 44 12345678"),
        ),
        (THREE_BITMAPS, {19: "476", 20: "476", 35: "1D2"}, bytes.fromhex("0200 0000300020000000 F476 476A 02 1D2F")),
        (THREE_BITMAPS, {192: "1D"}, bytes.fromhex("0200 8000000000000000 8000000000000000 0000000000000001 02 F1C4")),
        (HEX_BITMAP, {6: b"\xab"}, b"\x02\x0084000000000000000000000000000000\x00\x02AB"),
        (EBCDIC_BITMAP, {7: b"\xab"}, b"0200" + bytes.fromhex("F0F2" + "F0" * 14) + b"\x00\x01" + b"\xc1\xc2"),
    ],
)
def test_wire_form(dialect: Dialect, fields: dict[int, str | bytes], wire: bytes) -> None:
    assert dialect.encode(Message("0200", fields)) == wire
    assert dialect.decode(wire) == Message("0200", fields)


@pytest.mark.parametrize(
    ("dialect", "wire", "key"),
    [
        (ISO_BCD, "0200 80", (BITMAP, "", 2, None, "8 bytes", "1 bytes")),
        (ISO_BCD, "0200 8000000000000000", (BITMAP, "", 10, None, "8 bytes", "0 bytes")),
        (ISO_BCD, "0200 8000000000000000 0000000000000000", (1, "", 2, 0, "fields above", "none")),
        (ISO_BCD, "0200 8000000000000000 8400000000000000", (65, "", 10, 0, "bit off", "bit on")),
        (ALWAYS, "0200 0000000000000000", (1, "", 2, 0, "bit on", "bit off")),
        (
            THREE_BITMAPS,
            "0200 8000000000000000 8000000000000000 0000000000000000",
            (65, "", 10, 0, "fields above", "none"),
        ),
        (THREE_BITMAPS, "0200 4000000000000000 01F6", (2, "", 11, 0, "BCD digits", "F6")),
        (THREE_BITMAPS, "0200 4000000000000000 010A", (2, "", 11, 1, "BCD digits", "0A")),
        (THREE_BITMAPS, "0200 4000000000000000 10" + "11" * 10, (2, "", 10, None, "length 1..19", "20")),
        (THREE_BITMAPS, "0200 0040000000000000 FFFFFFFF", (10, "", 10, None, "length 0..5000", "4294967295")),
        (THREE_BITMAPS, "0200 0100000000000000 0003 12", (8, "", 10, None, "even length", "3")),
        (THREE_BITMAPS, "0200 0008000000000000 45 12345678", (13, "", 10, None, "C or D", "45")),
        (THREE_BITMAPS, "0200 0000200000000000 E476", (19, "", 10, 0, "pad F", "E4")),
        (ISO_ASCII, b"02x0".hex(), (MTI, "", 2, None, "digits", "78")),
        (ISO_ASCII, (b"0200" + b"40000000000000z0").hex(), (BITMAP, "", 18, None, "hex digits", "7A")),
        (ISO_ASCII, (b"0200" + b"4000000000000000" + b"1 4").hex(), (2, "", 21, None, "digits", "20")),
        (
            ISO_ASCII,
            (b"0200" + b"0000000000001000" + b"0123456789abcdef").hex(),
            (52, "", 30, None, "hex digits", "61"),
        ),
        (ISO_ASCII, (b"0200" + b"0000000000000000" + b"!").hex(), (END, "", 20, None, "end", "1 bytes")),
    ],
)
def test_errors_name_field_byte_and_nibble(dialect: Dialect, wire: str, key: tuple[object, ...]) -> None:
    decoders: list[Callable[[bytes], Any]] = [
        dialect.decode,
        dialect.construct.parse,
        lambda data: list(dialect.walk(data)),
    ]
    for decode in decoders:
        with pytest.raises(FormatError) as error:
            decode(bytes.fromhex(wire))
        assert error.value.key == key
