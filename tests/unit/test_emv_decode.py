"""`tillbench emv decode` and `emv explain`: names, meanings, certificates; nothing that must stay hidden."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.cards import CardAuthority, VirtualCard, load_profile
from tillbench.host.cards.card_results import CardResults
from tillbench.host.cli.app import app
from tillbench.host.emv_decode import HexError, decode_tlv, decode_value, read_hex, recovered
from tillbench.protocols.emv import TlvError, card_results, tlv
from typer.testing import CliRunner, Result

from .cards_terminal import ARQC, Terminal, terminal_for
from .cards_versions import profile_of


def after_selection(name: str, **changes: object) -> tuple[VirtualCard, Terminal]:
    profile = load_profile(name).model_copy(update=changes)
    card = VirtualCard(profile)
    return card, terminal_for(card)


def opened(name: str) -> list[str]:
    card, terminal = after_selection(name)
    return recovered(terminal.values, CardAuthority().public_keys(card.profile))


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["emv", *arguments], input=stdin)


def test_the_verification_results_in_words() -> None:
    assert decode_tlv(bytes.fromhex("9F270180 9505800004E000")) == [
        "9F27 Cryptogram Information Data (CID): 80  (binary, 1 byte)",
        "  ARQC (go online)",
        "95 Terminal Verification Results (TVR): 800004E000  (binary, 5 bytes)",
        "  byte 1 bit 8: offline data authentication was not performed",
        "  byte 3 bit 3: online PIN entered",
        "  byte 4 bit 8: transaction exceeds floor limit",
        "  byte 4 bit 7: lower consecutive offline limit exceeded",
        "  byte 4 bit 6: upper consecutive offline limit exceeded",
    ]


def test_a_record_with_its_lists() -> None:
    lines = decode_tlv(bytes.fromhex("70 1D 5A086200000000000005 8C0595059F3704 8E0A00000000000013884203"))
    assert lines[0] == "70 READ RECORD Response Message Template, 29 bytes"
    assert "  5A Application Primary Account Number (PAN): 620000******0005  (compressed digits, 8 bytes)" in lines
    assert "    95 Terminal Verification Results (TVR), 5 bytes" in lines
    assert "    9F37 Unpredictable Number, 4 bytes" in lines
    assert "    X = 0, Y = 5000" in lines
    assert "    enciphered PIN online, if terminal supports the CVM, else next" in lines


RESULTS = [
    "    second cryptogram not requested, first ARQC",
    "    CVR byte 2 bit 3: offline PIN verification performed",
]


@pytest.mark.parametrize(
    ("tag", "value", "lines"),
    [
        (0x9F02, "000000001234", ["  1234 minor units"]),
        (0x9F02, "00000000123A", ["  ! expected digits"]),
        (
            0x95,
            "8000",
            ["  byte 1 bit 8: offline data authentication was not performed", "  ! expected 5 bytes, found 2"],
        ),
        (0x94, "08010100", ["  SFI 1 records 1 to 1, 0 in offline data authentication"]),
        (0x9F10, "06010A03A40000", ["  Visa 10, key index 01, card verification results 03A40000", *RESULTS]),
        (
            0x9F10,
            "06010E03A40000",
            ["  unknown version 0E, key index 01, card verification results 03A40000", *RESULTS],
        ),
        (0x9F34, "420300", ["  enciphered PIN online, if terminal supports the CVM: unknown"]),
        (0x84, "A0", ["  ! expected 5 to 16 bytes, found 1"]),
    ],
)
def test_values(tag: int, value: str, lines: list[str]) -> None:
    assert decode_value(tag, bytes.fromhex(value))[1:] == lines


@pytest.mark.parametrize("scheme", ["visa", "unionpay", "mastercard", "interac", "jcb"])
def test_issuer_application_data_is_told_apart(scheme: str) -> None:
    version = {"visa": 0x22, "unionpay": 1, "mastercard": 0x15, "interac": 0x85, "jcb": 0xA5}[scheme]
    named = {"visa": "Visa 22", "unionpay": "UnionPay 01", "mastercard": "M/Chip 15"} | {
        "interac": "Interac 133",
        "jcb": "EMV CCD 5",
    }
    terminal = terminal_for(VirtualCard(profile_of(scheme, version)))
    terminal.generate_ac(ARQC)
    assert f"  {named[scheme]}, key index 01, card verification" in decode_value(0x9F10, terminal.values[0x9F10])[1]


def test_certificates_are_opened() -> None:
    lines = opened("visa-pin-key")
    assert lines[:4] == [
        "90 Issuer Public Key Certificate, signed by the CA key FE",
        "  format 02, issuer 476173, good to 12/2030, serial number 000001",
        "  RSA key of 1024 bits, exponent 3, 20 bytes of it in 92",
        "  hash: right",
    ]
    assert "9F46 ICC Public Key Certificate, signed by the issuer's key" in lines
    assert "  format 04, PAN 476173******2123, good to 12/2030, serial number 000001" in lines
    pin = lines.index("9F2D ICC PIN Encipherment Public Key Certificate, signed by the issuer's key")
    assert lines[pin + 3] == "  hash: right"
    assert "4761739001012123" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unionpay-issuer-hash", "  ! hash: wrong"),
        ("unionpay-issuer-header", "no CA key known here opens the Issuer Public Key Certificate (90)"),
        ("unionpay-issuer-index", "CA key 00 is not known here: the certificates stay closed"),
        ("unionpay-issuer-missing", "no Issuer Public Key Certificate (90): nothing can be opened"),
        ("unionpay-issuer-no-remainder", "  ! the key is not whole: 108 of 128 bytes, exponent 1 of 1"),
        ("unionpay-issuer-hash-algorithm", "  ! algorithms 02 and 01: expected 01 (SHA-1) and 01 (RSA)"),
        ("unionpay-icc-length", "  ! the key does not open it"),
        ("unionpay-issuer-expired", "  format 02, issuer 620000, good to 06/2020, serial number 000001"),
        ("unionpay-issuer-revoked", "  format 02, issuer 620000, good to 12/2030, serial number 00DEAD"),
        ("unionpay-sda", "  format 03, data authentication code DAC1"),
        ("unionpay-no-ca-index", "90 Issuer Public Key Certificate, signed by the CA key FE"),
    ],
)
def test_what_is_wrong_with_a_certificate(name: str, said: str) -> None:
    assert said in opened(name)


def test_a_dynamic_signature_is_opened() -> None:
    card, terminal = after_selection("visa-dda-default-ddol")
    answer = terminal.send(0x00, 0x88, 0, 0, terminal.values[0x9F37])
    terminal.values[0x9F4B] = next(o.value for o in tlv.walk(tlv.parse(answer.data)) if o.tag in (0x9F4B, 0x80))
    lines = recovered(terminal.values, CardAuthority().public_keys(card.profile))
    assert lines[-1] == "  hash over the unpredictable number 9F37 alone: right"
    terminal.values[0x9F37] = bytes(4)
    assert recovered(terminal.values, CardAuthority().public_keys(card.profile))[-1].endswith("wrong, or over more")


def test_a_combined_signature_is_opened() -> None:
    card, terminal = after_selection("unionpay-cda")
    terminal.generate_ac(ARQC | 0x10)
    lines = recovered(terminal.values, CardAuthority().public_keys(card.profile))
    assert any(line.startswith("  combined with CID 80, cryptogram ") for line in lines)


def test_the_hash_that_is_called_right_is_right() -> None:
    """Once more by hand (EMV 4.3 Book 2, table 6)."""
    card, terminal = after_selection("unionpay-sda")
    (key,) = CardAuthority().public_keys(card.profile)
    signature, exponent, modulus = (
        int.from_bytes(b, "big") for b in (terminal.values[0x90], key.exponent, key.modulus)
    )
    block = pow(signature, exponent, modulus).to_bytes(len(key.modulus), "big")
    hashed = block[1:-21] + terminal.values[0x92] + terminal.values[0x9F32]
    assert hashlib.sha1(hashed).digest() == block[-21:-1]


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_their_error(data: bytes) -> None:
    try:
        lines = decode_tlv(data)
    except TlvError:
        return
    assert recovered({item.tag: item.value for item in tlv.walk(tlv.parse(data))}, []) is not None
    assert len(lines) >= len(list(tlv.walk(tlv.parse(data))))


@given(st.binary(min_size=64, max_size=64), st.sampled_from([0x90, 0x93, 0x9F46, 0x9F4B]))
def test_no_certificate_raises(value: bytes, tag: int) -> None:
    key = CardAuthority().public_key(bytes(5), 0xF6)
    assert recovered({0x90: value, tag: value, 0x9F32: b"\x03", 0x9F47: b"\x03"}, [key])


@pytest.mark.parametrize("text", ["9F27 01 80", "0x9f 0x27,01:80", "9F27\n0180\n"])
def test_hexadecimal_as_people_paste_it(text: str) -> None:
    assert read_hex(text) == bytes.fromhex("9F270180")


@pytest.mark.parametrize(
    ("text", "said"), [("9F2x", "found 'x' at offset 3"), ("9F2", "even number of hexadecimal digits, found 3")]
)
def test_what_is_not_hexadecimal(text: str, said: str) -> None:
    with pytest.raises(HexError, match=said):
        read_hex(text)


def test_the_command() -> None:
    card, terminal = after_selection("unionpay-cda-1984")
    certificates = {tag: terminal.values[tag] for tag in (0x8F, 0x90, 0x92, 0x9F32, 0x9F46, 0x9F47, 0x5A)}
    data = tlv.encode_all(certificates.items()).hex(" ")
    done = run("decode", "-", stdin=data)
    assert done.exit_code == 0, done.stderr
    assert "    RSA key of 1640 bits, exponent 3" in done.stdout.splitlines()
    assert card.profile.pan not in done.stdout
    assert (
        run("decode", "--tag", "95", "8000048000").stdout.splitlines()[-1]
        == "  byte 4 bit 8: transaction exceeds floor limit"
    )
    for arguments, said in (
        (("decode", "9F27"), "HEX is no TLV: tag 9F27 at offset 2: expected a length byte, found the end of the data"),
        (("decode", "9G"), "expected hexadecimal digits, found 'G' at offset 1"),
        (("decode", "--tag", "9F", "00"), "--tag 9F: expected a tag such as 95 or 9F10"),
        (("decode", "--card", "vsa-cda", "9F270180"), "unknown card 'vsa-cda' (did you mean visa-cda?)"),
    ):
        failed = run(*arguments)
        assert (failed.exit_code, failed.stdout) == (2, "")
        assert said in failed.stderr


def test_explaining_a_cryptogram() -> None:
    _card, terminal = after_selection("visa-credit")
    terminal.generate_ac(ARQC)
    tags = (0x9F26, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x5F2A, 0x82, 0x9F1A)
    field_55 = {tag: terminal.values[tag] for tag in tags}
    right = run("explain", "--card", "visa-credit", tlv.encode_all(field_55.items()).hex())
    assert (right.exit_code, right.stdout) == (0, "the cryptogram verifies\n")
    field_55[0x9C] = b"\x01"
    wrong = run("explain", "--card", "visa-credit", tlv.encode_all(field_55.items()).hex())
    assert wrong.exit_code == 1
    assert wrong.stdout == "9C (Transaction Type): the card signed 00, the message has 01\n"


SAID = {
    "second": "second cryptogram TC, first ARQC",
    "offline_pin_performed": "offline PIN verification performed",
    "offline_pin_failed": "offline PIN verification failed",
    "pin_try_limit_exceeded": "PIN try limit exceeded",
    "unable_to_go_online": "unable to go online",
    "issuer_authentication_failed": "issuer authentication failed",
    "last_online_not_completed": "last online transaction not completed",
}
"""What a card writes into its results, by the name of the attribute, and what is read out of them."""


@pytest.mark.parametrize("layout", ["vis", "mchip"])
@pytest.mark.parametrize("written", SAID)
def test_card_verification_results_say_what_the_card_wrote(layout: str, written: str) -> None:
    def read(**flags: Any) -> set[str]:
        results = CardResults(first=ARQC, **flags)
        data = b"\x03" + results.vis() if layout == "vis" else results.mchip()
        return {line.rpartition(": ")[2] for line in card_results.lines(layout, data)}

    flag = 0x40 if written == "second" else True
    assert SAID[written] in read(**{written: flag}) - read()
