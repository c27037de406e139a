"""The test certification authority: what a terminal must load to trust the cards, and the signing of a card.

TEST KEYS ONLY (`rsa_keys`).
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.certificates import ICC_FORMAT, ISSUER_FORMAT, Subject, certify, sign_static_data
from tillbench.host.cards.oda_profile import CA_KEYS, KeyProfile
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.rsa_keys import RsaKey, rsa_key

_UNKNOWN_INDEX = b"\x00"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A CA public key as terminals hold it; `checksum` is SHA-1 over RID, index, modulus, exponent."""

    rid: bytes
    index: int
    modulus: bytes
    exponent: bytes
    checksum: bytes


class Personalisation(NamedTuple):
    """What the CA and the issuer write into an application: objects for the records (empty ones left out), and the
    private keys that stay inside."""

    objects: dict[int, bytes]
    icc_key: RsaKey
    pin_key: RsaKey


class CardAuthority:
    """Signs issuer and ICC keys. The keys of one length serve every RID, issuer and card of the bench."""

    def public_key(self, rid: bytes, index: int = 0xFE) -> PublicKey:
        """A shipped CA key under `rid` (5 bytes). Raises `KeyError` for an index that is not in `CA_KEYS`."""
        bits, exponent = CA_KEYS[index]
        return _public_key(rid, index, rsa_key("ca", bits, exponent))

    def public_keys(self, profile: CardProfile) -> list[PublicKey]:
        """What a terminal must hold to trust the applications of this card, one key each."""
        found = {}
        for application in profile.applications:
            rid, oda = application.aid[:5], application.offline_authentication
            found[rid, oda.index] = _public_key(rid, oda.index[0], _key("ca", oda.ca))
        return list(found.values())

    def personalise(self, card: CardProfile, profile: ApplicationProfile, static_data: bytes) -> Personalisation:
        """The certificates and signatures of one application; `static_data` are the records in offline
        authentication, then the AIP where the tag list names it."""
        oda = profile.offline_authentication
        ca, issuer, icc = _key("ca", oda.ca), _key("issuer", oda.issuer), _key("icc", oda.icc)
        pin = _key("pin", oda.pin) if oda.pin else icc
        number = bytes.fromhex((oda.issuer_number or card.pan[:6]).ljust(8, "F"))
        pan = bytes.fromhex(card.pan.ljust(20, "F"))
        of_issuer = Subject(ISSUER_FORMAT, number, oda.issuer_expiry or card.expiry, oda.issuer_serial)
        of_card = Subject(ICC_FORMAT, pan, oda.icc_expiry or card.expiry, b"\x00\x00\x01")
        faults = oda.of("issuer")
        objects = {0x8F: _UNKNOWN_INDEX if "index" in faults else b"" if "no-index" in faults else oda.index}
        objects[0x90], objects[0x92], objects[0x9F32] = certify(ca, of_issuer, issuer, b"", faults)
        if "sda" in oda.methods:
            objects[0x93] = sign_static_data(issuer, oda.data_authentication_code, static_data, oda.of("static"))
        objects[0x9F46], objects[0x9F48], objects[0x9F47] = certify(issuer, of_card, icc, static_data, oda.of("icc"))
        if oda.pin:
            objects[0x9F2D], objects[0x9F2F], objects[0x9F2E] = certify(issuer, of_card, pin, b"", oda.of("pin"))
        return Personalisation({tag: value for tag, value in objects.items() if value}, icc, pin)


def _key(role: str, spec: KeyProfile) -> RsaKey:
    return rsa_key(role, spec.bits, spec.exponent)


def _public_key(rid: bytes, index: int, key: RsaKey) -> PublicKey:
    modulus, exponent = key.modulus_bytes, key.exponent_bytes
    checksum = hashlib.sha1(rid + bytes([index]) + modulus + exponent).digest()  # noqa: S324  the standard's hash
    return PublicKey(rid, index, modulus, exponent, checksum)
