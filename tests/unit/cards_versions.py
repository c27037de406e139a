"""A card of every cryptogram version, made of the same profile."""

from typing import Any

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile, profile_names
from tillbench.host.cards.cryptogram_versions import VERSIONS

every_version = pytest.mark.parametrize(
    ("scheme", "number"), VERSIONS, ids=[f"{scheme}-{number:02X}" for scheme, number in VERSIONS]
)


def profile_of(scheme: str, number: int, pan: str = "4761739001010010006", **changes: Any) -> CardProfile:
    """A profile with this version, a 19-digit PAN (options A and B differ) and `changes` in its application."""
    base = load_profile("visa-credit").model_dump()
    application = base["applications"][0] | {"issuer_authentication_mandatory": True} | changes
    card = {"scheme": scheme, "cvn": number, "pan": pan, "applications": [application]}
    return CardProfile.model_validate(base | card)


def card_of(scheme: str, number: int, **changes: Any) -> VirtualCard:
    return VirtualCard(profile_of(scheme, number, **changes))


def sound_names(shelf: str) -> list[str]:
    """The cards of a shelf whose first application can be read to its end: no faults of the chip, nothing missing."""
    found = []
    for name in profile_names(shelf):
        profile = load_profile(name)
        assert profile.expect is not None
        if not profile.faults and profile.expect.outcome != "terminated" and not profile.applications[0].blocked:
            found.append(name)
    return found
