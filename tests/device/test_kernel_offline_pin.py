"""Offline PIN, plaintext and enciphered: blocks, tries, bypass, keys (EMV Book 3 6.5.12 and 10.5.1, Book 2 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import psec
import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from .kernel_rig import Card, Rig, card, refused, tlv
from .kernel_signer import Chain, signed_card

CAPABLE = bytes.fromhex("E0F8C8")
CHALLENGE = "C0C1C2C3C4C5C6C7"
AMOUNTS = "0000000000000000"
CHAIN = Chain(pin=80)


class Pad:
    """The cardholder: gives these PINs in turn, None is a bypass; `asked` are the tries left that it was told."""

    def __init__(self, *pins: str | None) -> None:
        self.pins = list(pins)
        self.asked: list[int] = []

    def __call__(self, tries: int) -> bytes | None:
        self.asked.append(tries)
        pin = self.pins.pop(0)
        return None if pin is None else pin.encode()


def pin_card(rules: str, answers: Mapping[str, str | list[str]] | None = None) -> Card:
    more: dict[str, str | list[str]] = {"80CA9F17": tlv("9F17", "03") + "9000", "0020": "9000", **(answers or {})}
    return card({"8E": AMOUNTS + rules}, more=more)


def enciphering_card(
    rules: str, chain: Chain = CHAIN, aip: str = "1D00", answers: Mapping[str, str | list[str]] | None = None
) -> Card:
    more: dict[str, str | list[str]] = {
        "80CA9F17": tlv("9F17", "03") + "9000",
        "0020": "9000",
        "0084": CHALLENGE + "9000",
        **(answers or {}),
    }
    return signed_card(chain, aip=aip, objects={"8E": AMOUNTS + rules}, more=more)


def verify(device: Bench, test_card: Card, pad: Callable[[int], bytes | None], **terminal: Any) -> tuple[Rig, str]:
    rig = Rig(device).start(**{"capabilities": CAPABLE, "capks": [CHAIN.capk()], **terminal})
    rig.read(test_card)
    device.call("kernel_probe:secrets_left")
    rig.offline_pin = pad
    outcome: str = rig.step("cardholder_verification")
    return rig, outcome


def result(rig: Rig) -> tuple[str | None, str]:
    """CVM Results and TVR byte 3; the TSI says that it was done."""
    assert rig.tsi == "4000"
    assert rig.tvr[:4] + rig.tvr[6:] == "00000000"
    return rig.tag(0x9F34), rig.tvr[4:6]


def assert_wiped(device: Bench, buffers: int) -> None:
    assert device.call("kernel_probe:secrets_left") == (buffers, False)


@pytest.mark.parametrize("pin", ["1234", "12345", "987654", "0000000", "12345678", "123456789012"])
def test_plaintext_pin(device: Bench, pin: str) -> None:
    pad = Pad(pin)
    rig, outcome = verify(device, pin_card("0100"), pad)
    assert (outcome, *result(rig)) == ("OFFLINE_PIN", "010002", "00")
    assert rig.card.sent("0020") == ["0020008008" + psec.pinblock.encode_pinblock_iso_2(pin).hex().upper()]
    assert pad.asked == [3]
    assert_wiped(device, 2)


@pytest.mark.parametrize(
    ("answers", "pins", "asked", "outcome", "results", "byte_3"),
    [
        (["9000"], ["1234"], [3], "OFFLINE_PIN", "410002", "00"),
        (["63C2", "9000"], ["1111", "1234"], [3, 2], "OFFLINE_PIN", "410002", "00"),
        (["63C2", "63C1", "9000"], ["1111", "2222", "1234"], [3, 2, 1], "OFFLINE_PIN", "410002", "00"),
        (["63C2", "63C1", "63C0"], ["1111", "2222", "3333"], [3, 2, 1], "FAILED", "410001", "A0"),
        (["6983"], ["1234"], [3], "FAILED", "410001", "A0"),
        (["6984"], ["1234"], [3], "FAILED", "410001", "A0"),
        (["63C2", "6983"], ["1111", "1234"], [3, 2], "FAILED", "410001", "A0"),
        (["63C2"], ["1111", None], [3, 2], "FAILED", "410001", "88"),
        ([], [None], [3], "FAILED", "410001", "88"),
        (["63CF", "9000"], ["1111", "1234"], [3, 15], "OFFLINE_PIN", "410002", "00"),
    ],
)
def test_tries(
    device: Bench,
    answers: list[str],
    pins: list[str | None],
    asked: list[int],
    outcome: str,
    results: str,
    byte_3: str,
) -> None:
    pad = Pad(*pins)
    rig, found = verify(device, pin_card("4100", {"0020": answers}), pad)
    assert (found, *result(rig)) == (outcome, results, byte_3)
    assert pad.asked == asked
    assert len(rig.card.sent("0020")) == len([pin for pin in pins if pin])
    assert_wiped(device, 2 * len([pin for pin in pins if pin]))


@pytest.mark.parametrize("answer", ["6A81", "6A88", "9000", "9F17", tlv("9F17", "0303") + "9000", "9F3601039000"])
def test_a_card_that_does_not_tell_its_tries(device: Bench, answer: str) -> None:
    pad = Pad("1234")
    rig, outcome = verify(device, pin_card("0100", {"80CA9F17": answer}), pad)
    assert (outcome, *result(rig)) == ("OFFLINE_PIN", "010002", "00")
    assert pad.asked == [-1]


@pytest.mark.parametrize(
    ("rules", "outcome", "results", "byte_3"),
    [("0100", "FAILED", "010001", "A0"), ("4100 1E00", "SIGNATURE", "1E0000", "20"), ("4100 4400 5E00", "", "", "")],
)
def test_no_try_left_no_question(device: Bench, rules: str, outcome: str, results: str, byte_3: str) -> None:
    rig, found = verify(device, pin_card(rules, {"80CA9F17": tlv("9F17", "00") + "9000"}), Pad())
    if outcome:
        assert (found, *result(rig)) == (outcome, results, byte_3)
    else:
        assert (found, *result(rig)) == ("SIGNATURE", "5E0000", "20")
        assert len(rig.card.sent("80CA9F17")) == 2
    assert not rig.card.sent("0020")


@pytest.mark.parametrize("sw", ["6985", "6A80", "6700", "6300", "63D2", "6F00", "6283"])
def test_an_unknown_status_terminates(device: Bench, sw: str) -> None:
    with refused("TERMINATE", f"VERIFY: SW {sw}"):
        verify(device, pin_card("4100 1E00", {"0020": sw}), Pad("1234"))
    assert_wiped(device, 2)


def test_a_card_pulled_while_it_has_the_pin(device: Bench) -> None:
    test_card = pin_card("0100")
    del test_card.answers["0020"]
    with pytest.raises(DeviceError, match="no answer to"):
        verify(device, test_card, Pad("1234"))
    assert_wiped(device, 2)


@pytest.mark.parametrize("pin", ["123", "1234567890123", "12a4", "12:4"])
def test_a_pad_that_gives_no_pin(device: Bench, pin: str) -> None:
    with refused("CONFIG", "PIN: expected"):
        verify(device, pin_card("0100"), Pad(pin))
    assert_wiped(device, 1)


@pytest.mark.parametrize(
    ("rules", "bypass_once", "outcome", "results", "byte_3", "asked"),
    [
        ("4100 4200", True, "FAILED", "420001", "88", 1),
        ("4100 4400 1E00", True, "SIGNATURE", "1E0000", "08", 1),
        ("4100 0300", True, "FAILED", "030001", "88", 1),
        ("4100 0400", False, "FAILED", "040001", "88", 2),
        ("4100 1F00", False, "NONE", "1F0002", "08", 1),
        ("0100 1F00", True, "FAILED", "010001", "88", 1),
    ],
)
def test_bypass(
    device: Bench, rules: str, bypass_once: bool, outcome: str, results: str, byte_3: str, asked: int
) -> None:
    pad = Pad(None, None)
    rig, found = verify(device, enciphering_card(rules), pad, bypass_once=bypass_once)
    assert (found, *result(rig)) == (outcome, results, byte_3)
    assert len(pad.asked) == asked


def test_an_online_pin_bypassed_bypasses_the_offline_pin(device: Bench) -> None:
    rig = Rig(device).start(capabilities=CAPABLE)
    rig.pin = lambda: False
    rig.read(pin_card("4200 4100 1E00"))
    assert rig.step("cardholder_verification") == "SIGNATURE"
    assert result(rig) == ("1E0000", "08")
    assert not rig.card.sent("80CA")


@pytest.mark.parametrize(
    ("rules", "outcome", "results", "byte_3"),
    [("0100", "FAILED", "010001", "90"), ("4100 4300 1E00", "SIGNATURE", "1E0000", "10")],
)
def test_a_terminal_whose_pin_pad_is_away(device: Bench, rules: str, outcome: str, results: str, byte_3: str) -> None:
    rig, found = verify(device, pin_card(rules), Pad(), pin_pad=False)
    assert (found, *result(rig)) == (outcome, results, byte_3)
    assert not rig.card.sent("80CA")


@pytest.mark.parametrize(
    ("byte_2", "rules", "results", "byte_3", "outcome"),
    [
        ("78", "4100 1E00", "1E0000", "10", "SIGNATURE"),  # enciphered only
        ("E8", "4400 1E00", "1E0000", "10", "SIGNATURE"),  # plaintext only
        ("E8", "4403 0103", "010302", "00", "OFFLINE_PIN"),
        ("D8", "4300 0103", "010302", "10", "OFFLINE_PIN"),  # no signature, so no combination with it
        ("D8", "4303 0503 1F03", "1F0302", "00", "NONE"),
    ],
)
def test_what_9f33_claims(device: Bench, byte_2: str, rules: str, results: str, byte_3: str, outcome: str) -> None:
    rig, found = verify(device, pin_card(rules), Pad("1234"), capabilities=bytes.fromhex("E0" + byte_2 + "00"))
    assert (found, *result(rig)) == (outcome, results, byte_3)


@pytest.mark.parametrize(
    ("rules", "answers", "outcome", "results", "byte_3"),
    [
        ("0300", ["9000"], "SIGNATURE", "030000", "00"),
        ("4503", ["63C2", "9000"], "SIGNATURE", "450300", "00"),
        ("0300", ["63C0"], "FAILED", "030001", "A0"),
        ("4500 1E00", ["6983"], "SIGNATURE", "1E0000", "20"),
    ],
)
def test_pin_and_signature(
    device: Bench, rules: str, answers: list[str], outcome: str, results: str, byte_3: str
) -> None:
    rig, found = verify(device, enciphering_card(rules, answers={"0020": answers}), Pad("1234", "1234"))
    assert (found, *result(rig)) == (outcome, results, byte_3)


def deciphered(rig: Rig, chain: Chain) -> list[bytes]:
    """The blocks of every VERIFY under the key that the chain has for it."""
    key = chain.pin_key if chain.pin else chain.icc_key
    found = []
    for command in rig.card.sent("0020"):
        assert command.startswith(f"00200088{key.size:02X}")
        found.append(key.decipher(bytes.fromhex(command[10:])))
    return found


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    "chain",
    [
        Chain(pin=80),
        Chain(pin=60),  # no remainder
        Chain(248, 248, 96, pin=248),
        Chain(),  # the ICC's own key
        Chain(144, 128, 128, exponent=65537),
    ],
)
@pytest.mark.parametrize("aip", ["1D00", "3C00", "1C00"])  # the key is there from CDA or DDA, or is not
def test_enciphered_pin(device: Bench, chain: Chain, aip: str) -> None:
    rig = Rig(device).start(capabilities=CAPABLE, capks=[chain.capk()])
    rig.read(enciphering_card("0400", chain, aip))
    rig.step("data_authentication")
    before = rig.tvr
    pad = rig.offline_pin = Pad("123456")
    device.call("kernel_probe:secrets_left")
    assert rig.step("cardholder_verification") == "OFFLINE_PIN"
    assert (rig.tag(0x9F34), rig.tvr, pad.asked) == ("040002", before, [3])
    assert rig.card.sent("0084") == ["0084000000"]
    (block,) = deciphered(rig, chain)
    expected = b"\x7f" + psec.pinblock.encode_pinblock_iso_2("123456") + bytes.fromhex(CHALLENGE)
    assert block == expected + rig.entropy(len(block) - 17)
    assert_wiped(device, 1)


def test_each_try_has_its_own_challenge(device: Bench) -> None:
    test_card = enciphering_card(
        "0400", answers={"0020": ["63C2", "9000"], "0084": [CHALLENGE + "9000", "11" * 8 + "9000"]}
    )
    rig, outcome = verify(device, test_card, Pad("1111", "1234"))
    assert (outcome, *result(rig)) == ("OFFLINE_PIN", "040002", "00")
    assert [block[9:17].hex().upper() for block in deciphered(rig, CHAIN)] == [CHALLENGE, "11" * 8]


@pytest.mark.parametrize("answer", ["6985", "6A81", "11" * 7 + "9000", "11" * 9 + "9000", "9000"])
def test_no_good_challenge(device: Bench, answer: str) -> None:
    rig, outcome = verify(device, enciphering_card("4400 1E00", answers={"0084": answer}), Pad("1234"))
    assert (outcome, *result(rig)) == ("SIGNATURE", "1E0000", "00")
    assert not rig.card.sent("0020")
    assert_wiped(device, 1)


@pytest.mark.parametrize(
    ("part", "spoilt", "why"),
    [
        ("pin_certificate", {"hash_xor": 1}, "ICC PIN certificate: hash"),
        ("pin_certificate", {"number": "6200000000000006"}, "of another PAN"),
        ("pin_certificate", {"expiry": "1026"}, "expired"),
        ("pin_certificate", {"form": 2}, "format 02"),
        ("issuer_certificate", {"hash_xor": 1}, "issuer certificate: hash"),
        ("chain", {"changes": {"9F2E": None}}, "9F2E is missing"),
        ("chain", {"changes": {"9F2F": None}}, "9F2F is missing"),
        ("chain", {"changes": {"90": None}}, "90 is missing"),
        ("chain", {"pin": 0, "changes": {"9F46": None}}, "9F46 is missing"),
        ("chain", {"pin": 0, "changes": {"9F4A": "84"}}, "9F4A"),
        ("chain", {"pin": 16}, "key: 16 bytes"),
    ],
)
def test_no_good_key(device: Bench, part: str, spoilt: dict[str, Any], why: str) -> None:
    """The method fails without a question; offline data authentication is not what is judged here."""
    chain = CHAIN.spoil(part, **spoilt)
    rig, outcome = verify(device, enciphering_card("0400", chain), Pad())
    assert (outcome, *result(rig)) == ("FAILED", "040001", "80")
    assert why in rig.why
    assert not rig.card.sent("0084")


def test_the_icc_certificate_counts_if_there_is_no_pin_certificate(device: Bench) -> None:
    chain = Chain().spoil("icc_certificate", hash_xor=1)
    rig, outcome = verify(device, enciphering_card("4400 1F00", chain), Pad())
    assert (outcome, *result(rig)) == ("NONE", "1F0002", "00")
