"""Action analysis and first GENERATE AC, every legal and illegal answer (EMV Book 3 10.7, 10.8, 6.5.5, 9.3)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import ARQC, CDOL1, UNIONPAY_ENTRY, Rig, card, refused, text, tlv

NO_TAC = {"tac_denial": bytes(5), "tac_online": bytes(5), "tac_default": bytes(5)}
NO_IAC = {"9F0D": "0000000000", "9F0E": "0000000000", "9F0F": "0000000000"}
BODY = ARQC[2:]
AAC, TC, ONLINE = "00", "40", "80"


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def requested(rig: Rig) -> str:
    """P1 of the one GENERATE AC."""
    (command,) = rig.card.sent("80AE")
    return command[4:6]


# TVR of this transaction before the cryptogram: 80 00 04 00 00.
@pytest.mark.parametrize(
    ("terminal_type", "tac", "iac", "request_type"),
    [
        (0x22, {}, NO_IAC, TC),
        (0x22, {"tac_denial": "8000000000"}, NO_IAC, AAC),
        (0x22, {"tac_denial": "7FFFFBFFFF"}, NO_IAC, TC),  # every bit but those that are set
        (0x22, {"tac_denial": "0000040000"}, NO_IAC, AAC),
        (0x22, {}, {**NO_IAC, "9F0E": "8000000000"}, AAC),
        (0x22, {}, {**NO_IAC, "9F0E": "7FFFFBFFFF"}, TC),
        (0x22, {"tac_online": "8000000000"}, NO_IAC, ONLINE),
        (0x22, {"tac_online": "7FFFFBFFFF"}, NO_IAC, TC),
        (0x22, {}, {**NO_IAC, "9F0F": "0000040000"}, ONLINE),
        (0x22, {}, {**NO_IAC, "9F0D": "FFFFFFFFFF"}, TC),  # Default codes are for those who cannot go online
        (0x22, {"tac_default": "FFFFFFFFFF"}, NO_IAC, TC),
        (0x22, {"tac_denial": "8000000000", "tac_online": "8000000000"}, NO_IAC, AAC),  # denial comes first
        (0x25, {"tac_online": "8000000000"}, NO_IAC, ONLINE),
        # Absent issuer codes: denial 00.., online and default FF..
        (0x22, {}, {}, ONLINE),
        (0x23, {}, {}, AAC),
        (0x22, {}, {"9F0F": "0000000000"}, TC),
        (0x23, {}, {"9F0D": "0000000000"}, TC),
        # Online-only: ARQC unless denied.
        (0x21, {}, NO_IAC, ONLINE),
        (0x24, {}, NO_IAC, ONLINE),
        (0x21, {"tac_denial": "8000000000"}, NO_IAC, AAC),
        # Offline-only: Default codes instead of Online ones.
        (0x23, {"tac_online": "FFFFFFFFFF"}, NO_IAC, TC),
        (0x23, {"tac_default": "8000000000"}, NO_IAC, AAC),
        (0x26, {}, {**NO_IAC, "9F0D": "0000040000"}, AAC),
        (0x26, {}, NO_IAC, TC),
    ],
)
def test_what_is_asked_for(
    device: Bench, terminal_type: int, tac: dict[str, str], iac: dict[str, str], request_type: str
) -> None:
    entry = {**UNIONPAY_ENTRY, **NO_TAC, **{name: bytes.fromhex(code) for name, code in tac.items()}}
    rig = Rig(device).start(entry, terminal_type=terminal_type)
    rig.checked(card(iac, gac1=request_type + BODY))
    assert rig.tvr == "8000040000"
    outcome = rig.step("first_generate_ac")
    assert requested(rig) == request_type
    assert outcome == {AAC: "AAC", TC: "TC", ONLINE: "ARQC"}[request_type]
    assert rig.tag(0x8A) == {AAC: text("Z1"), TC: text("Y1"), ONLINE: None}[request_type]
    assert (rig.tvr, rig.tsi) == ("8000040000", "6800")


def start_for(device: Bench, request_type: str) -> Rig:
    entry: dict[str, Any] = {**UNIONPAY_ENTRY, **NO_TAC}
    if request_type == AAC:
        entry["tac_denial"] = b"\xff" * 5
    elif request_type == ONLINE:
        entry["tac_online"] = b"\xff" * 5
    return Rig(device).start(entry)


@pytest.mark.parametrize(
    ("asked", "answered", "outcome"),
    [
        (TC, TC, "TC"),
        (TC, ONLINE, "ARQC"),
        (TC, AAC, "AAC"),
        (ONLINE, ONLINE, "ARQC"),
        (ONLINE, AAC, "AAC"),
        (AAC, AAC, "AAC"),
        (ONLINE, TC, None),
        (AAC, TC, None),
        (AAC, ONLINE, None),
        (TC, "C0", None),
        (ONLINE, "C0", None),
        (AAC, "C0", None),
    ],
)
def test_the_card_may_only_lower_the_request(device: Bench, asked: str, answered: str, outcome: str | None) -> None:
    rig = start_for(device, asked)
    rig.checked(card(NO_IAC, gac1=answered + BODY))
    if outcome is None:
        with refused("TERMINATE", f"asked for {asked}, the card answers {answered}"):
            rig.step("first_generate_ac")
        with refused("SEQUENCE"):
            rig.step("complete", b"00", b"")
        return
    assert rig.step("first_generate_ac") == outcome
    assert requested(rig) == asked
    code = rig.tag(0x8A)
    assert code == {"TC": text("Y1"), "AAC": text("Z1"), "ARQC": None}[outcome]
    assert rig.tsi == "6800"


def test_cdol1_carries_the_state_of_the_moment(rig: Rig) -> None:
    rig.asked(card({"8C": CDOL1 + "9B02 9F3403 5F3401 9F1002 8A02", "5F34": "07"}), amount=20000)
    sent = "000000020000 000000000000 0156 8000048000 0156 261123 00 A0A1A2A3 4800 420300 07 0000 0000".replace(" ", "")
    assert rig.card.sent("80AE") == [f"80AE8000{len(sent) // 2:02X}{sent}00"]


def test_format_80(rig: Rig) -> None:
    rig.asked(card())
    assert [rig.tag(tag) for tag in (0x9F27, 0x9F36, 0x9F26, 0x9F10)] == [
        "80",
        "0012",
        "1122334455667788",
        "07010103A04002010A",
    ]


def test_format_80_without_issuer_application_data(rig: Rig) -> None:
    rig.asked(card(gac1=ARQC[:22]))
    assert rig.tag(0x9F10) is None


def test_format_77_in_any_order(rig: Rig) -> None:
    answer = tlv("77", tlv("9F10", "0102"), tlv("9F26", "AA" * 8), tlv("9F36", "0033"), "00", tlv("9F27", "80"))
    rig.asked(card(more={"80AE": answer + "9000"}))
    assert [rig.tag(tag) for tag in (0x9F27, 0x9F36, 0x9F26, 0x9F10)] == ["80", "0033", "AA" * 8, "0102"]


def test_format_77_may_hold_more_but_not_change_the_terminal(rig: Rig) -> None:
    answer = tlv("77", tlv("9F26", "AA" * 8), tlv("9F36", "0033"), tlv("9F27", "80"), tlv("95", "0000000000"))
    rig.asked(card(more={"80AE": answer + "9000"}))
    assert rig.tvr == "8000040000"


GOOD = (tlv("9F27", "80"), tlv("9F36", "0001"), tlv("9F26", "AA" * 8), tlv("9F10", "01"))


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ("", "expected template 77, found no data"),
        ("8000", "template 80: expected 11 to 43 bytes, found 0"),
        (tlv("80", ARQC[:20]), "template 80: expected 11 to 43 bytes, found 10"),
        (tlv("80", ARQC[:22], "00" * 33), "template 80: expected 11 to 43 bytes, found 44"),
        (tlv("80", ARQC) + "5000", "found tag 50"),
        ("8020" + ARQC.replace(" ", ""), "length 32"),
        (tlv("70", *GOOD), "expected one template 77, found tag 70"),
        (tlv("77", *GOOD[1:]), "tag 9F27 is missing"),
        (tlv("77", GOOD[0], *GOOD[2:]), "tag 9F36 is missing"),
        (tlv("77", *GOOD[:2]), "tag 9F26 is missing"),
        (tlv("77", *GOOD, GOOD[0]), "tag 9F27: second occurrence"),
        (tlv("77", *GOOD, GOOD[3]), "tag 9F10: second occurrence"),
        (tlv("77", tlv("9F27", "8000"), *GOOD[1:]), "tag 9F27: expected 1 to 1 bytes, found 2"),
        (tlv("77", tlv("9F27", ""), *GOOD[1:]), "tag 9F27: expected 1 to 1 bytes, found 0"),
        (tlv("77", GOOD[0], tlv("9F36", "01"), *GOOD[2:]), "tag 9F36: expected 2 to 2 bytes, found 1"),
        (tlv("77", *GOOD[:2], tlv("9F26", "AA" * 7)), "tag 9F26: expected 8 to 8 bytes, found 7"),
        (tlv("77", *GOOD[:3], tlv("9F10", "AA" * 33)), "tag 9F10: expected 0 to 32 bytes, found 33"),
        (tlv("77", *GOOD, "9F"), "inside a tag"),
        (tlv("77", *GOOD, "5005"), "length 5"),
    ],
)
def test_a_malformed_answer(rig: Rig, answer: str, detail: str) -> None:
    rig.checked(card(more={"80AE": answer + "9000"}))
    with refused("FORMAT", detail):
        rig.step("first_generate_ac")
    assert rig.tsi == "4800"


@pytest.mark.parametrize("sw", ["6985", "6A80", "6700", "6283", "6D00"])
def test_a_refusal_ends_the_session(rig: Rig, sw: str) -> None:
    rig.checked(card(more={"80AE": sw}))
    with refused("TERMINATE", f"GENERATE AC: SW {sw}"):
        rig.step("first_generate_ac")


@pytest.mark.parametrize(
    ("cid", "reason", "advice"), [("00", 0, False), ("01", 1, False), ("0A", 2, True), ("0B", 3, True), ("08", 0, True)]
)
def test_reason_and_advice_in_the_cid(device: Bench, cid: str, reason: int, advice: bool) -> None:
    rig = start_for(device, TC)
    rig.checked(card(NO_IAC, gac1=cid + BODY))
    assert rig.step("first_generate_ac") == "AAC"
    assert rig.step("reason_code") == reason
    assert rig.step("advice_required") is advice


def test_there_is_no_reason_before_there_is_a_cryptogram(rig: Rig) -> None:
    rig.checked(card())
    assert rig.step("reason_code") == 0
    assert rig.step("advice_required") is False


def test_a_malformed_cdol_is_found_before_anything_is_sent(rig: Rig) -> None:
    rig.checked(card({"8C": "9F02069F"}))
    with refused("FORMAT", "inside a tag"):
        rig.step("first_generate_ac")
    assert not rig.card.sent("80AE")


def test_a_cdol_that_no_command_can_hold(rig: Rig) -> None:
    rig.checked(card({"8C": "9F4E80 9F4E80"}))
    with refused("FORMAT", "data of 256 bytes, at most 255 fit"):
        rig.step("first_generate_ac")


@pytest.mark.parametrize(
    ("objects", "tdol", "hashed", "byte_5"),
    [
        ({"97": "9F0206 5F2A02"}, b"", "000000001234 0156", "00"),  # the card's
        ({"97": ""}, b"\x9a\x03", "", "00"),
        ({}, b"\x9a\x03", "261123", "80"),  # the payment system's default
        ({}, b"", "", "80"),  # none: no data
    ],
)
def test_tc_hash(device: Bench, objects: dict[str, str], tdol: bytes, hashed: str, byte_5: str) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, "tdol": tdol})
    rig.asked(card({"8C": "9505 9814", **objects}))
    digest = hashlib.sha1(bytes.fromhex(hashed), usedforsecurity=False).hexdigest().upper()
    assert rig.card.sent("80AE") == [f"80AE80001980000400{byte_5}{digest}00"]
    assert rig.tvr == "80000400" + byte_5


def test_the_default_tdol_counts_in_the_action_analysis(device: Bench) -> None:
    rig = Rig(device).start({**UNIONPAY_ENTRY, **NO_TAC, "tac_denial": bytes.fromhex("0000000080")})
    rig.checked(card({"8C": "9814", **NO_IAC}, gac1=AAC + BODY))
    assert rig.step("first_generate_ac") == "AAC"
    assert (requested(rig), rig.tvr) == (AAC, "8000040080")


@pytest.mark.parametrize(
    "left_out", ["data_authentication", "restrictions", "cardholder_verification", "risk_management"]
)
def test_no_cryptogram_before_every_check(rig: Rig, left_out: str) -> None:
    rig.read(card())
    for step in ("data_authentication", "restrictions", "cardholder_verification", "risk_management"):
        if step != left_out:
            rig.step(step)
    with refused("SEQUENCE"):
        rig.step("first_generate_ac")
    assert not rig.card.sent("80AE")


def test_one_first_cryptogram_only(rig: Rig) -> None:
    rig.asked(card())
    with refused("SEQUENCE"):
        rig.step("first_generate_ac")
    assert len(rig.card.sent("80AE")) == 1
