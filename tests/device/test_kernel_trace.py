"""What surrounds the steps: trace records, language, account type, fallback, refunds and zero amounts."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from .kernel_rig import AID, ARQC, PSE, UNIONPAY_ENTRY, Card, Rig, card, fci, refused, text, tlv
from .kernel_signer import Chain, signed_card

AAC = "00" + ARQC[2:]


@pytest.fixture
def rig(device: Bench) -> Rig:
    return Rig(device).start()


def records(device: Bench) -> list[tuple[str, str, str, str, str]]:
    """Step, TVR before and after, TSI, reason, of each step since the last time."""
    found: list[tuple[str, bytes, bytes, bytes, str]] = device.call("kernel_probe:trace")
    return [(step, a.hex().upper(), b.hex().upper(), tsi.hex().upper(), why) for step, a, b, tsi, why in found]


def test_a_sale_step_by_step(device: Bench) -> None:
    chain = Chain().spoil("icc_certificate", hash_xor=1)
    rig = Rig(device).start(capabilities=bytes.fromhex("E068C8"), capks=[chain.capk()])
    device.call("kernel_probe:listen")
    rig.card = signed_card(chain, aip="1D00", objects={"5F24": "261122"})
    rig.checked(rig.card, amount=20000)
    rig.step("first_generate_ac")
    rig.step("complete", b"00", b"")
    assert records(device) == [
        ("candidates", "0000000000", "0000000000", "0000", ""),
        ("select", "0000000000", "0000000000", "0000", ""),
        ("initiate", "0000000000", "0000000000", "0000", ""),
        ("read_records", "0000000000", "0000000000", "0000", ""),
        ("data_authentication", "0000000000", "0400000000", "8000", "CDA: ICC certificate: hash"),
        ("restrictions", "0400000000", "0440000000", "8000", "expired"),
        ("cardholder_verification", "0440000000", "0440040000", "C000", "rule 42 03"),
        ("risk_management", "0440040000", "0440048000", "C800", "floor limit"),
        ("first_generate_ac", "0440048000", "0440048000", "E800", "action code Online: TVR byte 1, 04"),
        ("complete", "0440048000", "0440048000", "E800", "the issuer approves"),
    ]


def test_a_step_that_ends_in_an_error(device: Bench) -> None:
    rig = Rig(device).start()
    device.call("kernel_probe:listen")
    with refused("TERMINATE"):
        rig.initiated(card(more={"80A80000": "6A80"}))
    assert records(device)[-1] == (
        "initiate",
        "0000000000",
        "0000000000",
        "0000",
        "TERMINATE: GET PROCESSING OPTIONS: SW 6A80",
    )
    pulled = card()
    del pulled.answers["80A80000"]
    with pytest.raises(DeviceError):
        rig.initiated(pulled)
    assert records(device)[-1][4] == "OSError"


def test_without_a_listener_a_step_costs_nothing(device: Bench) -> None:
    """No record is made: the same steps leave the same heap."""
    rig = Rig(device).start()
    for _ in range(3):
        rig.checked(card())
    before = device.call("kernel_probe:heap")
    for _ in range(5):
        rig.checked(card())
    assert device.call("kernel_probe:heap") <= before + 64


@pytest.mark.parametrize(
    ("amount", "tac", "reason"),
    [
        (20000, "tac_denial", "action code Denial: TVR byte 4, 80"),
        (20000, "tac_online", "action code Online: TVR byte 4, 80, the card answers 00"),
        (1, "", "no action code Online, the card answers 00"),
    ],
)
def test_the_reason_of_the_decision(device: Bench, amount: int, tac: str, reason: str) -> None:
    codes = {"tac_denial": bytes(5), "tac_online": bytes(5), "tac_default": bytes(5)}
    if tac:
        codes[tac] = bytes.fromhex("0000008000")
    rig = Rig(device).start({**UNIONPAY_ENTRY, **codes})
    objects = {"9F0D": "00" * 5, "9F0F": "00" * 5}
    rig.checked(card(objects, gac1=AAC), amount=amount)
    assert rig.step("first_generate_ac") == "AAC"
    assert rig.why == reason


def test_an_online_only_terminal_says_so(device: Bench) -> None:
    rig = Rig(device).start(terminal_type=0x21)
    rig.checked(card())
    rig.step("first_generate_ac")
    assert rig.why == "online-only terminal"


def language_card(pse: str | None, application: str | None) -> Card:
    """A card with a directory; 5F2D in its FCI and in the application's."""
    entry = tlv("61", tlv("4F", AID), tlv("50", text("CARD")))
    more: dict[str, str | list[str]] = {
        "00A40400 0E" + PSE: tlv("6F", tlv("84", PSE), tlv("A5", tlv("88", "01") + _language(pse))) + "9000",
        "00A40400": fci(AID, tlv("50", text("CARD")), _language(application)),
        "00B2010C": tlv("70", entry) + "9000",
        "00B2020C": "6A83",
    }
    return card(more=more)


def _language(value: str | None) -> str:
    return "" if value is None else tlv("5F2D", text(value))


