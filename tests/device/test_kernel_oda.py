"""Offline data authentication: SDA, DDA and the keys of CDA, right and wrong in every field (EMV Book 2, 5 and 6)."""

from __future__ import annotations

from typing import Any

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_rig import UNIONPAY_ENTRY, Rig, refused, tlv
from .kernel_signer import INDEX, RID, Certificate, Chain, SigningCard, key, signed_card

ALL_METHODS = bytes.fromhex("E068C8")
AIP = {"SDA": "5C00", "DDA": "3C00", "CDA": "1D00"}
FAILED = {"SDA": 0x42, "DDA": 0x08, "CDA": 0x04}
PASSED = {"SDA": 0x02, "DDA": 0x00, "CDA": 0x00}
CHAIN = Chain()


def authenticate(
    device: Bench, chain: Chain, method: str, *, terminal: dict[str, Any] | None = None, **card: Any
) -> Rig:
    """The kernel after this step with a card of the chain."""
    aids = [{**UNIONPAY_ENTRY, **(terminal or {}).pop("aid", {})}]
    options = {"capabilities": ALL_METHODS, "capks": [chain.capk()], **(terminal or {})}
    rig = Rig(device).start(*aids, **options)
    rig.read(card.pop("card", None) or signed_card(chain, aip=AIP[method], **card))
    rig.step("data_authentication")
    return rig


def assert_failed(rig: Rig, method: str, why: str, missing: bool = False) -> None:
    byte_1 = FAILED[method] | (0x20 if missing else 0)
    assert (rig.tvr, rig.tsi) == (f"{byte_1:02X}00000000", "8000")
    assert why in rig.why


def assert_passed(rig: Rig, method: str) -> None:
    assert (rig.tvr, rig.tsi) == (f"{PASSED[method]:02X}00000000", "0000" if method == "CDA" else "8000"), rig.why
    assert rig.why == method
    assert rig.tag(0x9F22) == f"{INDEX:02X}"
    assert rig.tag(0x9F45) == ("DAC0" if method == "SDA" else None)
    assert rig.tag(0x9F4C) == ("11223344" if method == "DDA" else None)


@pytest.mark.one_in(3)
@pytest.mark.parametrize("method", ["SDA", "DDA", "CDA"])
@pytest.mark.parametrize(
    ("ca", "issuer", "icc", "exponent"),
    [
        (128, 112, 96, 3),  # both with remainder
        (128, 92, 50, 3),  # both fit exactly
        (128, 93, 52, 3),  # one byte more than fits
        (128, 80, 64, 65537),
        (128, 128, 128, 65537),
        (176, 144, 128, 3),
        (248, 248, 248, 3),  # 1984 bits
        (248, 176, 128, 65537),
        (249 - 1, 144, 61, 3),
    ],
)
def test_key_lengths(device: Bench, method: str, ca: int, issuer: int, icc: int, exponent: int) -> None:
    assert_passed(authenticate(device, Chain(ca, issuer, icc, exponent=exponent), method), method)


@pytest.mark.parametrize(
    ("aip", "byte_3", "method"),
    [
        ("7D00", "C8", "CDA"),
        ("7D00", "C0", "DDA"),
        ("7D00", "80", "SDA"),
        ("7D00", "08", "CDA"),
        ("7D00", "20", ""),
        ("FC00", "C8", "DDA"),  # XDA is not there
        ("5C00", "C8", "SDA"),
        ("1D00", "C0", ""),
        ("3C00", "88", ""),
        ("1C00", "C8", ""),
    ],
)
def test_the_best_method_in_common(device: Bench, aip: str, byte_3: str, method: str) -> None:
    terminal = {"capabilities": bytes.fromhex("E068" + byte_3)}
    rig = authenticate(device, CHAIN, "", terminal=terminal, card=signed_card(CHAIN, aip=aip))
    if method:
        assert_passed(rig, method)
    else:
        assert (rig.tvr, rig.tsi, rig.why) == ("8000000000", "0000", "no method in common")
    assert len(rig.card.sent("0088")) == (method == "DDA")


@pytest.mark.one_in(2)
@pytest.mark.parametrize("method", ["SDA", "DDA", "CDA"])
@pytest.mark.parametrize("tag", ["8F", "90", "92", "9F32", "93", "9F46", "9F47", "9F48"])
def test_a_data_element_is_missing(device: Bench, method: str, tag: str) -> None:
    rig = authenticate(device, CHAIN.spoil("chain", changes={tag: None}), method)
    needed = tag not in ("9F46", "9F47", "9F48") if method == "SDA" else tag != "93"
    if needed:
        assert_failed(rig, method, f"{tag} is missing", missing=True)
    else:
        assert_passed(rig, method)


