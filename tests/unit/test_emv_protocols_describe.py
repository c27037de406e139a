"""Exchanges in words: what is decoded, and above all what is not shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.protocols.emv import ApduDescriber, describe_apdu, describe_tree, mask_pan, mask_track2, tlv

OK = b"\x90\x00"
PAN = "6200000000000005"


def record(*objects: tuple[int, str]) -> bytes:
    return tlv.encode(0x70, tlv.encode_all((tag, bytes.fromhex(value)) for tag, value in objects)) + OK


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


def test_select_in_one_line_then_the_tree() -> None:
    answer = hexed("6F12 8408A000000333010101 A506 5004 44656269") + OK
    assert describe_apdu(hexed("00A4040008A00000033301010100"), answer) == [
        "SELECT A000000333010101 -> 9000",
        "  < 6F File Control Information (FCI) Template",
        "  <   84 Dedicated File (DF) Name: A000000333010101",
        "  <   A5 FCI Proprietary Template",
        '  <     50 Application Label: 44656269 "Debi"',
    ]


def test_titles() -> None:
    pse = b"1PAY.SYS.DDF01"
    assert describe_apdu(hexed("00A404000E") + pse + b"\0", hexed("6A82")) == [
        "SELECT 1PAY.SYS.DDF01 -> 6A82 file or application not found"
    ]
    assert describe_apdu(hexed("00A4040205A00000033300"), hexed("6A82"))[0].startswith("SELECT A000000333 (next)")
    assert describe_apdu(hexed("00B2011400"), hexed("6A83"))[0] == "READ RECORD 1 of SFI 2 -> 6A83 record not found"
    assert describe_apdu(hexed("80CA9F3600"), hexed("9F3602000A9000")) == [
        "GET DATA 9F36 Application Transaction Counter (ATC) -> 9000",
        "  < 9F36 Application Transaction Counter (ATC): 000A",
    ]
    assert describe_apdu(hexed("0084000000"), hexed("1122334455667788") + OK) == [
        "GET CHALLENGE -> 9000",
        "  < 8 bytes",
    ]


def test_pan_and_tracks_are_masked_in_records() -> None:
    lines = describe_apdu(
        hexed("00B2010C00"),
        record((0x5A, PAN), (0x57, PAN + "D301222000000000"), (0x9F1F, "313233"), (0x9F20, "1234"), (0x56, "42")),
    )
    text = "\n".join(lines)
    assert "5A Application Primary Account Number (PAN): 620000******0005" in text
    assert "57 Track 2 Equivalent Data: 620000******0005D***************" in text
    assert PAN not in text
    assert "3012220" not in text
    assert text.count("not shown") == 3


def test_verify_data_are_never_shown() -> None:
    for pin in ("1234", "123456789012"):
        block = f"2{len(pin):X}{pin}".ljust(16, "F")
        lines = describe_apdu(hexed("0020008008" + block), hexed("63C2"))
        assert lines == ["VERIFY (PIN not shown) -> 63C2 verification failed, 2 tries left"]


def test_generate_ac_is_cut_by_the_cdol_that_the_card_named() -> None:
    describer = ApduDescriber()
    describer.describe(hexed("00B2011400"), record((0x8C, "95055A08"), (0x8D, "8A029505")))
    answer = hexed("800B 80 0001 1122334455667788") + OK
    assert describer.describe(hexed("80AE80000D8000048000" + PAN + "00"), answer) == [
        "GENERATE AC ARQC -> 9000",
        "  > 95 Terminal Verification Results (TVR): 8000048000",
        "  >   byte 1 bit 8: offline data authentication was not performed",
        "  >   byte 3 bit 3: online PIN entered",
        "  >   byte 4 bit 8: transaction exceeds floor limit",
        "  > 5A Application Primary Account Number (PAN): 620000******0005",
        "  < 80 Response Message Template Format 1",
        "  <   9F27 Cryptogram Information Data (CID): 80",
        "  <     ARQC (go online)",
        "  <   9F36 Application Transaction Counter (ATC): 0001",
        "  <   9F26 Application Cryptogram (AC): 1122334455667788",
    ]
    second = describer.describe(hexed("80AE40000730300000000000 00"), hexed("6985"))
    assert '  > 8A Authorisation Response Code: 3030 "00"' in second


def test_format_1_answers_are_laid_out() -> None:
    lines = describe_apdu(hexed("80A8000002830000"), hexed("80 06 1C00 08010100") + OK)
    assert lines[:2] == ["GET PROCESSING OPTIONS -> 9000", "  < 80 Response Message Template Format 1"]
    assert "  <     SFI 1 records 1 to 1, 0 in offline data authentication" in lines
    lines = describe_apdu(hexed("80AE800000"), hexed("80 12 80 0001 1122334455667788 06010A03A00000") + OK)
    assert "  <     ARQC (go online)" in lines
    assert "  <   9F10 Issuer Application Data: 06010A03A00000" in lines


def test_dol_data_without_a_known_dol_show_their_size_only() -> None:
    lines = describe_apdu(hexed("80AE800008" + PAN + "00"), hexed("6700"))
    assert lines == ["GENERATE AC ARQC -> 6700 wrong length", "  > 8 bytes, DOL not seen"]


def test_dol_data_of_the_wrong_size_show_no_data() -> None:
    describer = ApduDescriber()
    describer.describe(hexed("00B2011400"), record((0x8C, "9505")))
    lines = describer.describe(hexed("80AE800008" + PAN + "00"), hexed("6700"))
    assert lines[1:] == ["  > ! DOL data: expected 5 bytes, found 8"]


def test_a_selection_forgets_the_dols_of_the_last_application() -> None:
    describer = ApduDescriber()
    describer.describe(hexed("00B2011400"), record((0x8C, "9505")))
    describer.describe(hexed("00A4040005A00000000300"), hexed("6A82"))
    assert "DOL not seen" in describer.describe(hexed("80AE8000050000000000"), hexed("6985"))[1]


@pytest.mark.parametrize(
    "value",
    ["5A 08 " + PAN[:10], "5A 08 " + PAN + "57", "8E 01 00", "94 03 080101", "9F27 00", "9F34 01 02", "9505 01"],
)
def test_broken_values_are_told_and_raise_nothing(value: str) -> None:
    lines = describe_apdu(hexed("00B2011400"), tlv.encode(0x70, hexed(value)) + OK)
    assert len(lines) > 1
    assert PAN not in "\n".join(lines)


@given(st.binary(max_size=40), st.binary(max_size=60))
def test_no_bytes_raise(command: bytes, response: bytes) -> None:
    assert ApduDescriber().describe(command, response)


@given(st.lists(st.binary(max_size=20), max_size=3), st.binary(max_size=30))
def test_the_pan_of_a_record_never_survives(before: list[bytes], after: bytes) -> None:
    """Also in records that break off or go on with other objects behind it."""
    objects = tlv.encode_all((0x9C, value) for value in before)
    body = objects + hexed("5A08" + PAN) + after
    lines = describe_apdu(hexed("00B2011400"), tlv.encode(0x70, body) + OK)
    lines += describe_apdu(hexed("00B2011400"), body + OK)
    assert PAN not in "\n".join(lines)


def test_log_records_show_their_size() -> None:
    assert describe_apdu(hexed("00B2015C00"), hexed("261123000000001234") + OK) == [
        "READ RECORD 1 of SFI 11 -> 9000",
        "  < 9 bytes without a template (a log record?)",
    ]


def test_empty_values_and_templates() -> None:
    assert describe_tree(tlv.parse(hexed("7000 9F2700 5A00"))) == [
        "70 READ RECORD Response Message Template: ",
        "9F27 Cryptogram Information Data (CID): ",
        "5A Application Primary Account Number (PAN): ",
    ]


@pytest.mark.parametrize(
    ("pan", "masked"),
    [
        ("6200000000000005", "620000******0005"),
        ("4761739001010010", "476173******0010"),
        ("6228000100001", "622800***0001"),
        ("6200000000000000005", "620000*********0005"),
        ("123456789012", "************"),
        ("", ""),
    ],
)
def test_masking_pans(pan: str, masked: str) -> None:
    assert mask_pan(pan) == masked


def test_masking_tracks() -> None:
    assert mask_track2(PAN + "D3012220000F") == "620000******0005D*******" + "***"
    assert mask_track2(PAN + "=3012") == "620000******0005=****"
    assert mask_track2(PAN) == "620000******0005"


@pytest.mark.parametrize(
    ("command", "title"),
    [
        ("8424000218" + "AA" * 24, "PIN CHANGE/UNBLOCK change (issuer script, PIN not shown) -> 9000"),
        ("8424000008" + "AA" * 8, "PIN CHANGE/UNBLOCK unblock (issuer script, PIN not shown) -> 9000"),
        ("841E000008" + "AA" * 8, "APPLICATION BLOCK (issuer script) -> 9000"),
        ("04DA9F5809" + "AA" * 9, "PUT DATA 9F58 Lower Consecutive Offline Limit (card) (issuer script) -> 9000"),
        ("04DC020C09" + "AA" * 9, "UPDATE RECORD 2 of SFI 1 (issuer script) -> 9000"),
        ("0020008808" + "AA" * 8, "VERIFY (enciphered PIN not shown) -> 9000"),
        ("80AE900000", "GENERATE AC ARQC, combined signature asked for -> 9000"),
    ],
)
def test_scripts_and_signatures_in_words(command: str, title: str) -> None:
    lines = describe_apdu(bytes.fromhex(command), bytes.fromhex("9000"))
    assert lines[0] == title
    assert "AAAA" not in "".join(lines)


def test_internal_authenticate_in_words() -> None:
    lines = describe_apdu(bytes.fromhex("00880000041122334400"), bytes.fromhex("8004AABBCCDD9000"))
    assert lines == [
        "INTERNAL AUTHENTICATE -> 9000",
        "  > 9F37 Unpredictable Number: 11223344",
        "  < 80 Response Message Template Format 1",
        "  <   9F4B Signed Dynamic Application Data: AABBCCDD",
    ]
