"""GET PROCESSING OPTIONS and the records (EMV Book 3 sections 10.1, 10.2, 7.5)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from .kernel_rig import AID, Rig, card, fci, record, refused, text, tlv

GPO = "80A80000"


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def test_without_pdol_the_template_is_empty(rig: Rig) -> None:
    rig.initiated(card())
    assert rig.card.log[-1] == "80A8000002830000"
    assert (rig.tag(0x82), rig.tag(0x94)) == ("1C00", "08010100")
    assert (rig.tvr, rig.tsi) == ("0000000000", "0000")


def test_the_terminals_data_in_the_pdol(device: Bench) -> None:
    rig = Rig(device).start(
        merchant=b"898110053110001",
        terminal=b"12345678",
        category=b"\x59\x99",
        acquirer=b"\x00\x00\x01\x23\x45\x67",
        merchant_name=b"Teahouse",
    )
    rig.initiated(
        card(
            pdol="9F0206 9F0306 8104 9F0404 9F0902 9F1A02 9F1B04 9F1E08 9F2103 9F3303 9F3403 9F3501 9F3704 9F4005"
            "9F4104 9A03 9C01 5F2A02 5F3601 9506 9B02 9F0608 9F160F 9F1C08 9F1502 9F0106 9F4E0A 9F6604 8407"
        ),
        amount=123456789012,
        other=4294967296,
        kind=0x09,
        stan=654321,
    )
    expected = (
        "123456789012 004294967296 FFFFFFFF FFFFFFFF 0030 0156 00002710 3030303030303031 101112 E06800 3F0000 22"
        "A0A1A2A3 60 00F0A001 00654321 261123 09 0156 02 000000000000 0000"
        + AID
        + text("898110053110001")
        + text("12345678")
        + "5999 000001234567"
        + text("Teahouse")
        + "0000"
        + "00000000"
        + AID[:14]
    ).replace(" ", "")
    assert rig.card.log[-1] == f"{GPO}{len(expected) // 2 + 3:02X}8381{len(expected) // 2:02X}{expected}00"


def test_amounts_are_four_bytes_binary_where_asked(rig: Rig) -> None:
    rig.initiated(card(pdol="8104 9F0404"), amount=70000, other=300)
    assert rig.card.log[-1] == "80A800000A8308000111700000012C00"


@pytest.mark.parametrize(("size", "template"), [(127, "837F"), (128, "838180"), (252, "8381FC")])
def test_the_template_has_the_shortest_length(rig: Rig, size: int, template: str) -> None:
    rig.initiated(card(pdol=f"9F4E{size:02X}"))
    assert rig.card.log[-1] == f"{GPO}{size + len(template) // 2:02X}{template}" + "00" * size + "00"


def test_a_pdol_that_no_command_can_hold(rig: Rig) -> None:
    rig.card = card(pdol="9F4EFD")
    with refused("FORMAT", "at most 255 fit"):
        rig.initiated(rig.card)
    assert not rig.card.sent(GPO)


def test_a_malformed_pdol(rig: Rig) -> None:
    with refused("FORMAT", "DOL ends after tag 9F02"):
        rig.initiated(card(pdol="9F02"))


@pytest.mark.parametrize(
    ("transaction", "detail"),
    [
        ({"amount": -1}, "9F02"),
        ({"amount": 10**12}, "9F02"),
        ({"amount": 5, "other": 6}, "9F03"),
        ({"other": -1}, "9F03"),
        ({"date": "20261123"}, "9A"),
        ({"time": "1011"}, "9F21"),
    ],
)
def test_a_transaction_that_cannot_be_written_down(rig: Rig, transaction: dict[str, Any], detail: str) -> None:
    with refused("CONFIG", detail):
        rig.initiated(card(), **transaction)
    assert not rig.card.sent(GPO)


def test_each_transaction_has_its_own_number_and_clean_bits(rig: Rig) -> None:
    numbers = iter([b"1111", b"2222"])
    rig.entropy = lambda n: next(numbers)
    rig.asked(card())
    assert (rig.tag(0x9F37), rig.tvr) == ("31313131", "8000040000")
    rig.initiated(card())
    assert (rig.tag(0x9F37), rig.tvr, rig.tsi) == ("32323232", "0000000000", "0000")
    assert rig.tag(0x5A) is None


def test_template_77(rig: Rig) -> None:
    rig.initiated(card(more={GPO: tlv("77", tlv("94", "08010100"), tlv("82", "1C00"), tlv("9F6C", "0000")) + "9000"}))
    assert (rig.tag(0x82), rig.tag(0x94), rig.tag(0x9F6C)) == ("1C00", "08010100", "0000")


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ("9000", "expected template 77, found no data"),
        (tlv("80", "1C00") + "9000", "expected AIP and AFL, found 2 bytes"),
        (tlv("80", "1C00080101") + "9000", "found 5 bytes"),
        (tlv("80", "1C00", "08010100") + "5000" + "9000", "found tag 50"),
        (tlv("80", "1C00", "08010100") + "9F" + "9000", "inside a tag"),
        (tlv("80", "1C00", "08010100") * 2 + "9000", "expected one template 80"),
        ("800A1C00080101009000", "length 10"),
        (tlv("77", tlv("82", "1C00")) + "9000", "tag 94 is missing"),
        (tlv("77", tlv("94", "08010100")) + "9000", "tag 82 is missing"),
        (tlv("77", tlv("82", "1C"), tlv("94", "08010100")) + "9000", "tag 82: expected 2 to 2 bytes, found 1"),
        (tlv("77", tlv("82", "1C00"), tlv("94", "080101")) + "9000", "tag 94: expected 4 to 252 bytes, found 3"),
        (tlv("77", tlv("82", "1C00"), tlv("82", "1C00"), tlv("94", "08010100")) + "9000", "tag 82: second occurrence"),
        (tlv("77", tlv("82", "1C00"), "9405") + "9000", "length 5"),
        (tlv("70", tlv("82", "1C00"), tlv("94", "08010100")) + "9000", "expected one template 77, found tag 70"),
    ],
)
def test_a_malformed_answer(rig: Rig, answer: str, detail: str) -> None:
    with refused("FORMAT", detail):
        rig.initiated(card(more={GPO: answer}))
    with refused("SEQUENCE"):
        rig.step("read_records")


@pytest.mark.parametrize("sw", ["6984", "6A81", "6283", "6700", "6300", "6D00"])
def test_a_refusal_ends_the_session(rig: Rig, sw: str) -> None:
    with refused("TERMINATE", f"GET PROCESSING OPTIONS: SW {sw}"):
        rig.initiated(card(more={GPO: sw}))


def test_conditions_of_use_not_satisfied_takes_the_next_application(rig: Rig) -> None:
    other = "A000000333010102"
    test_card = card(
        more={
            "00A4040206": [fci(other), "6A82"],
            "00A4040008" + other: fci(other),
            GPO: ["6985", tlv("80", "1C00", "08010100") + "9000"],
        }
    )
    with refused("RESELECT"):
        rig.initiated(test_card)
    assert rig.remaining == [other]
    assert rig.steps(("select", 1)) is True
    rig.step("initiate", 5, 0, 0, b"\x26\x11\x23", b"\0\0\0", 1)
    assert rig.tag(0x9F06) == other


def test_records_are_read_in_the_order_of_the_afl(rig: Rig) -> None:
    test_card = card(
        more={
            GPO: tlv("80", "1C00", "18020300", "08010101", "F0010100") + "9000",
            "00B2021C": record({"5A": "6200000000000005", "5F24": "301231"}),
            "00B2031C": record({"8C": "9F3704"}),
            "00B2010C": record({"8D": "8A02", "9F42": "0156"}),
            "00B201F4": "FFFF9000",
        }
    )
    rig.read(test_card)
    assert test_card.sent("00B2") == ["00B2021C00", "00B2031C00", "00B2010C00", "00B201F400"]
    assert [rig.tag(tag) for tag in (0x5A, 0x8C, 0x8D, 0x9F42)] == ["6200000000000005", "9F3704", "8A02", "0156"]
    assert (rig.tvr, rig.tsi) == ("0000000000", "0000")


@pytest.mark.parametrize(
    ("afl", "detail"),
    [
        ("0801010008", "94: expected groups of 4 bytes, found 5 bytes"),
        ("00010100", "expected SFI 1 to 30, found byte 00"),
        ("F8010100", "expected SFI 1 to 30, found byte F8"),
        ("09010100", "expected SFI 1 to 30, found byte 09"),
        ("08000100", "94 offset 0: records 0 to 1"),
        ("08000000", "records 0 to 0"),
        ("08020100", "records 2 to 1"),
        ("08010200 10030504", "94 offset 4: 4 records signed of 3"),
    ],
)
def test_a_malformed_afl_is_refused_before_anything_is_read(rig: Rig, afl: str, detail: str) -> None:
    test_card = card(more={GPO: tlv("80", "1C00", afl) + "9000"})
    with refused("FORMAT", detail):
        rig.read(test_card)
    assert not test_card.sent("00B2")


@pytest.mark.parametrize("sw", ["6A83", "6A82", "6985", "6283"])
def test_a_record_that_cannot_be_read_ends_the_session(rig: Rig, sw: str) -> None:
    with refused("TERMINATE", f"READ RECORD 1 of file 1: SW {sw}"):
        rig.read(card(more={"00B2010C": sw}))


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ("9000", "expected template 70, found no data"),
        ("009000", "expected template 70, found no data"),
        (tlv("77", tlv("5A", "62")) + "9000", "expected one template 70, found tag 77"),
        (tlv("70", tlv("5A", "62")) * 2 + "9000", "expected one template 70"),
        (tlv("70", "5A0562") + "9000", "tag 5A at offset 4: length 5, only 1 bytes left"),
        ("70065A01629000", "length 6"),
        (tlv("70", tlv("5A", "62"), "5F") + "9000", "inside a tag"),
        (tlv("70", tlv("5A", "62"), tlv("5A", "62")) + "9000", "tag 5A: second occurrence"),
        (tlv("70", tlv("82", "0000")) + "9000", "tag 82: second occurrence"),
        (tlv("70", tlv("94", "08010100")) + "9000", "tag 94: second occurrence"),
    ],
)
def test_a_malformed_record(rig: Rig, content: str, detail: str) -> None:
    with refused("FORMAT", detail):
        rig.read(card(more={"00B2010C": content}))
    with refused("SEQUENCE"):
        rig.step("data_authentication")


def test_the_same_element_in_two_records(rig: Rig) -> None:
    test_card = card(
        {"9F07": "FF00"}, more={GPO: tlv("80", "1C00", "08010200") + "9000", "00B2020C": record({"9F07": "FF00"})}
    )
    with refused("FORMAT", "tag 9F07: second occurrence"):
        rig.read(test_card)


@pytest.mark.parametrize("tag", ["5A", "5F24", "8C", "8D"])
def test_a_mandatory_element_is_missing(rig: Rig, tag: str) -> None:
    with refused("FORMAT", f"mandatory tag {tag} is missing"):
        rig.read(card({tag: None}))


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("5A", ""),
        ("5A", "62" * 11),
        ("57", ""),
        ("57", "62" * 20),
        ("5F24", "3012"),
        ("5F24", "20301231"),
        ("5F25", "01"),
        ("5F28", "01"),
        ("5F34", "0001"),
        ("8C", ""),
        ("8D", ""),
        ("9F07", "FF"),
        ("9F08", "00"),
        ("9F0D", "FF" * 4),
        ("9F0E", "FF" * 6),
        ("9F0F", ""),
        ("9F14", ""),
        ("9F23", "0101"),
        ("9F42", "156000"),
    ],
)
def test_an_element_of_a_wrong_length(rig: Rig, tag: str, value: str) -> None:
    with refused("FORMAT", f"tag {tag}: expected"):
        rig.read(card({tag: value}))


@pytest.mark.parametrize("tag", ["5F24", "5F25"])
@pytest.mark.parametrize(
    "date", ["301331", "300031", "260100", "260132", "3A1231", "A01231", "300A31", "30122A", "3012FF"]
)
def test_a_date_that_is_none(rig: Rig, tag: str, date: str) -> None:
    with refused("FORMAT", f"tag {tag}:"):
        rig.read(card({tag: date}))


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("9F02", "999999999999"),
        ("9F1A", "0840"),
        ("9F33", "FFFFFF"),
        ("9F35", "21"),
        ("9F37", "00000000"),
        ("95", "FFFFFFFFFF"),
        ("9B", "FFFF"),
        ("9F06", "A000000003"),
        ("84", "A000000003"),
        ("9F09", "0099"),
    ],
)
def test_the_card_cannot_speak_for_the_terminal(rig: Rig, tag: str, value: str) -> None:
    rig.initiated(card())
    before = rig.tag(int(tag, 16))
    rig.read(card({tag: value}))
    assert rig.tag(int(tag, 16)) == before
    assert rig.tvr == "0000000000"


@pytest.mark.parametrize("tag", ["8A", "91", "9F26", "9F27", "9F36", "9F10", "9F5B", "98", "9F16", "9F4E"])
def test_the_card_cannot_supply_what_comes_from_elsewhere(rig: Rig, tag: str) -> None:
    value = {"9F26": "00" * 8, "9F27": "40", "9F36": "0001"}.get(tag, "3030")
    rig.read(card({tag: value}))
    assert rig.tag(int(tag, 16)) is None


def test_templates_inside_a_record_and_zeros_around_objects_are_passed_over(rig: Rig) -> None:
    content = tlv(
        "70", "00", tlv("5A", "6200000000000005"), "0000", tlv("A5", tlv("5A", "63")), tlv("5F24", "301231"), "00"
    )
    test_card = card(
        more={
            GPO: tlv("80", "1C00", "08010200") + "9000",
            "00B2010C": content + "9000",
            "00B2020C": record({"8C": "9F3704", "8D": "8A02"}),
        }
    )
    rig.read(test_card)
    assert rig.tag(0x5A) == "6200000000000005"
    assert rig.tag(0xA5) is None


def test_a_card_cannot_fill_the_heap(rig: Rig) -> None:
    """Forty records of a kilobyte each, which the AFL may well ask for."""
    more: dict[str, str | list[str]] = {GPO: tlv("80", "1C00", "08012800") + "9000"}
    for number in range(1, 41):
        more[f"00B2{number:02X}0C"] = tlv("70", tlv(f"DF{number:02X}", "00" * 1000)) + "9000"
    test_card = card(more=more)
    with refused("FORMAT", "more than 8192 bytes of data from the card"):
        rig.read(test_card)
    assert len(test_card.sent("00B2")) == 9


def test_many_small_elements_fill_the_heap_as_well(rig: Rig) -> None:
    more: dict[str, str | list[str]] = {GPO: tlv("80", "1C00", "08012800") + "9000"}
    for number in range(1, 41):
        small = (tlv(f"DF{0x80 | number:X}{index:02X}", "00") for index in range(40))
        more[f"00B2{number:02X}0C"] = tlv("70", *small) + "9000"
    test_card = card(more=more)
    with refused("FORMAT", "more than 8192 bytes of data from the card"):
        rig.read(test_card)
    assert len(test_card.sent("00B2")) == 12  # 40 elements each, which count as 17 bytes


def test_only_the_files_of_emv_are_interpreted(rig: Rig) -> None:
    """Files 1 to 10 are; 11 to 30 are read and left alone."""
    more: dict[str, str | list[str]] = {
        GPO: tlv("80", "1C00", "08010100", "50010100", "58010100", "F0010100") + "9000",
        "00B20154": record({"9F42": "0156"}),
        "00B2015C": record({"9F44": "02"}),
        "00B201F4": "FFFF9000",
    }
    rig.read(card(more=more))
    assert (rig.tag(0x9F42), rig.tag(0x9F44)) == ("0156", None)


def test_a_record_of_254_bytes(rig: Rig) -> None:
    test_card = card({"9F46": "AB" * 144, "8E": None, "9F32": "03"})
    rig.read(test_card)
    assert rig.tag(0x9F46) == "AB" * 144


def test_what_the_transport_raises_passes_through(rig: Rig) -> None:
    rig.initiated(card())
    del rig.card.answers["00B2010C"]
    with pytest.raises(DeviceError) as error:
        rig.step("read_records")
    assert (error.value.type, error.value.args_repr) == ("OSError", "('no answer to 00B2010C00',)")
    with refused("SEQUENCE"):
        rig.step("read_records")


def test_a_sale_sends_these_commands_and_no_other(rig: Rig) -> None:
    rig.asked(card())
    assert [command[:4] for command in rig.card.log] == ["00A4", "00A4", "00A4", "00A4", "80A8", "00B2", "80AE"]
