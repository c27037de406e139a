"""Cryptograms: published UnionPay examples, and pyemv for everything it knows."""

from itertools import pairwise

import pyemv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.cards import CardProfile, VirtualCard, cryptograms, load_profile
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.host.issuer import CardIssuer, IssuerKeys

from .cards_terminal import Issuer, quiet, terminal_for

IMK = bytes.fromhex("F0C34A8124CEE0A91A0B034AA97D6EAC")
UNIONPAY = VERSIONS["unionpay", 0x01]
VISA = VERSIONS["visa", 0x0A]
DATA = bytes.fromhex(
    "000000000001 000000000000 0156 0080046000 0156 140701 00 1E78EEBC 7D00 0240 03A04002".replace(" ", "")
)
KEYS = st.binary(min_size=16, max_size=16)


def test_unionpay_published_example() -> None:
    udk = cryptograms.icc_master_key_a(IMK, "6228000100001", "01")
    arqc = UNIONPAY.application_cryptogram(UNIONPAY.session_key(udk, bytes.fromhex("0240"), b""), DATA)
    assert arqc.hex().upper() == "5D016C91005E7CC2"
    assert (
        UNIONPAY.arpc(UNIONPAY.proof_key(udk, bytes.fromhex("0240"), b""), arqc, b"01").hex().upper()
        == "21415243527CE78F"
    )


def test_unionpay_published_session_key() -> None:
    key = cryptograms.unionpay_session_key(bytes.fromhex("0D2E3CB0BC1F9E03AED58F663A2F9679"), bytes.fromhex("000E"))
    assert key.hex().upper() == "C3D3F062E9992B4E923D338D66193526"


@given(KEYS, st.text("0123456789", min_size=12, max_size=19), st.text("0123456789", min_size=2, max_size=2))
def test_icc_master_keys_as_pyemv_derives_them(imk: bytes, pan: str, psn: str) -> None:
    with quiet():
        assert cryptograms.icc_master_key_a(imk, pan, psn) == pyemv.kd.derive_icc_mk_a(imk, pan, psn)
        assert cryptograms.icc_master_key_b(imk, pan, psn) == pyemv.kd.derive_icc_mk_b(imk, pan, psn)


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"])
def test_a_19_digit_pan_is_the_same_card_to_card_issuer_and_pyemv(name: str) -> None:
    """Both versions derive by option A, also where the PAN has more than 16 digits."""
    profile = load_profile(name)
    long_pan = {"unionpay-debit": "6200000000000000000", "visa-credit": "4761739001010010006"}[name]
    card = VirtualCard(CardProfile.model_validate(profile.model_dump() | {"pan": long_pan}))
    terminal = terminal_for(card)
    assert terminal.values[0x5A].hex().upper() == long_pan + "F"
    terminal.generate_ac(0x80)
    values = terminal.values
    assert values[0x9F26] == Issuer(card.profile).cryptogram(values)
    imk = bytes.fromhex(profile.imk_ac)
    issuer = CardIssuer(IssuerKeys(imk), long_pan, profile.psn)
    assert issuer.verify(values)
    answer = issuer.authentication_data(values, "00")
    assert answer == Issuer(card.profile).authentication_data(values)
    assert terminal.external_authenticate(answer).sw == 0x9000


@given(KEYS, st.binary(max_size=100), st.booleans())
def test_macs_as_pyemv_computes_them(key: bytes, data: bytes, visa: bool) -> None:
    pad = cryptograms.pad_zeros if visa else cryptograms.pad_80
    padding = pyemv.ac.PaddingType.VISA if visa else pyemv.ac.PaddingType.EMV
    if visa and not data:
        return  # zero padding of nothing is nothing: no cryptogram is over no data
    with quiet():
        assert cryptograms.mac_algorithm_3(key, pad(data)) == pyemv.ac.generate_ac(key, data, padding, 8)


@given(KEYS, st.binary(min_size=37, max_size=37), st.binary(min_size=2, max_size=2))
def test_visa_10_as_pyemv_computes_it(imk: bytes, data: bytes, atc: bytes) -> None:
    udk = cryptograms.icc_master_key_a(imk, "4761739001010010", "01")
    ours = VISA.application_cryptogram(VISA.session_key(udk, atc, b""), data)
    cuts = [0, 6, 12, 14, 19, 21, 24, 25, 29, 31, 33, 37]
    parts = [data[start:end] for start, end in pairwise(cuts)]
    with quiet():
        oracle = pyemv.cvn.VisaCVN10(imk, imk, imk, "4761739001010010", "01")
        assert ours == oracle.generate_ac(*parts)
        assert VISA.arpc(VISA.proof_key(udk, atc, b""), ours, b"00") == oracle.generate_arpc(ours, b"00")


@pytest.mark.parametrize(("raw", "odd"), [("0001", "0101"), ("FEFF", "FEFE"), ("A8A9", "A8A8")])
def test_odd_parity(raw: str, odd: str) -> None:
    assert cryptograms.odd_parity(bytes.fromhex(raw)) == bytes.fromhex(odd)
