"""`tillbench emv decode` and `emv explain`."""

from __future__ import annotations

from tillbench.host.cards import CardAuthority, load_profile
from tillbench.host.cards.ca import PublicKey
from tillbench.host.cards.oda_profile import CA_KEYS
from tillbench.host.cli.errors import Refused
from tillbench.host.emv_decode import decode_tlv, decode_value, recovered
from tillbench.host.issuer import CardIssuer, Explanation, IssuerKeys, explain
from tillbench.protocols.emv import TlvError, tlv

_ANY_RID = bytes(5)  # the bench's CA keys are the same under every RID


def lines(data: bytes, tag: str, card: str) -> list[str]:
    """Raises Refused for bytes that are no TLV or a tag that is none, ProfileError for an unknown card."""
    if tag:
        return decode_value(_tag(tag), data)
    keys = _ca_keys(card)
    try:
        found = decode_tlv(data)
        objects = {item.tag: item.value for item in tlv.walk(tlv.parse(data))}
    except TlvError as error:
        raise Refused(f"HEX is no TLV: {error}; --tag TAG decodes a value by itself") from None
    certificates = recovered(objects, keys)
    return [*found, *(["", "certificates", *("  " + line for line in certificates)] if certificates else [])]


def explained(field_55: bytes, card: str) -> Explanation:
    """Raises Refused for bytes that are no TLV, ProfileError for an unknown card."""
    profile = load_profile(card)
    try:
        tags = {item.tag: item.value for item in tlv.walk(tlv.parse(field_55))}
    except TlvError as error:
        raise Refused(f"HEX is no TLV: {error}") from None
    return explain(CardIssuer(IssuerKeys(bytes.fromhex(profile.imk_ac)), profile.pan, profile.psn), tags)


def _ca_keys(card: str) -> list[PublicKey]:
    authority = CardAuthority()
    own = authority.public_keys(load_profile(card)) if card else []
    return [*own, *(authority.public_key(_ANY_RID, index) for index in CA_KEYS)]


def _tag(text: str) -> int:
    try:
        number = int(text, 16)
        if tlv.read_tag(tlv.tag_bytes(number), 0) == (number, len(tlv.tag_bytes(number))):
            return number
    except (ValueError, IndexError):
        pass
    raise Refused(f"--tag {text}: expected a tag such as 95 or 9F10")
