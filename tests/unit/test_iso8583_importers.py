"""Definitions of other tools: their facts, in shapes of our own making, decode messages as those tools write them."""

from __future__ import annotations

from random import Random
from typing import Any

import iso8583
import iso8583.specs
import pytest
from tillbench.protocols.iso8583 import Message, corpus
from tillbench.protocols.iso8583.dialect import DialectError
from tillbench.protocols.iso8583.importers import from_jpos, from_moov, from_pyiso8583

# pyiso8583: the package is here, so its own specifications are the vectors.


def seven_bits(value: str | bytes) -> str | bytes:
    """Its ASCII has no more."""
    return "".join(c if c < "\x7f" else "?" for c in value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", ["default", "default_ascii"])
def test_pyiso8583_reads_what_its_imported_specification_writes(name: str) -> None:
    spec = getattr(iso8583.specs, name)
    dialect = from_pyiso8583(spec, name)
    assert dialect.bitmaps == 2
    assert dialect.wire.bitmap == ("raw" if name == "default" else "hex")
    random = Random(name)
    for _ in range(200):
        message = corpus.message(dialect, random)
        message.fields = {n: seven_bits(value) for n, value in message.fields.items()}
        message.fields = {
            n: value
            for n, value in message.fields.items()
            if dialect.rules[n].low <= len(value) <= dialect.rules[n].high
        }
        body = dialect.encode(message)
        theirs, _ = iso8583.decode(body, spec)
        assert {int(key): value for key, value in theirs.items() if key.isdigit() and int(key) > 1} == {
            n: value if isinstance(value, str) else value.hex().upper() for n, value in message.fields.items()
        }
        assert bytes(iso8583.encode(theirs, spec)[0]) == body
        assert dialect.decode(body) == message


def test_nibbles_and_pads_of_pyiso8583() -> None:
    digits = {"data_enc": "b", "len_count": "nibbles"}
    spec: dict[str, dict[str, Any]] = {
        "h": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 0},
        "t": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 2},
        "p": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 8},
        "1": {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 0},
        "2": {
            "data_enc": "b",
            "len_enc": "bcd",
            "len_type": 1,
            "max_len": 19,
            "len_count": "nibbles",
            "right_pad": "F",
        },
        "3": {**digits, "len_enc": "b", "len_type": 0, "max_len": 3, "left_pad": "0"},
        "43": {"data_enc": "cp500", "len_enc": "cp500", "len_type": 2, "max_len": 40},
        **{str(n): {"data_enc": "b", "len_enc": "b", "len_type": 0, "max_len": 0} for n in range(4, 129) if n != 43},
    }
    dialect = from_pyiso8583(spec)
    message = Message("0200", {2: "476", 3: "123", 43: "SHOP"})
    body = dialect.encode(message)
    assert body == bytes.fromhex("0200 6000000000200000 03 476F 0123 F0F4 E2C8D6D7")
    theirs, _ = iso8583.decode(body, spec)
    assert (theirs["2"], theirs["3"], theirs["43"]) == ("476", "123", "SHOP")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"data_enc": "utf-16"}, "field 2, data_enc: expected b, ascii, latin-1, cp037, cp500, found 'utf-16'"),
        ({"len_enc": "hex"}, "field 2, len_enc: expected b, bcd, ascii, latin-1, cp037, cp500, found 'hex'"),
        ({"len_type": "LL"}, "field 2: expected len_type and max_len as numbers, found 'LL', 19"),
        ({"len_count": "nibbles"}, "field 2: expected characters counted in bytes, found nibbles"),
    ],
)
def test_what_pyiso8583_says_and_we_cannot(row: dict[str, Any], words: str) -> None:
    good = {"data_enc": "ascii", "len_enc": "ascii", "len_type": 2, "max_len": 19}
    with pytest.raises(DialectError) as error:
        from_pyiso8583({"t": good, "p": good, "2": {**good, **row}})
    assert str(error.value) == words
    with pytest.raises(DialectError, match="expected keys t and p, found 2"):
        from_pyiso8583({"2": good})


# moov-io/iso8583: the rows that its 1987 definition gives for these fields, and the message of its README.
ROWS: list[tuple[str, str, int, str, str]] = [
    ("0", "String", 4, "ASCII", "ASCII.Fixed"),
    ("1", "Bitmap", 16, "Hex", "Hex.Fixed"),
    ("2", "String", 19, "ASCII", "ASCII.LL"),
    ("3", "Numeric", 6, "ASCII", "ASCII.Fixed"),
    ("4", "String", 12, "ASCII", "ASCII.Fixed"),
    ("35", "String", 37, "ASCII", "ASCII.LL"),
    ("36", "String", 104, "ASCII", "ASCII.LLL"),
    ("52", "String", 8, "Hex", "Hex.Fixed"),
    ("55", "String", 999, "ASCII", "ASCII.LLL"),
    ("90", "String", 42, "ASCII", "ASCII.Fixed"),
]


