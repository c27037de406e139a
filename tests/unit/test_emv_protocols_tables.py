"""Tag table, DOLs, CVM lists and bit meanings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.protocols.emv import TAGS, bits, cvm, dol, name_of, tlv
from tillbench.protocols.emv.dol import DolEntry
from tillbench.protocols.emv.tags import _ROWS


def test_every_tag_has_one_row_and_sane_lengths() -> None:
    assert len(TAGS) == len(_ROWS)
    for row in _ROWS:
        assert row.format in {"a", "an", "ans", "b", "cn", "n"}, row
        assert row.source in {"card", "terminal", "issuer"}, row
        assert 0 <= row.least <= row.most, row
        for template in row.template.split():
            assert int(template, 16) in TAGS, row


def test_templates_are_the_constructed_tags() -> None:
    assert {row.number for row in _ROWS if tlv.is_constructed(row.number)} == {
        0x61, 0x6F, 0x70, 0x71, 0x72, 0x73, 0x77, 0xA5, 0xBF0C,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tag", "name", "length"),
    [
        (0x95, "Terminal Verification Results (TVR)", 5),
        (0x9F26, "Application Cryptogram (AC)", 8),
        (0x9F37, "Unpredictable Number", 4),
        (0x9F02, "Amount, Authorised (Numeric)", 6),
        (0x9F4E, "Merchant Name and Location", None),
    ],
)
def test_rows_as_annex_a_has_them(tag: int, name: str, length: int | None) -> None:
    assert name_of(tag) == name
    assert TAGS[tag].fixed_length == length


def test_unknown_tag() -> None:
    assert name_of(0xDF01) == "unknown"


@given(st.lists(st.tuples(st.sampled_from(sorted(TAGS)), st.integers(0, 255)), max_size=12))
def test_dols_round_trip_and_split_what_they_fill(pairs: list[tuple[int, int]]) -> None:
    entries = [DolEntry(*pair) for pair in pairs]
    assert dol.parse(dol.build(entries)) == entries
    data = dol.fill(entries, {0x9F02: b"\x01", 0x5A: b"\x62", 0x50: b"A"})
    assert len(data) == dol.total(entries)
    assert [tag for tag, _value in dol.split(entries, data)] == [entry.tag for entry in entries]


@pytest.mark.parametrize(
    ("entry", "value", "filled"),
    [
        (DolEntry(0x9F02, 6), "1234", "000000001234"),  # n: zeros on the left
        (DolEntry(0x9F02, 1), "000000001234", "34"),  # n: cut on the left
        (DolEntry(0x5A, 10), "6200000000000005", "6200000000000005FFFF"),  # cn: F on the right
        (DolEntry(0x5A, 4), "6200000000000005", "62000000"),  # cn: cut on the right
        (DolEntry(0x9F37, 6), "11223344", "112233440000"),  # b: zeros on the right
        (DolEntry(0x9F37, 2), "11223344", "1122"),
        (DolEntry(0x9F02, 0), "1234", ""),
        (DolEntry(0xDF01, 3), "112233", "000000"),  # no row: zeros
        (DolEntry(0x70, 2), "1122", "0000"),  # a template: zeros
    ],
)
def test_dol_filling_by_format(entry: DolEntry, value: str, filled: str) -> None:
    assert dol.fill([entry], {entry.tag: bytes.fromhex(value)}).hex().upper() == filled


def test_dol_filling_without_a_value() -> None:
    assert dol.fill([DolEntry(0x9F37, 4)], {}) == bytes(4)


def test_broken_dols_name_tag_and_offset() -> None:
    with pytest.raises(tlv.TlvError, match="tag 9F37 at offset 3: expected a length byte, found the end of the list"):
        dol.parse(bytes.fromhex("9F02069F37"))
    with pytest.raises(ValueError, match="expected 4 bytes, found 3"):
        dol.split([DolEntry(0x9F37, 4)], bytes(3))


def test_tvr_in_words() -> None:
    assert bits.set_bits(bits.TVR, bytes.fromhex("8000048000")) == [
        "byte 1 bit 8: offline data authentication was not performed",
        "byte 3 bit 3: online PIN entered",
        "byte 4 bit 8: transaction exceeds floor limit",
    ]
    assert bits.set_bits(bits.TSI, b"\x01\x00") == ["byte 1 bit 1: reserved"]
    assert bits.set_bits(bits.TVR, bytes(5)) == []


def test_no_bit_has_two_meanings() -> None:
    for tag, table in bits.BIT_TABLES.items():
        assert len({(byte, mask) for byte, mask, _text in table}) == len(table), f"{tag:X}"
        length = TAGS[tag].fixed_length
        assert length is not None
        assert all(1 <= byte <= length and mask.bit_count() == 1 for byte, mask, _text in table)


@pytest.mark.parametrize(
    ("cid", "text"),
    [
        (0x80, "ARQC (go online)"),
        (0x40, "TC (approved)"),
        (0x00, "AAC (declined)"),
        (0x03, "AAC (declined), issuer authentication failed"),
        (0x88, "ARQC (go online), advice required"),
        (0x05, "AAC (declined), reserved reason"),
    ],
)
def test_cid_in_words(cid: int, text: str) -> None:
    assert bits.cid_text(cid) == text


def test_cvm_list_round_trip_and_words() -> None:
    value = bytes.fromhex("0000271000000000 4203 5E03 1F00")
    rules = cvm.CvmList.parse(value)
    assert rules.build() == value
    assert rules.amount_x == 10000
    assert [str(rule) for rule in rules.rules] == [
        "enciphered PIN online, if terminal supports the CVM, else next",
        "signature, if terminal supports the CVM, else next",
        "no CVM required, always, else fail",
    ]
    with pytest.raises(ValueError, match="expected an even length from 8 bytes, found 9"):
        cvm.CvmList.parse(bytes(9))


def test_cvm_results_in_words() -> None:
    assert cvm.results_text(bytes.fromhex("420300")) == ("enciphered PIN online, if terminal supports the CVM: unknown")
    assert cvm.results_text(bytes.fromhex("1F0002")) == "no CVM required, always: successful"
