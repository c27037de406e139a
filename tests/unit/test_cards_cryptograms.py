"""Cryptograms: published UnionPay examples, and pyemv for everything it knows."""

from itertools import pairwise

import pyemv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.cards import cryptograms
from tillbench.host.cards.cryptograms import VERSIONS

from .cards_terminal import quiet

IMK = bytes.fromhex("F0C34A8124CEE0A91A0B034AA97D6EAC")
UNIONPAY = VERSIONS["unionpay", 0x01]
VISA = VERSIONS["visa", 0x0A]
DATA = bytes.fromhex(
    "000000000001 000000000000 0156 0080046000 0156 140701 00 1E78EEBC 7D00 0240 03A04002".replace(" ", "")
)
KEYS = st.binary(min_size=16, max_size=16)


def test_unionpay_published_example() -> None:
    udk = cryptograms.icc_master_key(IMK, "6228000100001", "01")
    arqc = UNIONPAY.application_cryptogram(udk, bytes.fromhex("0240"), DATA)
    assert arqc.hex().upper() == "5D016C91005E7CC2"
    assert UNIONPAY.arpc(udk, bytes.fromhex("0240"), arqc, b"01").hex().upper() == "21415243527CE78F"


def test_unionpay_published_session_key() -> None:
    key = cryptograms.unionpay_session_key(bytes.fromhex("0D2E3CB0BC1F9E03AED58F663A2F9679"), bytes.fromhex("000E"))
    assert key.hex().upper() == "C3D3F062E9992B4E923D338D66193526"


@given(KEYS, st.text("0123456789", min_size=12, max_size=19), st.text("0123456789", min_size=2, max_size=2))
def test_icc_master_keys_as_pyemv_derives_them(imk: bytes, pan: str, psn: str) -> None:
    derive = pyemv.kd.derive_icc_mk_a if len(pan) <= 16 else pyemv.kd.derive_icc_mk_b
    with quiet():
        assert cryptograms.icc_master_key(imk, pan, psn) == derive(imk, pan, psn)


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
    udk = cryptograms.icc_master_key(imk, "4761739001010010", "01")
    ours = VISA.application_cryptogram(udk, atc, data)
    cuts = [0, 6, 12, 14, 19, 21, 24, 25, 29, 31, 33, 37]
    parts = [data[start:end] for start, end in pairwise(cuts)]
    with quiet():
        oracle = pyemv.cvn.VisaCVN10(imk, imk, imk, "4761739001010010", "01")
        assert ours == oracle.generate_ac(*parts)
        assert VISA.arpc(udk, atc, ours, b"00") == oracle.generate_arpc(ours, b"00")


@pytest.mark.parametrize(("raw", "odd"), [("0001", "0101"), ("FEFF", "FEFE"), ("A8A9", "A8A8")])
def test_odd_parity(raw: str, odd: str) -> None:
    assert cryptograms.odd_parity(bytes.fromhex(raw)) == bytes.fromhex(odd)