@pytest.mark.one_in(2)
@pytest.mark.parametrize("part", ["issuer_certificate", "icc_certificate"])
@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"header": 0x6B}, "header 6B"),
        ({"trailer": 0xCC}, "trailer CC"),
        ({"form": 3}, "format 03"),
        ({"hash_algorithm": 2}, "algorithms 02 01"),
        ({"algorithm": 2}, "algorithms 01 02"),
        ({"hash_xor": 1}, "hash"),
        ({"number": "620001"}, "of another"),
        ({"number": "621"}, "of another"),
        ({"expiry": "1026"}, "expired"),
        ({"expiry": "1225"}, "expired"),
        ({"expiry": "1299"}, "expired"),  # 1999
        ({"expiry": "0030"}, "expired"),
        ({"expiry": "1330"}, "expired"),
        ({"cut": 1}, "bytes under a key of"),
        ({"size_xor": 1}, "key of"),
        ({"size_xor": 0x80}, "key of"),
        ({"exponent_size_xor": 1}, "exponent of 0 bytes, 1 found"),
    ],
)
def test_a_wrong_certificate(device: Bench, part: str, spoilt: dict[str, Any], why: str) -> None:
    chain = CHAIN.spoil(part, **spoilt)
    name = "issuer certificate: " if part == "issuer_certificate" else "ICC certificate: "
    for method in ("SDA", "DDA", "CDA"):
        rig = authenticate(device, chain, method)
        if method == "SDA" and part == "icc_certificate":
            assert_passed(rig, method)
        else:
            assert_failed(rig, method, why)
            assert name in rig.why
            assert not rig.card.sent("0088")


@pytest.mark.parametrize(
    ("part", "spoilt"),
    [
        ("issuer_certificate", {"number": "620"}),
        ("issuer_certificate", {"number": "62000000"}),
        ("issuer_certificate", {"expiry": "1126"}),  # the month of the transaction
        ("icc_certificate", {"expiry": "1126"}),
        ("icc_certificate", {"expiry": "1249"}),
    ],
)
def test_a_right_certificate(device: Bench, part: str, spoilt: dict[str, Any]) -> None:
    assert_passed(authenticate(device, CHAIN.spoil(part, **spoilt), "CDA"), "CDA")


@pytest.mark.parametrize("number", ["62", "", "6200000F"])
def test_an_issuer_number_of_wrong_length(device: Bench, number: str) -> None:
    chain = CHAIN.spoil("issuer_certificate", number=number)
    rig = authenticate(device, chain, "DDA")
    if number == "6200000F":
        assert_passed(rig, "DDA")  # seven digits
    else:
        assert_failed(rig, "DDA", "of another issuer")


@pytest.mark.parametrize(
    ("pan", "certified"), [("6200000000000005F", "6200000000000005"), ("62000000000000051", "62000000000000051")]
)
def test_pans_of_odd_length(device: Bench, pan: str, certified: str) -> None:
    chain = Chain(icc_certificate=Certificate(certified, 20, 4))
    objects = {"5A": pan if len(pan) % 2 == 0 else pan + "F"}
    assert_passed(authenticate(device, chain, "DDA", objects=objects), "DDA")


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"header": 0x00}, "header 00"),
        ({"trailer": 0xBB}, "trailer BB"),
        ({"form": 5}, "format 05"),
        ({"hash_algorithm": 2}, "hash algorithm 02"),
        ({"hash_xor": 0x80}, "hash"),
        ({"cut": 2}, "110 bytes under a key of 112"),
    ],
)
def test_wrong_signed_static_data(device: Bench, spoilt: dict[str, Any], why: str) -> None:
    assert_failed(authenticate(device, CHAIN.spoil("static", **spoilt), "SDA"), "SDA", "93: " + why)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"header": 0x00}, "header 00"),
        ({"trailer": 0xBB}, "trailer BB"),
        ({"form": 3}, "format 03"),
        ({"hash_algorithm": 2}, "hash algorithm 02"),
        ({"hash_xor": 0x80}, "hash"),
        ({"cut": 1}, "95 bytes under a key of 96"),
        ({"number": b"1"}, "dynamic data of 2 bytes"),
        ({"number": b"123456789"}, "dynamic data of 10 bytes"),
        ({"number_size": 5}, "dynamic data of 5 bytes"),
        ({"size": 0}, "dynamic data of 0 bytes"),
        ({"size": 72}, "dynamic data of 72 bytes"),
        ({"size": 255}, "dynamic data of 255 bytes"),
    ],
)
def test_a_wrong_dynamic_signature(device: Bench, spoilt: dict[str, Any], why: str) -> None:
    assert_failed(authenticate(device, CHAIN.spoil("dynamic", **spoilt), "DDA"), "DDA", "9F4B: " + why)