@pytest.mark.parametrize(
    ("pse", "application", "supported", "before", "after"),
    [
        ("zhen", None, ["zh", "en"], "zh", "zh"),
        ("enzh", None, ["zh", "en"], "en", "en"),
        ("defrzh", None, ["zh", "en"], "zh", "zh"),
        ("zh", "en", ["zh", "en"], "zh", "en"),
        (None, "EN", ["zh", "en"], None, "en"),
        (None, None, ["zh", "en"], None, None),
        (None, None, ["zh"], "zh", "zh"),
        ("de", "fr", ["zh", "en"], None, None),
        ("z", "zhe", ["zh", "en"], None, "zh"),
        ("", "", ["zh", "en"], None, None),
    ],
)
def test_language(
    rig: Rig, pse: str | None, application: str | None, supported: list[str], before: str | None, after: str | None
) -> None:
    rig.card = language_card(pse, application)
    rig.step("candidates")
    assert rig.step("language", tuple(supported)) == before
    rig.step("select", 0)
    assert rig.step("language", tuple(supported)) == after


def test_the_next_card_has_its_own_language(rig: Rig) -> None:
    rig.card = language_card("en", None)
    rig.step("candidates")
    rig.card = language_card(None, None)
    rig.step("candidates")
    assert rig.step("language", ("zh", "en")) is None


@pytest.mark.parametrize("account", [None, 0x00, 0x10, 0x20, 0x30])
def test_account_type(rig: Rig, account: int | None) -> None:
    rig.card = card({"8C": "5F5701"}, gac1=AAC)
    begin: Any = ("initiate", 1, 0, 0x00, bytes.fromhex("261123"), bytes.fromhex("101112"), 1)
    rig.steps(("candidates",), ("select", 0), (*begin, account), ("read_records",), ("request_aac",))
    assert rig.tag(0x5F57) == (None if account is None else f"{account:02X}")
    assert rig.card.sent("80AE") == [f"80AE000001{account or 0:02X}00"]


def test_an_account_type_in_a_record_is_not_believed(rig: Rig) -> None:
    rig.read(card({"5F57": "30"}))
    assert rig.tag(0x5F57) is None


@pytest.mark.parametrize(
    ("answers", "allowed"),
    [
        ({"00A40400": "6A82"}, True),  # nothing in common
        ({"00A40400": "6283"}, False),  # blocked
        ({"00A40400": fci()[:-4] + "6283"}, False),
        ({"00A40400 0E" + PSE: "6A81"}, False),
        ({"00A40400 0E" + PSE: "6283", "00A40400": "6A82"}, True),
        ({"00A40400 0E" + PSE: "6A82", "00A40400": "6A81"}, False),
        ({"00A40400": "9000"}, True),
    ],
)
def test_fallback_after_selection(rig: Rig, answers: dict[str, str], allowed: bool) -> None:
    rig.card = card(more=answers)
    with pytest.raises(DeviceError):
        rig.step("candidates")
    assert rig.fallback_allowed is allowed


def test_fallback_ends_when_the_application_starts(rig: Rig) -> None:
    rig.card = card(more={"80A80000": "6985"})
    rig.steps(("candidates",), ("select", 0))
    assert rig.fallback_allowed is True
    with refused("RESELECT"):
        rig.initiated(rig.card)
    assert rig.fallback_allowed is False


def test_no_fallback_for_an_application_that_is_found_blocked_in_the_end(rig: Rig) -> None:
    rig.card = card()
    rig.step("candidates")
    rig.card.answers["00A40400"] = "6283"
    assert rig.step("select", 0) is False
    assert rig.fallback_allowed is False


def test_a_card_pulled_early_may_fall_back(rig: Rig) -> None:
    rig.card = Card({})
    with pytest.raises(DeviceError):
        rig.step("candidates")
    assert rig.fallback_allowed is True


def test_a_refund_ends_with_an_aac(rig: Rig) -> None:
    rig.read(card(gac1=AAC), kind=0x20)
    assert rig.step("request_aac") == "AAC"
    assert (rig.tvr, rig.tsi, rig.tag(0x8A), rig.must_reverse) == ("0000000000", "2000", "5A31", False)
    assert [command[:8] for command in rig.card.sent("80AE")] == ["80AE0000"]
    for step in (("first_generate_ac",), ("request_aac",), ("complete", b"00", b"")):
        with refused("SEQUENCE"):
            rig.steps(step)


def test_a_card_that_raises_a_request_for_an_aac(rig: Rig) -> None:
    rig.read(card(), kind=0x20)
    with refused("TERMINATE", "asked for 00, the card answers 80"):
        rig.step("request_aac")


@pytest.mark.parametrize(("floor_limit", "decision"), [(0, "ARQC"), (1, "TC")])
def test_amount_zero(device: Bench, floor_limit: int, decision: str) -> None:
    """An enquiry: nothing is above the floor limit but a limit of zero."""
    entry = {**UNIONPAY_ENTRY, "floor_limit": floor_limit, "tac_online": bytes.fromhex("0000008000")}
    rig = Rig(device).start(entry)
    rig.checked(card({"9F0F": "00" * 5}, gac1=("80" if decision == "ARQC" else "40") + ARQC[2:]), amount=0)
    assert rig.step("first_generate_ac") == decision
    assert rig.tag(0x9F02) == "000000000000"