def moov(rows: list[tuple[str, str, int, str, str]], **more: Any) -> dict[str, Any]:
    keys = ("type", "length", "enc", "prefix")
    return {"name": "moov 87", "fields": {**{row[0]: dict(zip(keys, row[1:], strict=True)) for row in rows}, **more}}


def test_the_message_of_moovs_readme() -> None:
    dialect = from_moov(moov(ROWS))
    assert (dialect.name, dialect.bitmaps) == ("moov 87", 2)
    wire = b"0100" + b"7000000000000000" + b"16" + b"4242424242424242" + b"123456" + b"000000000100"
    message = Message("0100", {2: "4242424242424242", 3: "123456", 4: "000000000100"})
    assert dialect.decode(wire) == message
    assert dialect.encode(message) == wire
    pin = Message("0100", {35: "4242424242424242=3012", 52: bytes(range(8)), 90: "0" * 42})
    assert dialect.encode(pin)[-58:] == b"0001020304050607" + b"0" * 42
    assert dialect.decode(dialect.encode(pin)) == pin


def test_other_codes_of_moov() -> None:
    rows = [
        ("0", "String", 4, "BCD", "BCD.Fixed"),
        ("1", "Bitmap", 8, "Binary", "Binary.Fixed"),
        ("2", "String", 19, "BCD", "BCD.LL"),
        ("3", "Numeric", 3, "LBCD", "BCD.Fixed"),
        ("43", "String", 40, "EBCDIC", "EBCDIC.LL"),
        ("55", "Binary", 255, "Binary", "Binary.L"),
    ]
    positions = {
        str(n): {"type": "Numeric", "length": 2, "enc": "ASCII", "prefix": "ASCII.Fixed", "description": f"part {n}"}
        for n in (1, 2)
    }
    composite = {
        "type": "Composite",
        "length": 4,
        "prefix": "ASCII.Fixed",
        "tag": {"sort": "StringsByInt"},
        "subfields": positions,
    }
    dialect = from_moov(moov(rows, **{"60": composite}))
    message = Message("0200", {2: "476", 3: "123", 43: "SHOP", 55: b"\x95\x00", 60: "1234"})
    wire = bytes.fromhex("0200 6000000000200210 03 0476 1230 F0F4 E2C8D6D7 02 9500") + b"1234"
    assert dialect.encode(message) == wire
    assert dialect.decode(wire) == message
    assert [(part.name, part.value) for part in dialect.parts(60, "1234")] == [("part 1", "12"), ("part 2", "34")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("2", "String", 19, "ASCII", "ASCII.VLONG"), "field 2, prefix: expected ASCII.LL"),
        (("2", "String", 19, "UTF", "ASCII.LL"), "field 2, enc: expected ASCII, EBCDIC, BCD, LBCD, found 'UTF'"),
        (("2", "Money", 19, "ASCII", "ASCII.LL"), "field 2, type: expected String"),
    ],
)
def test_what_moov_says_and_we_cannot(row: tuple[str, str, int, str, str], words: str) -> None:
    with pytest.raises(DialectError) as error:
        from_moov(moov([*ROWS[:2], row]))
    assert str(error.value).startswith(words)
    with pytest.raises(DialectError, match="specification: expected fields"):
        from_moov({"name": "x"})
    with pytest.raises(DialectError, match=r"field 2, prefix: expected ASCII\.LL"):
        from_moov(moov([*ROWS[:2], ("2", "String", 19, "ASCII", "Hex.LL")]))
    mixed = {"1": subfield("ASCII.LL", "ASCII"), "2": subfield("ASCII.LLL", "ASCII")}
    with pytest.raises(DialectError, match="field 48, subfields: expected one prefix"):
        from_moov(moov(ROWS, **{"48": composite(mixed, tag={"length": 2, "enc": "ASCII"})}))
    with pytest.raises(DialectError, match=r"field 48, subfield 1: expected parts of fixed length, found 'ASCII\.LL'"):
        from_moov(moov(ROWS, **{"48": composite({"1": subfield("ASCII.LL", "ASCII")})}))
    with pytest.raises(DialectError, match="field 48, subfields: expected numbers, found 'x'"):
        from_moov(moov(ROWS, **{"48": composite({"x": subfield("ASCII.Fixed", "ASCII")})}))


def subfield(prefix: str, enc: str, length: int = 2, kind: str = "String") -> dict[str, Any]:
    return {"type": kind, "length": length, "enc": enc, "prefix": prefix, "description": "a part"}


def composite(subfields: dict[str, Any], prefix: str = "ASCII.LL", **more: Any) -> dict[str, Any]:
    return {"type": "Composite", "length": 99, "prefix": prefix, "subfields": subfields, **more}