@pytest.mark.parametrize("template", ["77", "80"])
@pytest.mark.parametrize("number", [b"\x01\x02", b"12345678"])
def test_dynamic_numbers_in_both_formats(device: Bench, template: str, number: bytes) -> None:
    rig = authenticate(device, CHAIN.spoil("dynamic", number=number, template=template), "DDA")
    assert (rig.tvr, rig.tsi, rig.tag(0x9F4C)) == ("0000000000", "8000", number.hex().upper())


@pytest.mark.parametrize(
    ("ddol", "default", "sent"),
    [
        (None, "9F3704", "A0A1A2A3"),
        ("9F3704", "", "A0A1A2A3"),
        ("9F02069F37049A03", "9F3704", "000000001234A0A1A2A3261123"),
        ("9F3702DF0101", "", "A0A100"),
        ("9F0206", "9F3704", None),
        ("", "9F3704", None),
        ("9F37", "9F3704", None),
        (None, "", None),
        (None, "9A03", None),
    ],
)
def test_ddol(device: Bench, ddol: str | None, default: str, sent: str | None) -> None:
    terminal = {"aid": {"ddol": bytes.fromhex(default)}}
    rig = authenticate(device, CHAIN, "DDA", terminal=terminal, objects={} if ddol is None else {"9F49": ddol})
    if sent is None:
        assert_failed(rig, "DDA", "9F49")
        assert not rig.card.sent("0088")
    else:
        assert_passed(rig, "DDA")
        assert rig.card.sent("0088") == [f"00880000{len(sent) // 2:02X}{sent}00"]


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        ("6985", "TERMINATE", "INTERNAL AUTHENTICATE: SW 6985"),
        ("6283", "TERMINATE", "SW 6283"),
        ("9000", "FORMAT", ""),
        ("77009000", "FORMAT", "9F4B is missing"),
        ("7F019000", "FORMAT", ""),
    ],
)
def test_internal_authenticate_refused(device: Bench, answer: str, reason: str, detail: str) -> None:
    with refused(reason, detail):
        authenticate(device, CHAIN, "DDA", more={"0088": answer})


@pytest.mark.parametrize("method", ["SDA", "DDA", "CDA"])
@pytest.mark.parametrize(
    ("tags", "passes"), [("82", True), ("", False), ("8284", False), ("84", False), ("9F02", False)]
)
def test_static_tag_list(device: Bench, method: str, tags: str, passes: bool) -> None:
    rig = authenticate(device, CHAIN, method, objects={"9F4A": tags})
    if passes:
        assert_passed(rig, method)
    else:
        assert_failed(rig, method, "9F4A")


@pytest.mark.parametrize("method", ["SDA", "DDA", "CDA"])
def test_static_data_changed(device: Bench, method: str) -> None:
    card = signed_card(CHAIN, aip=AIP[method])
    card.answers["00B2010C"] = str(card.answers["00B2010C"]).replace("5F2403301231", "5F2403311231")
    assert_failed(authenticate(device, CHAIN, method, card=card), method, "hash")


@pytest.mark.parametrize("method", ["SDA", "DDA", "CDA"])
@pytest.mark.parametrize(
    ("capk", "passes"),
    [
        ({}, True),
        ({"expiry": b"\x26\x11\x23"}, True),
        ({"expiry": b"\x26\x11\x22"}, False),
        ({"index": INDEX + 1}, False),
        ({"rid": b"\xa0\0\0\0\3"}, False),
    ],
)
def test_the_terminals_key(device: Bench, method: str, capk: dict[str, Any], passes: bool) -> None:
    other = CHAIN.capk(index=INDEX ^ 0x80)
    rig = authenticate(device, CHAIN, method, terminal={"capks": [other, CHAIN.capk(**capk)]})
    if passes:
        assert_passed(rig, method)
    else:
        assert_failed(rig, method, "8F")


def test_no_key_at_all_and_an_odd_index(device: Bench) -> None:
    assert_failed(authenticate(device, CHAIN, "DDA", terminal={"capks": []}), "DDA", "8F")
    chain = CHAIN.spoil("chain", changes={"8F": f"{INDEX:02X}00"})
    assert_failed(authenticate(device, chain, "DDA"), "DDA", "8F")


