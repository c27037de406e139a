"""RSA test keys of every length, made from a public seed: the same on every machine, at once.

TEST KEYS ONLY. A stream of candidates is drawn from the seed; the primes in it are found once, and
`prime_positions.json` keeps only where they stand. A test searches again and compares. A longer key may share a prime
with a shorter one of the same role: nothing here protects anything.
"""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

_POSITIONS = Path(__file__).parent / "prime_positions.json"
_SEED = b"tillbench TEST KEYS"
_DIGEST_BITS = 256

ROLES = ("ca", "issuer", "icc", "pin")
EXPONENTS = (3, 65537)
LEAST_BITS = 512
MOST_BITS = 1984  # EMV 4.3 Book 2, Annex D: a modulus has at most 248 bytes


class RsaKey(NamedTuple):
    """A test key pair. Sizes in bytes."""

    modulus: int
    private_exponent: int
    exponent: int = 3

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    @property
    def modulus_bytes(self) -> bytes:
        return self.modulus.to_bytes(self.size, "big")

    @property
    def exponent_bytes(self) -> bytes:
        return self.exponent.to_bytes((self.exponent.bit_length() + 7) // 8, "big")

    def sign(self, block: bytes) -> bytes:
        """The RSA private operation on a block of the modulus' size (Book 2, B2.1). The same one deciphers."""
        return pow(int.from_bytes(block, "big"), self.private_exponent, self.modulus).to_bytes(self.size, "big")


@cache
def rsa_key(role: str, bits: int, exponent: int = 3) -> RsaKey:
    """The key of one of `ROLES`: 512 to 1984 bits in whole bytes, exponent 3 or 65537. Raises `ValueError`."""
    if role not in ROLES or exponent not in EXPONENTS or bits % 8 or not LEAST_BITS <= bits <= MOST_BITS:
        raise ValueError(f"no test key {role} of {bits} bits with exponent {exponent}")
    p, q = (_candidate(role, size, position) for size, position in prime_positions(role, bits))
    return RsaKey(p * q, pow(exponent, -1, (p - 1) * (q - 1)), exponent)


def prime_positions(role: str, bits: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two primes of a modulus: each its size in bytes and its place in the stream of that size."""
    first, second = (bits // 8 + 1) // 2, bits // 16
    stored = _stored()[role]
    return (first, stored[str(first)][0]), (second, stored[str(second)][1 if first == second else 0])


@cache
def _stored() -> dict[str, dict[str, list[int]]]:
    positions: dict[str, dict[str, list[int]]] = json.loads(_POSITIONS.read_text("ascii"))["positions"]
    return positions


def _candidate(role: str, size: int, position: int) -> int:
    """An odd number of exactly `size` bytes with the two highest bits set, so that a product has all its bits."""
    bits = size * 8
    digests = -(-bits // _DIGEST_BITS)
    counters = range(position * digests, (position + 1) * digests)
    stream = b"".join(hashlib.sha256(_SEED + role.encode() + n.to_bytes(4, "big")).digest() for n in counters)
    return int.from_bytes(stream[:size], "big") | 3 << (bits - 2) | 1


def search(role: str, size: int) -> Iterator[int]:
    """The positions of the primes of `size` bytes, from the first on. A prime serves both exponents."""
    for position in itertools.count():
        candidate = _candidate(role, size, position)
        if candidate % 3 == 2 and candidate % 65537 != 1 and is_prime(candidate):
            yield position


_SMALL = math.prod(n for n in range(3, 2000) if all(n % d for d in range(2, math.isqrt(n) + 1)))


def is_prime(n: int) -> bool:
    """Miller-Rabin for odd numbers above 2000: twelve bases, for numbers from a seed are no adversary."""
    if math.gcd(n, _SMALL) != 1:
        return False
    odd = n - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        x = pow(base, odd, n)
        if x in (1, n - 1):
            continue
        if not any((x := x * x % n) == n - 1 for _ in range(twos - 1)):
            return False
    return True


def write_positions() -> None:
    """Make `prime_positions.json` again. Takes minutes."""
    sizes = range(LEAST_BITS // 16, MOST_BITS // 16 + 1)
    rows = []
    for role in ROLES:
        found = {str(size): list(itertools.islice(search(role, size), 2)) for size in sizes}
        rows.append(f'    "{role}": {json.dumps(found)}')
    warning = "TEST KEYS: made from a public seed, worth nothing"
    body = ",\n".join(rows)
    _POSITIONS.write_text(f'{{\n  "warning": "{warning}",\n  "positions": {{\n{body}\n  }}\n}}\n', "ascii")
