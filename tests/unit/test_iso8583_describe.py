"""Messages in words: what they say, and what they must not say."""

from __future__ import annotations

from random import Random

from tillbench.protocols.iso8583 import UNIONPAY, Message, corpus, describe, gbk

PAN = "6222021234567890128"
TRACK_2 = f"{PAN}D30122011234567890"
ICC = bytes.fromhex("9F2608A1A2A3A4A5A6A7A8950500000080005A0A6222021234567890128F5713") + bytes.fromhex(
    "6222021234567890128D30122011234567890F"
)
SALE = Message(
    "0200",
    {
        2: PAN,
        3: "000000",
        4: "000000001234",
        11: "000001",
        22: "051",
        25: "00",
        35: TRACK_2,
        41: "12345678",
        52: bytes.fromhex("8877665544332211"),
        53: "2600000000000000",
        55: ICC,
        60: "22000001003",
        63: gbk.to_wire("交易"),
        64: b"E267B6E2",
    },
)


def test_a_sale_in_words() -> None:
    assert describe(SALE) == [
        "0200 financial request",
        "   2 primary account number: 622202*********0128",
        "   3 processing code: 000000 (sale)",
        "   4 amount, transaction: 000000001234 (12.34)",
        "  11 system trace audit number: 000001",
        "  22 point of service entry mode: 051 (chip, PIN)",
        "  25 point of service condition code: 00 (normal)",
        "  35 track 2 data: 622202*********0128D*****************",
        "  41 terminal identification: 12345678",
        "  52 PIN block: (8 bytes, not shown)",
        "  53 security control: 2600000000000000 (PIN format 2, cipher 6, track encrypted 0)",
        "  55 IC card data: 51 bytes",
        "       9F26 Application Cryptogram (AC): A1A2A3A4A5A6A7A8",
        "       95 Terminal Verification Results (TVR): 0000008000",
        "         byte 4 bit 8: transaction exceeds floor limit",
        "       5A Application Primary Account Number (PAN): 622202*********0128",
        "       57 Track 2 Equivalent Data: 622202*********0128D*****************",
        "  60 type, batch, network code: 22000001003 (type 22, batch 000001, network code 003)",
        f"  63 operator, card organisation: {gbk.to_wire('交易')} (交易)",
        "  64 message authentication code: (8 bytes, not shown)",
    ]


def test_an_answer_has_its_text() -> None:
    assert describe(Message("0210", {39: "51"}))[1] == "  39 response code: 51 (Insufficient funds, 可用余额不足)"
    assert describe(Message("0210", {39: "ZZ"}))[1] == "  39 response code: ZZ (Failed, 交易失败)"


def test_settlement_totals_and_balance_are_taken_apart() -> None:
    totals = "000000001234001" + "000000000000000" + "1" + "0" * 31
    [line] = describe(Message("0510", {48: totals}))[1:]
    assert "debits 000000001234, number 001, credits 000000000000, number 000, balanced 1" in line
    [line] = describe(Message("0210", {54: "1002156C000000012345"}))[1:]
    assert line.endswith("(account 10, amount type 02, currency 156, sign C, amount 000000012345)")


def test_nothing_secret_is_shown_anywhere() -> None:
    keys = bytes.fromhex("0123456789ABCDEFFEDCBA98765432108CA64DE9")
    shown = "\n".join(
        line
        for message in (
            SALE,
            Message("0810", {60: "00000001003", 62: keys}),
            Message("0810", {62: keys}),
            Message("0200", {3: "620000", 62: PAN.encode()}),
            Message("0320", {48: "0100000001" + PAN.rjust(20, "0") + "000000001234", 60: "00000001201"}),
            Message("0200", {36: "99" + PAN + "D" + "1" * 60}),
            Message("0200", {number: f"B{PAN}^NAME^3012" for number in (34, 45, 46, 62, 102, 103, 120)}),
            Message("0200", {35: "6222021234567AF345678901BD8888"}),  # an encrypted track
        )
        for line in [*describe(message), repr(message)]
    ).upper()
    for secret in (PAN, "1234567890128", "30122011234567890", "8877665544332211", "E267B6E2", "67AF34", "0123456789AB"):
        assert secret not in shown
        assert secret.encode().hex().upper() not in shown


def test_parameter_loads_are_shown() -> None:
    [*_, line] = describe(Message("0810", {60: "00000001360", 62: b"12063"}))
    assert line == "  62 keys, parameters: 12063"
    [*_, line] = describe(Message("0810", {60: "00000001370", 62: b"\x31\x9f\x06"}))
    assert line == "  62 keys, parameters: 319F06"


def test_field_55_that_is_not_tlv_names_tag_and_offset() -> None:
    [*_, line] = describe(Message("0200", {55: bytes.fromhex("9F2608A1A2")}))
    assert line.startswith("       ! not TLV: tag 9F26 at offset 0")


def test_unknown_things_are_called_so() -> None:
    assert describe(Message("0999", {5: "1"})) == ["0999 unknown message type", "   5 not in this dialect: 1"]


def test_any_message_can_be_described() -> None:
    random = Random(2)
    for _ in range(300):
        message = corpus.message(UNIONPAY, random)
        assert len(describe(message)) > len(message.fields)


def test_chinese_text_goes_to_the_wire_and_back() -> None:
    assert gbk.from_wire(gbk.to_wire("中国银联")) == "中国银联"
    assert gbk.from_wire("\xd6") == "\N{REPLACEMENT CHARACTER}"
