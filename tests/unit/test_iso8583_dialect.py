"""The dialect as data: acquirers that count otherwise, the table for devices, the response codes."""

from __future__ import annotations

import pytest
from tillbench.protocols.iso8583 import RESPONSES, UNIONPAY, FormatError, Message, response
from tillbench.protocols.iso8583.dialect import Dialect, Field, Length, fixed
from tillbench.protocols.iso8583.micropython import source, table

IN_BYTES = UNIONPAY.counting(bytes=(48, 61))
F62_IN_DIGITS = UNIONPAY.counting(digits=(62,))


def test_the_rows_are_in_order_and_once() -> None:
    numbers = [row.number for row in UNIONPAY.rows]
    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= 64 for number in numbers)
    assert all(row.source for row in UNIONPAY.rows)


def test_a_count_never_has_more_digits_than_its_bytes() -> None:
    for dialect in (UNIONPAY, IN_BYTES, F62_IN_DIGITS):
        for row in dialect.rows:
            if row.length.prefix:
                assert row.counts_from_to[1] < 100**row.length.prefix, row


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
    rows = table(UNIONPAY)
    assert len(rows) == 64 * 3
    assert rows[:3] == bytes(3)
    assert rows[3:6] == bytes([0x88, 0, 19])  # field 2: n, one count byte, 19
    assert rows[66:69] == bytes([0xA0, 0, 3])  # field 23: n, fixed, pad on the left, 3
    assert rows[183:186] == bytes([0x94, 2, 0])  # field 62: b, two count bytes, 512
    assert table(F62_IN_DIGITS)[183] == 0x94 | 0x40


def test_a_minimum_length_has_no_place_in_the_table() -> None:
    dialect = Dialect("strict", (Field(2, "primary account number", "n", Length(1, 12, 19)),))
    with pytest.raises(ValueError, match="field 2"):
        table(dialect)


def test_the_module_for_devices_is_python() -> None:
    compile(source(UNIONPAY), "iso8583_unionpay.py", "exec")


def test_response_codes() -> None:
    assert response("00").approved
    assert response("51") == RESPONSES["51"]
    assert not response("51").approved
    assert response("51").english == "Insufficient funds"
    assert response("51").chinese == "可用余额不足"
    assert response("ZZ").kind == "refused"
    assert response("ZZ").chinese == "交易失败"
    assert {row.code for row in RESPONSES.values() if row.approved} == {"00", "10", "11", "A2", "A4", "A5", "A6"}


def test_fixed_is_the_same_length_at_both_ends() -> None:
    assert Field(3, "processing code", "n", fixed(6)).counts_from_to == (6, 6)
