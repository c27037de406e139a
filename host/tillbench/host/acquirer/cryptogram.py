"""Application cryptograms and their answers, as the issuer computes them (EMV Book 2, sections 8.1 and 8.2).

One row of `VERSIONS` per cryptogram version number, the byte that the card puts into its issuer application data.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from pyemv import ac, kd
from tillbench.host.acquirer import tdes
from tillbench.host.acquirer.chip import ATC, ChipData

CARD_KEYS_KEPT = 16_384


class UnknownVersion(ValueError):
    """The card used a cryptogram version that this issuer does not know."""


def unionpay_session_key(card_key: bytes, atc: bytes) -> bytes:
    """UnionPay (PBOC 2.0/3.0): the counter, and then its complement, each in the last two bytes of a zero block."""
    complement = bytes(byte ^ 0xFF for byte in atc)
    return tdes.encrypt(card_key, bytes(6) + atc) + tdes.encrypt(card_key, bytes(6) + complement)


def no_session_key(card_key: bytes, _atc: bytes) -> bytes:
    """Visa version 10 uses the card's unique key itself."""
    return card_key


@dataclass(frozen=True)
class Version:
    """How one cryptogram version differs: its session key and the padding of its data (ISO 9797-1 method 1 or 2)."""

    name: str
    session_key: Callable[[bytes, bytes], bytes]
    padding: ac.PaddingType


VERSIONS = {
    0x01: Version("UnionPay 01", unionpay_session_key, ac.PaddingType.EMV),
    0x0A: Version("Visa 10", no_session_key, ac.PaddingType.VISA),
}

# Both versions sign the same list, in this order, and then the card verification results out of 9F10.
SIGNED_TAGS = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36)


def application_cryptogram(issuer_key: bytes, pan: str, psn: str, chip: ChipData) -> bytes:
    """The 8-byte cryptogram that a genuine card makes over these data; raises UnknownVersion."""
    version, key = _card_session(issuer_key, pan, psn, chip)
    signed = b"".join(chip.tags[tag] for tag in SIGNED_TAGS) + chip.card_verification_results
    with quiet_about_des():
        return ac.generate_ac(key, signed, version.padding)


def response_cryptogram(issuer_key: bytes, pan: str, psn: str, chip: ChipData, response_code: str) -> bytes:
    """ARPC by method 1 (EMV Book 2, 8.2.1): 8 bytes over the cryptogram received and the response code sent."""
    _, key = _card_session(issuer_key, pan, psn, chip)
    with quiet_about_des():
        return ac.generate_arpc_1(key, chip.cryptogram, response_code.encode("ascii"))


def _card_session(issuer_key: bytes, pan: str, psn: str, chip: ChipData) -> tuple[Version, bytes]:
    version = VERSIONS.get(chip.version)
    if version is None:
        known = ", ".join(f"{number:02X} ({row.name})" for number, row in VERSIONS.items())
        raise UnknownVersion(f"tag 9F10: cryptogram version: expected {known}, found {chip.version:02X}")
    return version, version.session_key(_card_key(issuer_key, pan, psn), chip.tags[ATC])


@lru_cache(CARD_KEYS_KEPT)
def _card_key(issuer_key: bytes, pan: str, psn: str) -> bytes:
    """The card's own key (EMV Book 2, A1.4.1); asked for twice a transaction, and the card will come again."""
    with quiet_about_des():
        key: bytes = kd.derive_icc_mk_a(issuer_key, pan, psn)
        return key


@contextmanager
def quiet_about_des() -> Iterator[None]:
    """Two-key Triple DES is what the cards use; the cipher library's advice against it is no news to a user."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*TripleDES")
        yield
