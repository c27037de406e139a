"""The dialect as data: acquirers that count otherwise, the table for devices, the response codes."""

from __future__ import annotations

import pytest
from tillbench.protocols.iso8583 import RESPONSES, UNIONPAY, FormatError, Message, response
from tillbench.protocols.iso8583.dialect import Dialect, DialectError, Field, Length, Wire, fixed, ll, lll
from tillbench.protocols.iso8583.micropython import source
from tillbench.protocols.iso8583.micropython_tables import Tables
from tillbench.protocols.iso8583.names import ALIASES, DIALECTS, dialect
from tillbench.protocols.iso8583.specimen import SPECIMENS

IN_BYTES = UNIONPAY.counting(bytes=(48, 61))
F62_IN_DIGITS = UNIONPAY.counting(digits=(62,))


@pytest.mark.parametrize("name", DIALECTS)
def test_the_rows_are_in_order_and_once(name: str) -> None:
    rows = DIALECTS[name].rows
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= 128 for number in numbers)
    assert all(row.source for row in rows)


def test_dialects_by_name() -> None:
    assert dialect("cup") is UNIONPAY
    assert dialect(" ISO87-ASCII ") is DIALECTS["iso87-ascii"]
    assert all(dialect(alias).name == name for alias, name in ALIASES.items())
    with pytest.raises(LookupError, match="no dialect 'visa'; there are unionpay, iso87-ascii"):
        dialect("visa")


def test_digits_counted_in_bytes() -> None:
    message = Message("0500", {48: "12345678"})
    assert UNIONPAY.encode(message)[10:] == bytes.fromhex("0008 12345678")
    assert IN_BYTES.encode(message)[10:] == bytes.fromhex("0004 12345678")
    assert IN_BYTES.decode(IN_BYTES.encode(message)) == message


def test_an_odd_number_of_digits_cannot_be_counted_in_bytes() -> None:
    with pytest.raises(FormatError) as error:
        IN_BYTES.encode(Message("0200", {61: "123"}))
    assert error.value.args == (61, 10, "even length", "3")


def test_the_longest_value_counted_in_bytes_has_its_pad_digit() -> None:
    message = Message("0200", {61: "1" * 30})  # n..29 takes 15 bytes, and nobody can tell what the last nibble is
    assert IN_BYTES.decode(IN_BYTES.encode(message)) == message
    with pytest.raises(FormatError) as error:
        IN_BYTES.encode(Message("0200", {61: "1" * 31}))
    assert error.value.args == (61, 10, "length 1..30", "31")


def test_bytes_counted_in_digits() -> None:
    message = Message("0810", {62: b"\x12\x34\x56"})
    assert UNIONPAY.encode(message)[10:] == bytes.fromhex("0003 123456")
    assert F62_IN_DIGITS.encode(message)[10:] == bytes.fromhex("0006 123456")
    assert F62_IN_DIGITS.decode(F62_IN_DIGITS.encode(message)) == message
    with pytest.raises(FormatError) as error:
        F62_IN_DIGITS.decode(bytes.fromhex("0810 0000000000000004 0005 123456"))
    assert error.value.args == (62, 10, "even length", "5")


def test_the_two_ways_to_count_do_not_pass_for_each_other() -> None:
    data = UNIONPAY.encode(Message("0500", {41: "12345678", 48: "1" * 62, 60: "00000001201"}))
    with pytest.raises(FormatError) as error:
        IN_BYTES.decode(data)
    assert error.value.field == 48


def test_the_table_for_devices_holds_what_the_codec_needs() -> None:
    tables = Tables(UNIONPAY)
    assert len(tables.rows) == 65 * 3
    assert tables.rows[3:6] == bytes(3)  # no field 1
    pan, stan, sequence = (tables.rows[n * 3 : n * 3 + 3] for n in (2, 11, 23))
    assert (pan[1:], stan[1:], sequence[1:]) == (b"\0\x13", b"\0\x06", b"\0\x03")
    kind = tables.kinds[pan[0] * 4 - 4 : pan[0] * 4]
    assert kind == bytes([0x00, 0x01, 0x00, 0x00])  # n packed, one byte of BCD count
    assert tables.kinds[sequence[0] * 4 - 4 : sequence[0] * 4][2] & 1  # padded on the left


