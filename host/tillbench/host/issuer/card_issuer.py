"""The issuer of one card, from its master keys: is this the card's cryptogram, and what proves us its issuer?"""

from functools import lru_cache
from hmac import compare_digest
from typing import NamedTuple

from pyemv import ac
from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.issuer.versions import (
    CARD_KEYS,
    COVERED,
    PADDINGS,
    SESSION_KEYS,
    SIGNED_TAGS,
    VERSIONS,
    Tags,
    Version,
    quiet_about_des,
)

# What a Card Status Update says with an approval and with a decline (EMV 4.3 Book 3, C8): byte 2 bit 8 approves.
APPROVED_UPDATE = bytes.fromhex("00800000")
DECLINED_UPDATE = bytes(4)
CARD_KEYS_KEPT = 16_384
APPROVALS = ("00", "10", "11")
_ATC = 0x9F36
_CRYPTOGRAM = 0x9F26
_UNPREDICTABLE = 0x9F37
_ISSUER_DATA = 0x9F10


class IssuerKeys(NamedTuple):
    """Issuer master keys, 16 bytes each: cryptograms, MACs of scripts, what scripts encipher."""

    ac: bytes
    smi: bytes = b""
    smc: bytes = b""

    def __repr__(self) -> str:
        return "IssuerKeys()"


class CardIssuer:
    """`tags` below are those of field 55, at least `SIGNED_TAGS`, 9F10 and, where it is used, 9F26."""

    def __init__(self, keys: IssuerKeys, pan: str, psn: str) -> None:
        self.keys = keys
        self.pan = pan
        self.psn = psn

    def cryptogram(self, tags: Tags) -> bytes:
        """The 8 bytes that the card makes over these data. Raises IssuerDataError for a version that is unknown."""
        data, version = version_of(tags)
        signed = b"".join(tags[tag] for tag in SIGNED_TAGS) + COVERED[version.covered](data)
        with quiet_about_des():
            return ac.generate_ac(self._session_key(version, version.session_key, tags), signed, _padding(version))

    def verify(self, tags: Tags) -> bool:
        """Is 9F26 the card's? Raises IssuerDataError for a version that is unknown."""
        return compare_digest(self.cryptogram(tags), tags[_CRYPTOGRAM])

    def authentication_data(self, tags: Tags, response_code: str, update: bytes | None = None) -> bytes:
        """Tag 91, the issuer's proof over the ARQC received: by method 1 the ARPC (8 bytes) and the response code, by
        method 2 the ARPC (4 bytes) and the Card Status Update, which approves or not as the response code does."""
        _data, version = version_of(tags)
        with quiet_about_des():
            key = self._session_key(version, version.proof_key, tags)
            if version.method == 1:
                said = response_code.encode("ascii")
                return ac.generate_arpc_1(key, tags[_CRYPTOGRAM], said) + said
            said = update or (APPROVED_UPDATE if response_code in APPROVALS else DECLINED_UPDATE)
            return ac.generate_arpc_2(key, tags[_CRYPTOGRAM], said) + said

    def _session_key(self, version: Version, rule: str, tags: Tags) -> bytes:
        card_key = _card_key(version.card_key, self.keys.ac, self.pan, self.psn)
        return _session_key(rule, card_key, tags[_ATC], tags[_UNPREDICTABLE])


@lru_cache(64)
def _session_key(rule: str, card_key: bytes, atc: bytes, unpredictable: bytes) -> bytes:
    """Asked for twice a transaction, by the cryptogram and by the proof."""
    return SESSION_KEYS[rule](card_key, {_ATC: atc, _UNPREDICTABLE: unpredictable})


@lru_cache(CARD_KEYS_KEPT)
def _card_key(rule: str, imk: bytes, pan: str, psn: str) -> bytes:
    """The card's own key; asked for twice a transaction, and the card will come again."""
    return CARD_KEYS[rule](imk, pan, psn)


def version_of(tags: Tags) -> tuple[IssuerData, Version]:
    """What 9F10 says, and how its version is computed. Raises IssuerDataError."""
    data = IssuerData.parse(tags[_ISSUER_DATA])
    version = VERSIONS.get((data.layout, data.version))
    if version is None:
        known = ", ".join(f"{number:02X} ({row.name})" for (_layout, number), row in VERSIONS.items())
        raise IssuerDataError(f"tag 9F10: cryptogram version: expected {known}, found {data.version:02X}")
    return data, version


def _padding(version: Version) -> ac.PaddingType:
    return PADDINGS[version.padding]
