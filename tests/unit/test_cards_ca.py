"""The test CA: keys from their public seed, and what a terminal must load."""

import hashlib
import itertools

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from tillbench.host.cards import CardAuthority, load_profile
from tillbench.host.cards.oda_profile import CA_KEYS
from tillbench.host.cards.rsa_keys import ROLES, is_prime, prime_positions, rsa_key, search

LENGTHS = range(512, 1985, 8)


@pytest.mark.parametrize("role", ROLES)
def test_stored_positions_are_those_of_a_fresh_search(role: str) -> None:
    for bits in (512, 520, 576):
        (first, at), (second, then) = prime_positions(role, bits)
        found = list(itertools.islice(search(role, first), 2))
        assert at == found[0]
        assert then == (found[1] if second == first else next(search(role, second)))


@pytest.mark.parametrize("role", ROLES)
def test_every_length_has_a_key_that_works(role: str) -> None:
    """A modulus of exactly this length; the private operation, tried on every seventh, is undone by the public one."""
    for at, bits in enumerate(LENGTHS):
        exponent = (3, 65537)[bits // 8 % 2]
        key = rsa_key(role, bits, exponent)
        assert key.modulus.bit_length() == bits
        assert key.size == bits // 8
        if (at + ROLES.index(role)) % 7:
            continue
        block = b"\x6a" + bytes(range(key.size - 2)) + b"\xbc"
        recovered = pow(int.from_bytes(key.sign(block), "big"), exponent, key.modulus)
        assert recovered.to_bytes(key.size, "big") == block


@pytest.mark.parametrize("bits", [1024, 1048, 1152, 1408, 1984])
@pytest.mark.parametrize("exponent", [3, 65537])
def test_keys_are_sound_to_a_library(bits: int, exponent: int) -> None:
    key = rsa_key("ca", bits, exponent)
    p, q = rsa.rsa_recover_prime_factors(key.modulus, key.exponent, key.private_exponent)
    assert is_prime(p)
    assert is_prime(q)
    dp, dq = rsa.rsa_crt_dmp1(key.private_exponent, p), rsa.rsa_crt_dmq1(key.private_exponent, q)
    public = rsa.RSAPublicNumbers(key.exponent, key.modulus)
    private = rsa.RSAPrivateNumbers(p, q, key.private_exponent, dp, dq, rsa.rsa_crt_iqmp(p, q), public).private_key()
    assert private.key_size == bits
    assert private.decrypt(public.public_key().encrypt(b"4711", padding.PKCS1v15()), padding.PKCS1v15()) == b"4711"


def test_primes_and_others() -> None:
    small = [n for n in range(2001, 6000, 2) if all(n % d for d in range(3, 80, 2))]
    assert [n for n in range(2001, 6000, 2) if is_prime(n)] == small
    assert is_prime(2**521 - 1)
    assert not is_prime((2**127 - 1) * (2**521 - 1))
    assert not is_prime(3825123056546413051)  # a strong pseudoprime to the bases 2 to 23


@pytest.mark.parametrize(
    ("role", "bits", "exponent"), [("ca", 504, 3), ("ca", 1992, 3), ("ca", 1025, 3), ("ca", 1024, 5), ("cat", 1024, 3)]
)
def test_keys_there_are_not(role: str, bits: int, exponent: int) -> None:
    with pytest.raises(ValueError, match="no test key"):
        rsa_key(role, bits, exponent)


def test_public_keys_of_a_card() -> None:
    authority = CardAuthority()
    (capk,) = authority.public_keys(load_profile("visa-credit"))
    assert capk == authority.public_key(bytes.fromhex("A000000003"))
    assert (capk.index, len(capk.modulus), capk.exponent) == (0xFE, 144, b"\x03")
    digest = hashlib.sha1(capk.rid + bytes([capk.index]) + capk.modulus + capk.exponent).digest()
    assert capk.checksum == digest


def test_the_shipped_ca_keys() -> None:
    keys = [CardAuthority().public_key(bytes.fromhex("A000000333"), index) for index in CA_KEYS]
    assert len({key.modulus + key.exponent for key in keys}) == len(CA_KEYS)
    assert {(len(key.modulus) * 8, int.from_bytes(key.exponent, "big")) for key in keys} == set(CA_KEYS.values())