def test_a_minimum_length_has_no_place_in_the_table() -> None:
    dialect = Dialect("strict", (Field(2, "primary account number", "n", Length(2, 12, 19)),))
    with pytest.raises(ValueError, match="field 2"):
        Tables(dialect)


@pytest.mark.parametrize("dialect", [*DIALECTS.values(), *SPECIMENS], ids=lambda dialect: dialect.name)
def test_the_module_for_devices_is_python(dialect: Dialect) -> None:
    compile(source(dialect), "dialect.py", "exec")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field(1, "", "n", fixed(3)), "test, field 1: expected a number 2..64 that is no bitmap, found 1"),
        (Field(65, "", "n", fixed(3)), "test, field 65: expected a number 2..64 that is no bitmap, found 65"),
        (Field(3, "", "n", Length(0, 2, 3)), "test, field 3: expected one length for a fixed field, found 2..3"),
        (Field(3, "", "n", Length(2, 3, 2)), "test, field 3: expected 0 <= minimum <= maximum"),
        (Field(3, "", "n", fixed(0)), "test, field 3: expected 0 <= minimum <= maximum"),
        (Field(3, "", "n", ll(100)), "test, field 3: expected counts below 100, found 100"),
        (Field(3, "", "b", lll(5000), counts="digits"), "test, field 3: expected counts below 10000, found 10000"),
        (Field(3, "", "n", fixed(3), code="raw"), "test, field 3: expected a code for n: packed, ascii, ebcdic"),
        (Field(3, "", "an", fixed(3), code="packed"), "test, field 3: expected a code for an: ascii, ebcdic"),
        (Field(3, "", "n", fixed(3), fill="x"), "test, field 3: expected one hex digit as fill, found 'x'"),
        (Field(3, "", "b", ll(9), counts="characters"), "test, field 3: expected a unit that raw can be counted in"),
        (Field(3, "", "x+n", ll(9)), "test, field 3: expected a fixed length of sign and digits"),
        (Field(3, "", "x+n", fixed(8)), "test, field 3: expected a fixed length of sign and digits"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(field: Field, words: str) -> None:
    with pytest.raises(DialectError) as error:
        Dialect("test", (field,))
    assert str(error.value).startswith(words)


def test_a_dialect_that_makes_no_sense() -> None:
    row = Field(3, "", "n", fixed(6))
    with pytest.raises(DialectError, match="each number once"):
        Dialect("test", (row, row))
    with pytest.raises(DialectError, match="1, 2 or 3 bitmaps"):
        Dialect("test", (row,), bitmaps=4)
    with pytest.raises(DialectError, match="two bitmaps when"):
        Dialect("test", (row,), second_bitmap="always")
    with pytest.raises(DialectError, match="a bitmap in raw, hex"):
        Dialect("test", (row,), Wire(bitmap="ascii"))


def test_a_changed_dialect() -> None:
    as_text = UNIONPAY.changed({35: {"code": "ascii"}}, "text tracks")
    message = Message("0200", {35: "6200000000000005=3012"})
    assert as_text.encode(message)[10:] == b"\x21" + b"6200000000000005=3012"
    assert as_text.decode(as_text.encode(message)) == message
    with pytest.raises(KeyError):
        UNIONPAY.changed({5: {"pad": "left"}})


def test_response_codes() -> None:
    assert response("00").approved
    assert response("51") == RESPONSES["51"]
    assert not response("51").approved
    assert response("51").english == "Insufficient funds"
    assert response("51").chinese == "可用余额不足"
    assert response("ZZ").kind == "refused"
    assert response("ZZ").chinese == "交易失败"
    assert {row.code for row in RESPONSES.values() if row.approved} == {"00", "10", "11", "A2", "A4", "A5", "A6"}
