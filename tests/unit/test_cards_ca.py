"""The test CA: keys from their public seed, certificates recovered as a terminal does it (Book 2, 6.3 and 6.4)."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tillbench.host.cards import CardAuthority, VirtualCard, load_profile
from tillbench.host.cards.ca import KEY_BITS, generate_key
from tillbench.protocols.emv import tlv

from .cards_terminal import terminal_for


def recover(certificate: bytes, modulus: bytes, exponent: bytes) -> bytes:
    """The RSA public operation, as Book 2 B2.1 has it."""
    assert len(certificate) == len(modulus)
    plain = pow(int.from_bytes(certificate, "big"), int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big"))
    return plain.to_bytes(len(modulus), "big")


@pytest.mark.parametrize("name", KEY_BITS)
def test_stored_keys_are_those_of_the_seed(name: str) -> None:
    key = generate_key(name)
    assert getattr(CardAuthority(), f"{name}_key") == key
    assert key.modulus.bit_length() == KEY_BITS[name]


def test_the_keys_are_sound_rsa_keys() -> None:
    authority = CardAuthority()
    for key in (authority.ca_key, authority.issuer_key):  # the ICC key is under what the library takes
        p, q = rsa.rsa_recover_prime_factors(key.modulus, key.exponent, key.private_exponent)
        dp, dq = rsa.rsa_crt_dmp1(key.private_exponent, p), rsa.rsa_crt_dmq1(key.private_exponent, q)
        public = rsa.RSAPublicNumbers(key.exponent, key.modulus)
        numbers = rsa.RSAPrivateNumbers(p, q, key.private_exponent, dp, dq, rsa.rsa_crt_iqmp(p, q), public)
        assert numbers.private_key().key_size == key.modulus.bit_length()
    for key in (authority.ca_key, authority.issuer_key, authority.icc_key):
        block = b"\x6a" + bytes(range(key.size - 2)) + b"\xbc"
        assert recover(key.sign(block), key.modulus_bytes, key.exponent_bytes) == block


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit", "visa-expired"])
def test_the_chain_in_a_cards_records_verifies(name: str) -> None:
    """CA key to issuer key to ICC key, with every field and both hashes, over the records that the AFL marks."""
    profile = load_profile(name)
    card = VirtualCard(profile)
    values = terminal_for(card).values
    authority = CardAuthority()
    capk = authority.public_key(profile.applications[0].aid[:5])
    assert values[0x8F] == bytes([capk.index])
    digest = hashlib.sha1(capk.rid + bytes([capk.index]) + capk.modulus + capk.exponent).digest()
    assert capk.checksum == digest

    issuer = recover(values[0x90], capk.modulus, capk.exponent)
    assert (issuer[:2], issuer[-1:]) == (b"\x6a\x02", b"\xbc")
    assert issuer[2:6].hex().upper() == profile.pan[:6] + "FF"
    assert issuer[6:8].hex() == profile.expiry[2:] + profile.expiry[:2]
    assert issuer[11:15] == bytes([1, 1, 128, 1])
    assert issuer[-21:-1] == hashlib.sha1(issuer[1:-21] + values[0x92] + values[0x9F32]).digest()
    issuer_modulus = issuer[15:-21] + values[0x92]

    icc = recover(values[0x9F46], issuer_modulus, values[0x9F32])
    assert (icc[:2], icc[-1:]) == (b"\x6a\x04", b"\xbc")
    assert icc[2:12].hex().upper() == profile.pan + "FFFF"
    assert icc[17:21] == bytes([1, 1, 112, 1])
    terminal = terminal_for(card)
    signed_record = tlv.parse(terminal.read_record(2, 1).data)[0].value
    assert terminal.values[0x94][7] == 1  # one record of SFI 2 is in offline data authentication
    assert values[0x9F4A] == b"\x82"
    static = signed_record + values[0x82]
    assert icc[-21:-1] == hashlib.sha1(icc[1:-21] + values[0x9F48] + values[0x9F47] + static).digest()
    assert icc[21:-21] + values[0x9F48] == authority.icc_key.modulus_bytes