@pytest.mark.parametrize(
    ("entry", "passes"),
    [
        (f"{RID}{INDEX:02X}000001", False),
        (f"{RID}{INDEX:02X}000002", True),
        (f"{RID}{INDEX + 1:02X}000001", True),
        (f"A000000003{INDEX:02X}000001", True),
    ],
)
def test_revoked_issuer_certificate(device: Bench, entry: str, passes: bool) -> None:
    terminal = {"revoked": bytes.fromhex("11" * 9 + entry)}
    rig = authenticate(device, CHAIN, "CDA", terminal=terminal)
    if passes:
        assert_passed(rig, "CDA")
    else:
        assert_failed(rig, "CDA", "revoked")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"rid": b"\xa0\0\0\0"}, "RID: expected 5 bytes, found 4"),
        ({"index": 256}, "index: expected 0 to 255, found 256"),
        ({"modulus": b"\x80" * 63}, "modulus: expected 64 to 248 bytes, the first not 00, found 63"),
        ({"modulus": b"\x80" * 249}, "found 249"),
        ({"modulus": b"\x00" + b"\x80" * 127}, "the first not 00"),
        ({"exponent": 2}, "exponent: expected 3 or 65537, found 2"),
        ({"expiry": b"\x30\x12"}, "expiry: expected 3 bytes, found 2"),
        ({"checksum": bytes(20)}, "checksum does not fit"),
        ({"checksum": b""}, "checksum does not fit"),
    ],
)
def test_a_damaged_key_of_the_terminal(device: Bench, change: dict[str, Any], detail: str) -> None:
    with refused("CONFIG", detail):
        Rig(device).start(capks=[{**CHAIN.capk(), **change}])


def card_with_file_11(first: str, signed: str) -> SigningCard:
    """A card one of whose signed records is in file 11; `first`: what it answers there, `signed`: what it signed."""
    card = signed_card(CHAIN, aip=AIP["SDA"])
    static = bytes.fromhex(str(card.answers["00B2010C"]))[2:-2] + bytes.fromhex(signed)
    values = CHAIN.objects(static)
    card.answers["80A80000"] = tlv("80", AIP["SDA"], "08010101", "58010201", f"1001{len(values):02X}00") + "9000"
    for number, (tag, value) in enumerate(values.items(), 1):
        card.answers[f"00B2{number:02X}14"] = tlv("70", tlv(tag, value)) + "9000"
    card.answers["00B2015C"] = first + "9000"
    card.answers["00B2025C"] = "DEAD9000"  # not signed: whatever it is
    return card


def test_records_of_files_above_10_are_signed_with_their_template(device: Bench) -> None:
    record = tlv("70", tlv("DF01", "112233"))
    assert_passed(authenticate(device, CHAIN, "SDA", card=card_with_file_11(record, record)), "SDA")
    rig = authenticate(device, CHAIN, "SDA", card=card_with_file_11(record, tlv("DF01", "112233")))
    assert_failed(rig, "SDA", "hash")


@pytest.mark.parametrize("record", ["", "DF0103112233", "7001", "7003DF01005570"])
def test_a_signed_record_that_is_no_template(device: Bench, record: str) -> None:
    rig = authenticate(device, CHAIN, "SDA", card=card_with_file_11(record, record))
    assert_failed(rig, "SDA", "a signed record is no template 70")


@pytest.mark.parametrize("remainder", ["00", "55" * 15, "55" * 17])
def test_a_remainder_of_wrong_length(device: Bench, remainder: str) -> None:
    rig = authenticate(device, CHAIN.spoil("chain", changes={"92": remainder}), "SDA")
    assert_failed(rig, "SDA", "issuer certificate: hash")


def test_a_key_that_is_longer_than_it_says(device: Bench) -> None:
    """Hash and all are right, only the length of the key is not."""
    for size_xor, why in ((0x01, "key of 113 bytes, 112 found"), (0x80, "key of 240 bytes in 128")):
        rig = authenticate(device, CHAIN.spoil("issuer_certificate", size_xor=size_xor), "SDA")
        assert_failed(rig, "SDA", why)


def test_more_signed_records_than_there_is_room_for(device: Bench) -> None:
    card = signed_card(CHAIN, aip=AIP["SDA"])
    card.answers["80A80000"] = tlv("80", AIP["SDA"], "08010101", "5801FEFE") + "9000"
    card.answers["00B2"] = tlv("70", tlv("DF01", "55" * 200)) + "9000"
    with refused("FORMAT", "more than 8192 bytes are signed"):
        authenticate(device, CHAIN, "SDA", card=card)


def test_the_public_operation(device: Bench) -> None:
    for size, exponent in ((64, 3), (128, 65537), (248, 3)):
        pair = key("icc", size, exponent)
        signed = pair.sign(b"\x6a" * size)
        n = pair.modulus
        assert device.call("crypto.rsa:apply", signed, pair.modulus_bytes, exponent) == b"\x6a" * size
        for base in (0, 1, n - 1, n + 5, 2**512 + 12345):
            assert device.call("crypto.rsa:by_squaring", base, exponent, n) == pow(base, exponent, n)
