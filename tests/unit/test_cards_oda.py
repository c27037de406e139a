"""Offline data authentication: every method, length and fault, checked by an independent terminal."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tillbench.host.cards import CardAuthority, CardProfile, VirtualCard, load_profile
from tillbench.host.cards.oda_profile import FAULTS
from tillbench.protocols.emv import dol

from . import cards_oda
from .cards_oda import Key, OdaFailed
from .cards_terminal import AAC, ARQC, TC, Issuer, Terminal, terminal_for
from .cards_versions import sound_names

TODAY = date(2026, 11, 23)
ICC_TAGS = (0x9F46, 0x9F47, 0x9F48)
PIN_TAGS = (0x9F2D, 0x9F2E, 0x9F2F)


def card(name: str = "unionpay-debit", **oda: Any) -> VirtualCard:
    """A shipped card with these keys and methods."""
    profile = load_profile(name)
    application = profile.applications[0].model_dump() | {"offline_authentication": {"methods": "sda dda cda", **oda}}
    changed = profile.model_dump() | {"applications": [application]}
    return VirtualCard(CardProfile.model_validate(changed))


def issuer_key(terminal: Terminal, sut: VirtualCard, today: date = TODAY, revoked: bytes = b"") -> Key:
    (capk,) = CardAuthority().public_keys(sut.profile)
    return cards_oda.issuer_key(terminal, capk, today, {revoked})


def chain(terminal: Terminal, sut: VirtualCard, today: date = TODAY) -> Key:
    """The ICC key, proved."""
    issuer = issuer_key(terminal, sut, today)
    return cards_oda.icc_key(terminal, issuer, today, cards_oda.static_data(terminal), ICC_TAGS)


def cda(terminal: Terminal, icc: Key, p1: int) -> bytes:
    """The first GENERATE AC with a signature asked for; the cryptogram out of it."""
    answer = terminal.generate_ac(p1 | 0x10)
    assert answer.sw == 0x9000
    return cards_oda.check_cda(icc, answer.data, dol_data(terminal, 0x9F38, 0x8C), terminal.values[0x9F37])


def dol_data(terminal: Terminal, *tags: int) -> bytes:
    return b"".join(dol.fill(dol.parse(terminal.values.get(tag, b"")), terminal.values) for tag in tags)


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"], ids=["format-2", "format-1"])
def test_sda_dda_and_cda_from_the_first_to_the_second_cryptogram(name: str) -> None:
    sut = card(name)
    terminal = terminal_for(sut)
    assert terminal.values[0x82][0] == 0x7D  # SDA, DDA, CVM, risk management, EXTERNAL AUTHENTICATE, CDA
    assert cards_oda.check_static(issuer_key(terminal, sut), terminal) == bytes.fromhex("DAC1")
    icc = chain(terminal, sut)
    assert len(cards_oda.check_dda(icc, terminal)) == 8
    issuer = Issuer(sut.profile)
    terminal.values[0x9F26] = cda(terminal, icc, ARQC)
    assert terminal.values[0x9F26] == issuer.cryptogram(terminal.values)
    terminal.values[0x8A] = b"00"
    assert terminal.external_authenticate(issuer.authentication_data(terminal.values)).sw == 0x9000
    asked = dol_data(terminal, 0x9F38, 0x8C)
    terminal.values[0x9F37] = bytes.fromhex("55667788")  # a fresh number for the second
    asked += dol_data(terminal, 0x8D)
    answer = terminal.generate_ac(TC | 0x10, 0x8D)
    cryptogram = cards_oda.check_cda(icc, answer.data, asked, bytes.fromhex("55667788"))
    assert cryptogram == issuer.cryptogram(terminal.values)
    assert terminal.cryptogram_type == TC


@pytest.mark.parametrize(
    ("methods", "aip"), [("", 0x1C), ("sda", 0x5C), ("dda", 0x3C), ("cda", 0x1D), ("sda dda", 0x7C), ("dda cda", 0x3D)]
)
def test_the_aip_says_what_the_card_does(methods: str, aip: int) -> None:
    sut = card(methods=methods)
    terminal = terminal_for(sut)
    assert terminal.values[0x82][0] == aip
    assert (0x93 in terminal.values) is ("sda" in methods)
    assert (0x9F49 in terminal.values) is ("dda" in methods or "cda" in methods)
    assert terminal.send(0x00, 0x88, 0, 0, bytes(4)).sw == (0x9000 if "dda" in methods else 0x6D00)
    assert terminal.generate_ac(ARQC | 0x10).sw == (0x9000 if "cda" in methods else 0x6A86)


def lengths() -> list[tuple[int, int, int, int]]:
    """CA, issuer and ICC keys over the whole range, each next one with and without a remainder; exponents in turn."""
    rows = [(512, 512, 512), (800, 512, 512), (1984, 1984, 1640), (1984, 1696, 1360), (1984, 1984, 512)]
    # An issuer modulus fits its certificate with 36 bytes to spare, an ICC modulus with 42.
    rows += [(bits, bits - 288, max(512, bits - 288 - 336)) for bits in (1152, 1408, 1984)]
    rows += [(bits, bits - 280, max(512, bits - 280 - 328)) for bits in (1152, 1408, 1984)]
    rows += [(bits, bits, min(bits, 1640)) for bits in range(520, 1984, 184)]
    return [(*row, (3, 65537)[at % 2]) for at, row in enumerate(rows)]


@pytest.mark.one_in(3)
@pytest.mark.parametrize(("ca", "issuer", "icc", "exponent"), lengths())
def test_every_length_of_key(ca: int, issuer: int, icc: int, exponent: int) -> None:
    spec: dict[str, Any] = {
        "ca": {"bits": ca, "exponent": exponent},
        "ca_index": "E0",
        "issuer": {"bits": issuer, "exponent": 3 if exponent == 65537 else 65537},
        "icc": {"bits": icc, "exponent": exponent},
    }
    sut = card(**spec)
    terminal = terminal_for(sut)
    cards_oda.check_static(issuer_key(terminal, sut), terminal)
    key = chain(terminal, sut)
    assert (len(key.modulus) * 8, key.exponent) == (icc, exponent)
    assert (0x92 in terminal.values) is (issuer // 8 > ca // 8 - 36)
    assert (0x9F48 in terminal.values) is (icc // 8 > issuer // 8 - 42)
    cards_oda.check_dda(key, terminal)
    cda(terminal, key, ARQC)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_any_lengths_that_go_together(data: st.DataObject) -> None:
    ca = data.draw(st.integers(64, 248))
    issuer = data.draw(st.integers(64, ca))
    icc = data.draw(st.integers(64, min(issuer, 205)))
    test_every_length_of_key(ca * 8, issuer * 8, icc * 8, data.draw(st.sampled_from([3, 65537])))


def test_the_longest_keys_with_dda_alone() -> None:
    for response_format in ("1", "2"):
        profile = load_profile("visa-credit")
        keys = {"bits": 1984}
        oda = {"methods": "dda", "ca": keys, "issuer": keys, "icc": keys}
        changes = {"offline_authentication": oda, "response_format": response_format}
        application = profile.applications[0].model_dump() | changes
        sut = VirtualCard(CardProfile.model_validate(profile.model_dump() | {"applications": [application]}))
        terminal = terminal_for(sut)
        cards_oda.check_dda(chain(terminal, sut), terminal)


# What an attentive terminal says to each fault; None: it must fail, but which check is first is the books' business.
REASONS = {
    "header": "header",
    "format": "format",
    "identifier": "identifier",
    "hash-algorithm": "hash algorithm",
    "key-algorithm": "key algorithm",
    "key-length": "remainder length",
    "hash": "hash",
    "trailer": "trailer",
    "remainder": "hash",
    "no-remainder": "hash",
    "exponent": "hash",
    "no-exponent": "missing",
    "length": "length",
    "missing": "missing",
    "index": "index",
    "no-index": "missing",
    "data": "hash",
    "data-length": "padding|dynamic data length",
    "number-length": "dynamic number length",
    "cid": "cid",
    "transaction-data": "transaction data",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_the_only_thing_wrong(fault: str) -> None:
    """The verifier fails at the step that the fault is about, and all steps before it succeed."""
    part, _, name = fault.partition(".")
    sut = card(faults=fault, pin={"bits": 896})
    terminal = terminal_for(sut)
    reason = "length" if fault == "dynamic.missing" else REASONS[name]

    def fails(step: Any) -> None:
        with pytest.raises(OdaFailed, match=f"(^|[0-9A-F ])({reason})$"):
            step()

    if part == "issuer":
        fails(lambda: issuer_key(terminal, sut))
        return
    issuer = issuer_key(terminal, sut)
    if part == "static":
        fails(lambda: cards_oda.check_static(issuer, terminal))
        return
    cards_oda.check_static(issuer, terminal)
    if part == "icc":
        fails(lambda: chain(terminal, sut))
        return
    icc = chain(terminal, sut)
    if part == "pin":
        fails(lambda: cards_oda.icc_key(terminal, issuer, TODAY, b"", PIN_TAGS))
        return
    cards_oda.icc_key(terminal, issuer, TODAY, b"", PIN_TAGS)
    if name not in ("cid", "transaction-data"):
        fails(lambda: cards_oda.check_dda(icc, terminal))
        reason = "missing" if fault == "dynamic.missing" else reason
    fails(lambda: cda(terminal, icc, ARQC))


@pytest.mark.parametrize("part", ["issuer", "icc"])
def test_certificates_end_with_their_month(part: str) -> None:
    sut = card(**{f"{part}_expiry": "2611"})
    terminal = terminal_for(sut)
    chain(terminal, sut, date(2026, 11, 30))
    with pytest.raises(OdaFailed, match="expired"):
        chain(terminal, sut, date(2026, 12, 1))


def test_a_revoked_issuer_key_is_found_by_its_serial_number() -> None:
    sut = card(issuer_serial="00BEEF")
    terminal = terminal_for(sut)
    issuer_key(terminal, sut, revoked=bytes.fromhex("A000000333FE000001"))
    with pytest.raises(OdaFailed, match="revoked"):
        issuer_key(terminal, sut, revoked=bytes.fromhex("A000000333FE00BEEF"))


def test_the_tag_list() -> None:
    without = card(tag_list="")
    terminal = terminal_for(without)
    assert 0x9F4A not in terminal.values
    cards_oda.check_static(issuer_key(terminal, without), terminal)
    chain(terminal, without)
    bad = card(tag_list="9F36")
    terminal = terminal_for(bad)
    with pytest.raises(OdaFailed, match="tag list"):
        cards_oda.check_static(issuer_key(terminal, bad), terminal)


def test_internal_authenticate_wants_what_its_ddol_says() -> None:
    sut = card(ddol="9F37 9F02", dynamic_number=2)
    terminal = terminal_for(sut)
    assert terminal.send(0x00, 0x88, 0, 0, bytes(4)).sw == 0x6700
    assert len(cards_oda.check_dda(chain(terminal, sut), terminal)) == 2
    first, again = (terminal.send(0x00, 0x88, 0, 0, bytes(10)).data for _ in range(2))
    assert first != again  # another dynamic number each time
    terminal.generate_ac(ARQC)
    assert terminal.send(0x00, 0x88, 0, 0, bytes(10)).sw == 0x6985
    default = card(ddol="")
    terminal = terminal_for(default)
    assert 0x9F49 not in terminal.values
    cards_oda.check_dda(chain(terminal, default), terminal)
    assert terminal.send(0x00, 0x88, 0, 0, b"").sw == 0x6700


def test_no_signature_around_an_aac() -> None:
    for asked, changes in ((AAC, {}), (ARQC, {"first_cryptogram": "decline"})):
        sut = card("visa-credit")
        application = sut.profile.applications[0].model_copy(update=changes)
        sut = VirtualCard(sut.profile.model_copy(update={"applications": (application,)}))
        terminal = terminal_for(sut)
        answer = terminal.generate_ac(asked | 0x10)
        assert answer.data[:1] == b"\x80"
        assert terminal.cryptogram_type == AAC
        assert terminal.values[0x9F26] == Issuer(sut.profile).cryptogram(terminal.values)


def test_no_signature_that_was_not_asked_for() -> None:
    terminal = terminal_for(card())
    terminal.generate_ac(ARQC)
    assert 0x9F4B not in terminal.values
    assert terminal.values[0x9F26] == Issuer(load_profile("unionpay-debit")).cryptogram(terminal.values)


def test_default_cards_claim_no_offline_authentication_but_carry_a_chain_that_verifies() -> None:
    for name in ("unionpay-debit", "visa-credit", "visa-expired"):
        sut = VirtualCard(load_profile(name))
        terminal = terminal_for(sut)
        assert terminal.values[0x82] == b"\x1c\x00"
        assert len(chain(terminal, sut, date(2020, 6, 30)).modulus) == 112


def authenticate(name: str) -> str:
    """What a terminal that can do everything finds on a shipped card: the method (CDA before DDA before SDA), or the
    step that fails."""
    sut = VirtualCard(load_profile(name))
    terminal = terminal_for(sut)
    aip = terminal.values[0x82][0]
    try:
        if aip & 0x21:
            icc = chain(terminal, sut)
            if not aip & 0x01:
                cards_oda.check_dda(icc, terminal)
                return "dda"
            cda(terminal, icc, ARQC)
            return "cda"
        if aip & 0x40:
            cards_oda.check_static(issuer_key(terminal, sut, revoked=bytes.fromhex("A000000333FE00DEAD")), terminal)
            return "sda"
    except OdaFailed as failed:
        return f"failed: {failed}"
    return "none"


FINDINGS = {
    "unionpay-issuer-expired": "failed: expired",
    "unionpay-icc-expired": "failed: expired",
    "unionpay-tag-list": "failed: tag list",
    "unionpay-issuer-index": "failed: index",
    "unionpay-issuer-missing": "failed: 90 missing",
    "unionpay-issuer-hash": "failed: hash",
    "unionpay-issuer-identifier": "failed: identifier",
    "unionpay-issuer-no-remainder": "failed: hash",
    "unionpay-icc-missing": "failed: 9F46 missing",
    "unionpay-icc-identifier": "failed: identifier",
    "unionpay-icc-data": "failed: hash",
    "unionpay-icc-length": "failed: length",
    "unionpay-static-data": "failed: hash",
    "unionpay-static-missing": "failed: 93 missing",
    "unionpay-dynamic-hash": "failed: hash",
    "unionpay-dynamic-data": "failed: hash",
    "unionpay-dynamic-cid": "failed: cid",
    "unionpay-dynamic-transaction-data": "failed: transaction data",
    "unionpay-dynamic-missing": "failed: 9F4B missing",
    "unionpay-dynamic-trailer": "failed: trailer",
    "unionpay-icc-format": "failed: format",
    "unionpay-icc-hash": "failed: hash",
    "unionpay-icc-key-length": "failed: remainder length",
    "unionpay-icc-no-remainder": "failed: hash",
    "unionpay-issuer-format": "failed: format",
    "unionpay-issuer-hash-algorithm": "failed: hash algorithm",
    "unionpay-issuer-header": "failed: header",
    "unionpay-issuer-no-exponent": "failed: 9F32 missing",
    "unionpay-issuer-trailer": "failed: trailer",
    "unionpay-no-ca-index": "failed: 8F missing",
    "unionpay-static-hash": "failed: hash",
    "visa-aip-lies": "failed: 8F missing",
}


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", sound_names("lab"))
def test_each_card_of_the_lab_is_what_it_says(name: str) -> None:
    profile = load_profile(name)
    methods = profile.applications[0].offline_authentication.methods
    best = next((method for method in ("cda", "dda", "sda") if method in methods), "none")
    assert authenticate(name) == FINDINGS.get(name, best)
    faults = [fault for fault in profile.applications[0].offline_authentication.faults if not fault.startswith("pin.")]
    assert (name in FINDINGS) == bool(faults or "expired" in name or name in ("unionpay-tag-list", "visa-aip-lies"))


def test_a_card_for_a_revocation_list() -> None:
    sut = VirtualCard(load_profile("unionpay-issuer-revoked"))
    with pytest.raises(OdaFailed, match="revoked"):
        issuer_key(terminal_for(sut), sut, revoked=bytes.fromhex("A000000333FE00DEAD"))
