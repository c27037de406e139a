"""Application selection: directory, list of AIDs, order, final SELECT (EMV Book 1 section 12)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import AID, PSE, UNIONPAY_ENTRY, VISA, VISA_ENTRY, Card, Rig, fci, refused, text, tlv

SELECT_PSE = "00A404000E" + PSE
SELECT_UNIONPAY = "00A4040006A00000033301"
NEXT_UNIONPAY = "00A4040206A00000033301"
SELECT_VISA = "00A4040007" + VISA
PSE_FCI = tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "01"))) + "9000"


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start(UNIONPAY_ENTRY, VISA_ENTRY)


def entry(aid: str, label: str, priority: str | None = None, *more: str) -> str:
    return tlv("61", tlv("4F", aid), tlv("50", text(label)), *([tlv("87", priority)] if priority else []), *more)


def with_directory(*records: str, **more: str | list[str]) -> Card:
    answers: dict[str, str | list[str]] = {SELECT_PSE: PSE_FCI}
    for number, content in enumerate(records, 1):
        answers[f"00B2{number:02X}0C"] = tlv("70", content) + "9000"
    answers[f"00B2{len(records) + 1:02X}0C"] = "6A83"
    answers["00A40400"] = "6A82"
    answers.update(more)
    return Card(answers)


def without_directory(answers: dict[str, str | list[str]]) -> Card:
    return Card({SELECT_PSE: "6A82", "00A40400": "6A82", "00A40402": "6A82", **answers})


def found(rig: Rig, card: Card) -> list[tuple[str, str, int, bool]]:
    rig.card = card
    listed: list[Any] = rig.step("candidates")
    return [(aid.hex().upper(), label, priority, confirm) for aid, label, priority, confirm in listed]


def test_the_directory_gives_the_list(rig: Rig) -> None:
    card = with_directory(entry(AID, "UnionPay Debit", "01"))
    assert found(rig, card) == [(AID, "UnionPay Debit", 1, False)]
    assert card.log == [SELECT_PSE + "00", "00B2010C00", "00B2020C00"]


@pytest.mark.parametrize("aid", ["A00000033301", "A00000033301" + "FF" * 10])
def test_the_shortest_and_the_longest_name(rig: Rig, aid: str) -> None:
    assert [name for name, *_ in found(rig, with_directory(entry(aid, "U")))] == [aid]
    assert [name for name, *_ in found(rig, without_directory({SELECT_UNIONPAY: fci(aid)}))] == [aid]


def test_a_name_that_is_only_the_registered_provider(device: Bench) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, "aid": bytes.fromhex("A000000333")})
    card = without_directory({"00A4040005A000000333": fci("A000000333")})
    assert [aid for aid, *_ in found(rig, card)] == ["A000000333"]


def test_several_entries_in_several_records_by_priority(rig: Rig) -> None:
    card = with_directory(
        entry(VISA + "01", "None") + entry(VISA + "02", "Third", "03"),
        entry("A0000000041010", "Not of this terminal", "01"),
        entry(AID, "Second", "82") + entry(VISA, "First", "01") + entry("A00000033301FF", "Also second", "02"),
    )
    assert found(rig, card) == [
        (VISA, "First", 1, False),
        (AID, "Second", 2, True),
        ("A00000033301FF", "Also second", 2, False),
        (VISA + "02", "Third", 3, False),
        (VISA + "01", "None", 0, False),
    ]


def test_a_record_without_entries_is_passed_over(rig: Rig) -> None:
    card = with_directory(tlv("9F7F", "00"), entry(AID, "UnionPay"))
    assert [aid for aid, *_ in found(rig, card)] == [AID]


def test_other_objects_in_an_entry_are_ignored(rig: Rig) -> None:
    card = with_directory(entry(AID, "UnionPay", "01", tlv("73", tlv("5F56", text("CHN"))), tlv("9F0A", "00")))
    assert [aid for aid, *_ in found(rig, card)] == [AID]


def test_the_same_application_twice_is_listed_once(rig: Rig) -> None:
    assert len(found(rig, with_directory(entry(AID, "A") + entry(AID, "B")))) == 1


@pytest.mark.parametrize(
    "directory",
    [
        {SELECT_PSE: "6A82"},  # none
        {SELECT_PSE: "6283"},  # blocked
        {SELECT_PSE: PSE_FCI[:-4] + "6283"},
        {SELECT_PSE: "6D00"},
        {SELECT_PSE: tlv("6F", tlv("84", PSE), tlv("A5", "")) + "9000"},  # no SFI
        {SELECT_PSE: tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "00"))) + "9000"},
        {SELECT_PSE: tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "0B"))) + "9000"},  # beyond 10
        {SELECT_PSE: tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "0101"))) + "9000"},
        {SELECT_PSE: tlv("6F", tlv("84", PSE)) + "9000"},  # no A5
        {SELECT_PSE: tlv("6F", tlv("A5", tlv("88", "01"))) + "9000"},  # no 84
        {SELECT_PSE: tlv("70", tlv("84", PSE)) + "9000"},  # another template
        {SELECT_PSE: "6F2084009000"},  # longer than it is
        {SELECT_PSE: "9000"},
        {SELECT_PSE: PSE_FCI, "00B2010C": "6A83"},  # empty
        {SELECT_PSE: PSE_FCI, "00B2010C": "6A82"},
        {SELECT_PSE: PSE_FCI, "00B2010C": "6700"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", entry(VISA, "V")) + "9000", "00B2020C": "6985"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("77", entry(VISA, "V")) + "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", tlv("61", tlv("50", "41"))) + "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", entry("A0000000", "V")) + "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", entry(VISA, "V", "0101")) + "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", "61054F07A000") + "9000", "00B2020C": "6A83"},
        {SELECT_PSE: PSE_FCI, "00B2010C": tlv("70", entry("A0000000041010", "MC")) + "9000", "00B2020C": "6A83"},
    ],
)
def test_a_directory_that_is_of_no_use_leads_to_the_list_of_aids(
    rig: Rig, directory: dict[str, str | list[str]]
) -> None:
    card = without_directory({**directory, SELECT_UNIONPAY: fci(AID, tlv("50", text("Card")))})
    assert found(rig, card) == [(AID, "Card", 0, False)]
    assert card.sent(SELECT_VISA)


def test_an_endless_directory_ends(rig: Rig) -> None:
    card = with_directory()
    card.answers["00B2"] = tlv("70", entry(AID, "UnionPay")) + "9000"
    del card.answers["00B2010C"]
    assert [aid for aid, *_ in found(rig, card)] == [AID]
    assert len(card.sent("00B2")) == 254


def test_a_blocked_card_ends_the_session(rig: Rig) -> None:
    rig.card = Card({SELECT_PSE: "6A81"})
    with refused("TERMINATE", "6A81"):
        rig.step("candidates")
    rig.card = Card({SELECT_PSE: "6A82", SELECT_UNIONPAY: "6A81"})
    with refused("TERMINATE", "6A81"):
        rig.step("candidates")


def test_6a81_for_a_later_aid_is_only_a_missing_application(rig: Rig) -> None:
    card = without_directory({SELECT_UNIONPAY: fci(AID), SELECT_VISA: "6A81"})
    assert [aid for aid, *_ in found(rig, card)] == [AID]


def test_no_application_in_common(rig: Rig) -> None:
    rig.card = without_directory({})
    with refused("NOT_ACCEPTED"):
        rig.step("candidates")
    assert rig.card.log == [SELECT_PSE + "00", SELECT_UNIONPAY + "00", SELECT_VISA + "00"]


def test_partial_names_are_followed_by_select_next(rig: Rig) -> None:
    card = without_directory(
        {
            SELECT_UNIONPAY: fci(AID, tlv("87", "02")),
            NEXT_UNIONPAY: [fci("A000000333010102", tlv("87", "01")), fci("A000000333010103"), "6A82"],
        }
    )
    assert [aid for aid, *_ in found(rig, card)] == ["A000000333010102", AID, "A000000333010103"]


def test_select_next_that_gives_the_same_name_again_ends(rig: Rig) -> None:
    card = without_directory({SELECT_UNIONPAY: fci(AID), NEXT_UNIONPAY: fci("A000000333010102")})
    assert len(found(rig, card)) == 2
    assert len(card.sent(NEXT_UNIONPAY)) == 2


def test_an_exact_name_needs_no_select_next(rig: Rig) -> None:
    card = without_directory({SELECT_VISA: fci(VISA)})
    assert [aid for aid, *_ in found(rig, card)] == [VISA]
    assert not card.sent("00A40402")


def test_an_entry_that_wants_the_exact_name(device: Bench) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, "partial": False}, VISA_ENTRY)
    rig.card = card = without_directory({SELECT_UNIONPAY: fci(AID)})
    with refused("NOT_ACCEPTED"):
        rig.step("candidates")
    assert not card.sent("00A40402")
    rig.card = card = with_directory(entry(AID, "Longer") + entry("A00000033301", "Exact"))
    assert [aid for aid, *_ in found(rig, card)] == ["A00000033301"]


def test_a_blocked_application_is_not_listed(rig: Rig) -> None:
    card = without_directory({SELECT_VISA: fci(VISA)[:-4] + "6283"})
    rig.card = card
    with refused("NOT_ACCEPTED"):
        rig.step("candidates")
    card = without_directory(
        {SELECT_UNIONPAY: fci(AID)[:-4] + "6283", NEXT_UNIONPAY: [fci("A000000333010102"), "6A82"]}
    )
    assert [aid for aid, *_ in found(rig, card)] == ["A000000333010102"]


@pytest.mark.parametrize(
    "answer",
    [
        fci("A000000333"),  # shorter than the AID
        fci("A0000000041010"),  # another name
        fci(AID + "0000000000000000FF"),  # 17 bytes
        tlv("6F", tlv("84", AID)) + "9000",
        tlv("6F", tlv("A5", "")) + "9000",
        fci(AID, tlv("87", "")),
        fci(AID, tlv("87", "0101")),
        fci(AID, "50FF41"),
        fci(AID)[:-4] + "5F009000",
        fci(AID)[:-4] + "6F009000",
        "9000",
        "6999",
    ],
)
def test_a_malformed_fci_is_no_application(rig: Rig, answer: str) -> None:
    card = without_directory({SELECT_UNIONPAY: answer, SELECT_VISA: fci(VISA)})
    assert [aid for aid, *_ in found(rig, card)] == [VISA]


@pytest.mark.parametrize(
    ("objects", "label"),
    [
        ([tlv("50", text("LABEL")), tlv("9F12", text("Préféré")), tlv("9F11", "01")], "Préféré"),
        ([tlv("50", text("LABEL")), tlv("9F12", text("X")), tlv("9F11", "01")], "X"),
        ([tlv("50", text("LABEL")), tlv("9F12", text("x" * 16)), tlv("9F11", "01")], "x" * 16),
        ([tlv("50", text("LABEL")), tlv("9F12", text("Name")), tlv("9F11", "02")], "LABEL"),  # table not shown here
        ([tlv("50", text("LABEL")), tlv("9F12", text("Name"))], "LABEL"),  # no table named
        ([tlv("50", text("LABEL")), tlv("9F12", text("Name")), tlv("9F11", "0101")], "LABEL"),
        ([tlv("50", text("LABEL")), tlv("9F12", text("Name")), tlv("9F11", "00")], "LABEL"),
        ([tlv("50", text("LABEL")), tlv("9F12", ""), tlv("9F11", "01")], "LABEL"),
        ([tlv("50", text("LABEL")), tlv("9F12", text("x" * 17)), tlv("9F11", "01")], "LABEL"),
        ([tlv("50", text("LA\x00B\x1bEL"))], "LA B EL"),
        ([tlv("50", text("caf\xe9"))], "caf "),  # the common character set only
        ([tlv("50", text("twenty characters ok"))], "twenty character"),
        ([], ""),
    ],
)
def test_the_name_to_show(rig: Rig, objects: list[str], label: str) -> None:
    card = without_directory({SELECT_VISA: fci(VISA, *objects)})
    assert found(rig, card)[0][1] == label


def test_the_longest_aid_decides_whose_parameters_apply(device: Bench) -> None:
    longer = {**UNIONPAY_ENTRY, "aid": bytes.fromhex(AID), "version": b"\x99\x99"}
    rig = Rig(device).start(UNIONPAY_ENTRY, longer)
    rig.card = with_directory(entry(AID, "U"), **{"00A4040008" + AID: fci(AID), "80A8": "6985"})
    rig.steps(("candidates",), ("select", 0))
    with refused("RESELECT"):
        rig.step("initiate", 0, 0, 0, b"\x26\x11\x23", b"\0\0\0", 1)
    assert rig.tag(0x9F09) == "9999"


def test_final_select_keeps_what_the_fci_says(rig: Rig) -> None:
    rig.card = with_directory(
        entry(AID, "U"),
        **{"00A4040008" + AID: fci(AID, tlv("50", "41"), tlv("9F38", "9F0206"), tlv("5F2D", text("zh")))},
    )
    assert rig.steps(("candidates",), ("select", 0)) is True
    assert rig.card.log[-1] == "00A4040008" + AID + "00"
    assert rig.tag(0x9F06) == rig.tag(0x84) == AID
    assert rig.tag(0x9F38) == "9F0206"
    assert rig.tag(0x5F2D) == text("zh")


@pytest.mark.parametrize(
    "answer",
    [
        "6283",
        fci(AID)[:-4] + "6283",
        "6A82",
        "6A81",
        fci("A000000333010102"),
        fci(AID + "01"),
        tlv("6F", tlv("84", AID)) + "9000",
        "9000",
    ],
)
def test_an_application_that_cannot_be_selected_after_all_is_dropped(rig: Rig, answer: str) -> None:
    rig.card = with_directory(entry(AID, "U", "01") + entry(VISA, "V", "02"), **{"00A4040008" + AID: answer})
    rig.step("candidates")
    assert rig.step("select", 0) is False
    assert rig.remaining == [VISA]
    with refused("SEQUENCE"):
        rig.step("initiate", 0, 0, 0, b"\x26\x11\x23", b"\0\0\0", 1)


@pytest.mark.parametrize("answer", ["", "90"])
def test_an_answer_without_status_word(rig: Rig, answer: str) -> None:
    rig.card = Card({SELECT_PSE: answer})
    with refused("FORMAT", "command A4: expected SW1 SW2"):
        rig.step("candidates")