def test_composite_fields_of_moov() -> None:
    """Its own example of a bitmap inside a field: part 10 is `11 456`, and the whole is 22 characters long."""
    parts = {"1": subfield("ASCII.Fixed", "ASCII"), "10": subfield("ASCII.Fixed", "ASCII", 6)}
    bitmap = {"type": "Bitmap", "length": 8, "enc": "HexToASCII", "prefix": "Hex.Fixed"}
    tags = {"1": subfield("ASCII.LL", "ASCII"), "82": subfield("ASCII.LL", "ASCII", kind="Numeric")}
    ber = composite({"9A": subfield("BerTLV", "Binary")}, "ASCII.LLL", tag={"enc": "BerTLVTag", "sort": "StringsByHex"})
    dialect = from_moov(
        moov(
            ROWS[:-2],
            **{
                "34": composite(parts, bitmap=bitmap),
                "48": composite(tags, tag={"length": 2, "enc": "ASCII"}),
                "55": ber,
            },
        )
    )
    wire = b"0100" + b"0000000040010200" + b"22004000000000000011 456" + b"13" + b"0103SEQ820219" + b"003\x9a\x01\x26"
    message = dialect.decode(wire)
    assert [(part.key, part.value) for part in dialect.parts(34, message[34])] == [("10", "11 456")]
    assert [(part.key, part.value) for part in dialect.parts(48, message[48])] == [("01", "SEQ"), ("82", "19")]
    assert [(part.key, part.value) for part in dialect.parts(55, message[55])] == [("9A", b"\x26")]


# jPOS: the classes that its 1987 binary and ASCII definitions give for these fields.
def jpos(rows: list[tuple[int, int, str, str]]) -> str:
    fields = "".join(
        f'<isofield id="{number}" length="{length}" name="F{number}" class="org.jpos.iso.{kind}" {more}/>'
        for number, length, kind, more in rows
    )
    return f"<?xml version='1.0'?><isopackager>{fields}</isopackager>"


BINARY = [
    (0, 4, "IFB_NUMERIC", 'pad="true"'),
    (1, 16, "IFB_BITMAP", ""),
    (2, 19, "IFB_LLNUM", 'pad="false"'),
    (3, 6, "IFB_NUMERIC", 'pad="true"'),
    (22, 3, "IFB_NUMERIC", 'pad="true"'),
    (28, 9, "IFB_AMOUNT", ""),
    (35, 37, "IFB_LLNUM", 'pad="false"'),
    (41, 8, "IF_CHAR", ""),
    (48, 999, "IFB_LLLCHAR", ""),
    (52, 8, "IFB_BINARY", ""),
    (65, 1, "IFB_BINARY", ""),
    (70, 3, "IFB_NUMERIC", 'pad="true"'),
]


def test_a_binary_packager_of_jpos() -> None:
    dialect = from_jpos(jpos(BINARY), "jpos")
    assert sorted(dialect.fields) == [2, 3, 22, 28, 35, 41, 48, 52, 70]
    message = Message("0200", {2: "476", 3: "000000", 22: "051", 28: "D00000100", 35: "476D301", 48: "AB", 70: "301"})
    wire = bytes.fromhex(
        "0200 E000041020010000 0400000000000000 03 4760 000000 0051 44 00000100 07 476D3010 0002 4142 0301"
    )
    assert dialect.encode(message) == wire
    assert dialect.decode(wire) == message


def test_an_ascii_packager_of_jpos() -> None:
    rows = [
        (0, 4, "IFA_NUMERIC", ""),
        (1, 16, "IFA_BITMAP", ""),
        (2, 19, "IFA_LLNUM", ""),
        (41, 8, "IF_CHAR", ""),
        (48, 999, "IFA_LLLCHAR", ""),
        (52, 8, "IFA_BINARY", ""),
        (55, 255, "IFB_LLLHBINARY", ""),
        (70, 3, "IFA_NUMERIC", ""),
    ]
    dialect = from_jpos(jpos(rows))
    message = Message("0800", {2: "476", 52: bytes(range(8)), 55: b"\x95\x00", 70: "301"})
    wire = (
        b"0800"
        + b"C000000000001200"
        + b"0400000000000000"
        + b"03476"
        + b"0001020304050607"
        + b"\x00\x02\x95\x00"
        + b"301"
    )
    assert dialect.encode(message) == wire
    assert dialect.decode(wire) == message


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<isopackager>", "definition: expected XML, found no element found"),
        ("<isopackager/>", "definition: expected isofields with ids 0 and 1, found"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "definition: expected no entities, found <!ENTITY"),
        (jpos([*BINARY, (60, 9, "IFX_ODD", "")]), "field 60, class: expected IF_CHAR"),
        (jpos([*BINARY, (60, 9, "IFB_LLDATE", "")]), "field 60, class: expected NUMERIC, NUM, CHAR"),
        (jpos([(0, 4, "IFB_NUMERIC", ""), (1, 16, "IFB_BINARY", "")]), "field 1, class: expected a bitmap"),
        (jpos(BINARY).replace('length="6"', 'length="x"'), "field 3, length: expected a number, found 'x'"),
    ],
)
def test_what_is_no_packager(xml: str, words: str) -> None:
    with pytest.raises(DialectError) as error:
        from_jpos(xml)
    assert str(error.value).startswith(words)
