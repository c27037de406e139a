"""Why a cryptogram does not verify: every way of computing it that cards are known to use is tried, and then every
small difference in the data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from pyemv import ac
from tillbench.host.issuer.card_issuer import CardIssuer, version_of
from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError
from tillbench.host.issuer.versions import (
    CARD_KEYS,
    COVERED,
    PADDINGS,
    SESSION_KEYS,
    SIGNED_TAGS,
    VERSIONS,
    Version,
    quiet_about_des,
)
from tillbench.protocols.emv import name_of
from tillbench.protocols.emv.tlv import tag_hex

_TVR_BITS = 40


@dataclass
class Explanation:
    """`reasons`, one line each, likeliest first; empty where nothing that was tried gives the cryptogram."""

    verifies: bool
    tried: int = 0
    reasons: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        if self.verifies:
            return "the cryptogram verifies"
        if not self.reasons:
            return f"none of {self.tried} ways to compute it gives this cryptogram: another master key, or other data"
        return "; ".join(self.reasons)


def explain(issuer: CardIssuer, tags: Mapping[int, bytes]) -> Explanation:
    """Tries card keys, session keys, what of 9F10 is covered, and padding; then, in the version's own way, another PAN
    sequence number, each data element left out or empty, each TVR bit, and a counter or amount close by.

    `tags` as for `CardIssuer`; a missing tag is named and ends it. No key is in the result.
    """
    missing = [tag for tag in (*SIGNED_TAGS, 0x9F10, 0x9F26) if tag not in tags]
    if missing:
        return Explanation(False, reasons=[f"tag {tag_hex(tag)} ({name_of(tag)}) is missing" for tag in missing])
    found = Explanation(False)
    try:
        data, version = version_of(tags)
        found.verifies = issuer.verify(tags)
    except IssuerDataError as error:
        found.reasons.append(str(error))
        try:
            data, version = IssuerData.parse(tags[0x9F10]), None
        except IssuerDataError:
            data, version = IssuerData("vis", 0, 0, b"", b"", tags[0x9F10]), None
    if found.verifies:
        return found
    with quiet_about_des():
        ways = _other_ways(issuer, tags, data, version)
        for reason, cryptogram in (*ways, *(_other_data(issuer, tags) if version else ())):
            found.tried += 1
            if cryptogram == tags[0x9F26]:
                found.reasons.append(reason)
    return found


def _other_ways(
    issuer: CardIssuer, tags: Mapping[int, bytes], data: IssuerData, version: Version | None
) -> Iterator[tuple[str, bytes]]:
    """Every combination of the parts of versions, those that exist by name."""
    names = {(row.card_key, row.session_key, row.covered, row.padding): row.name for row in VERSIONS.values()}
    signed = b"".join(tags[tag] for tag in SIGNED_TAGS)
    seen = set()
    # Those with a name first: option A and B are one for a PAN of 16 digits, and so on.
    for way in sorted(product(CARD_KEYS, SESSION_KEYS, COVERED, PADDINGS), key=lambda way: way not in names):
        card_key, session_key, covered, padding = way
        key = SESSION_KEYS[session_key](CARD_KEYS[card_key](issuer.keys.ac, issuer.pan, issuer.psn), tags)
        content = signed + COVERED[covered](data)
        if (key, content, padding) in seen:
            continue
        seen.add((key, content, padding))
        said = f", {names[way]}" if way in names else ""
        instead = f" instead of {version.name}" if version else ""
        text = f"{card_key}, {session_key}, over {covered}, padded with {padding}"
        yield f"it matches with {text}{said}{instead}", ac.generate_ac(key, content, PADDINGS[padding])


def _other_data(issuer: CardIssuer, tags: Mapping[int, bytes]) -> Iterator[tuple[str, bytes]]:
    """The version's own way over data that differ a little from those in the message."""
    for psn in {"00", "01", "02"} - {issuer.psn}:
        other = CardIssuer(issuer.keys, issuer.pan, psn)
        yield f"it matches for PAN sequence number {psn}, not {issuer.psn}", other.cryptogram(tags)
    for tag, value in dict.fromkeys(_small_differences(tags)):
        changed = {**tags, tag: value}
        shown = value.hex().upper() or "nothing"
        text = f"{tag_hex(tag)} ({name_of(tag)}): the card signed {shown}, the message has {tags[tag].hex().upper()}"
        yield text, issuer.cryptogram(changed)


def _small_differences(tags: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
    for tag in SIGNED_TAGS:
        if any(tags[tag]):
            yield tag, bytes(len(tags[tag]))
        if tag not in (0x9F36, 0x9F37):
            yield tag, b""
    tvr = int.from_bytes(tags[0x95], "big")
    for bit in range(_TVR_BITS):
        yield 0x95, (tvr ^ 1 << bit).to_bytes(5, "big")
    atc = int.from_bytes(tags[0x9F36], "big")
    for near in (atc - 1, atc + 1):
        yield 0x9F36, (near & 0xFFFF).to_bytes(2, "big")
    if tags[0x9F03] != bytes(6):
        yield 0x9F03, tags[0x9F02]
    yield 0x9A, tags[0x9A][::-1]
    yield 0x9C, bytes([tags[0x9C][0] ^ 0x01]) if tags[0x9C] else b"\x00"
    yield 0x9F37, tags[0x9F37][::-1]
