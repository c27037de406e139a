"""`tillbench card list` and `card show`: the cards there are, and one of them whole."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.cards import CardAuthority, load_profile, profile_names
from tillbench.host.cards.application import Application
from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.profile_files import SHELVES
from tillbench.protocols.atr import first_protocol
from tillbench.protocols.emv import describe_value

_SCHEME_NAMES = {
    "amex": "American Express",
    "discover": "Discover",
    "interac": "Interac",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def listing() -> Iterator[str]:
    """A line a card, by shelf."""
    for shelf in SHELVES:
        for name in profile_names(shelf):
            profile = load_profile(name)
            yield f"{shelf:5} {name:40} {profile.masked_pan:20} {profile.summary}"


def sheet(name: str) -> Iterator[str]:
    """Everything about one card that is no secret; its PAN masked. Raises ProfileError."""
    profile = load_profile(name)
    yield f"{profile.name}: {profile.summary}"
    yield f"  {_SCHEME_NAMES[profile.scheme]}, {profile.masked_pan}, sequence number {profile.psn}"
    yield f"  good from {_month(profile.effective)} to the end of {_month(profile.expiry)}, for {profile.cardholder}"
    yield f"  cryptogram version {profile.cvn} (hexadecimal {profile.cvn:02X})"
    yield f"  ATR {profile.atr.hex().upper()}, T={first_protocol(profile.atr)}"
    for word, is_so in (("no PSE", not profile.pse), ("the card is blocked", profile.blocked)):
        if is_so:
            yield f"  {word}"
    for wrong in profile.wrong_atrs:
        yield f"  a reset answered by {wrong.hex().upper() or 'nothing'}"
    for fault in profile.faults:
        yield f"  fault: {fault}"
    authority = CardAuthority()
    for item in profile.applications:
        yield from _application(item, Application(profile, item, authority))
    yield f"  expected: {profile.expect or 'nothing stated'}"


def _application(item: ApplicationProfile, application: Application) -> Iterator[str]:
    named = f' ("{item.preferred_name}")' if item.preferred_name else ""
    yield f"  application {item.aid.hex().upper()} {item.label}{named}, priority {item.priority or 'none'}"
    if item.blocked:
        yield "    blocked"
    oda = item.offline_authentication
    if item.certificates:
        methods = " ".join(method.upper() for method in oda.methods) or "no method in the AIP"
        yield f"    {methods}; RSA: CA {oda.ca.bits}, issuer {oda.issuer.bits}, card {oda.icc.bits} bits"
    for fault in oda.faults:
        yield f"    fault: {fault}"
    for tag, value in ((0x82, application.aip), (0x94, application.afl), (0x8E, item.cvm_list_value)):
        if value:
            yield from describe_value(tag, value, 2)
    for tag, value in ((0x9F0E, item.iac_denial), (0x9F0F, item.iac_online), (0x9F0D, item.iac_default)):
        yield f"    {tag:04X} {value.hex().upper()}"


def _month(yymm: str) -> str:
    return f"20{yymm[:2]}-{yymm[2:]}"
