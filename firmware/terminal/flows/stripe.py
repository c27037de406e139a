"""The magnetic stripe as the card of a transaction: track 2 (ISO/IEC 7813), and what its service code says."""

from terminal.flows.card import STRIPE, Card
from terminal.ui.digits_entry import luhn

_SHORTEST = 24
_LONGEST = 37
"""Characters of track 2 between its sentinels."""
_WITH_CHIP = "26"
"""First digits of the service code of a card that has a chip."""


class StripeCard(Card):
    """A card that was swiped. `of_track` makes it; None for a track that is none."""

    entry = STRIPE

    def take(self, track: str) -> None:
        """Takes number, expiry and track over from a track that `is_track_2`."""
        self.pan, rest = track.split("=")
        self.expiry = rest[:4]
        self.track_2 = track.replace("=", "D")

    async def authenticate(self) -> None:
        """The PIN is what a stripe has to say of its holder. Raises Stop."""
        await self.ask_pin()


def is_track_2(track: str) -> bool:
    """True for digits with one separator behind a card number, an expiry date and a service code."""
    pan, _, rest = track.partition("=")
    return (
        _SHORTEST <= len(track) <= _LONGEST
        and 13 <= len(pan) <= 19
        and len(rest) >= 7
        and pan.isdigit()
        and rest.isdigit()
        and 1 <= int(rest[2:4]) <= 12
        and luhn(pan)
    )


def has_chip(track: str) -> bool:
    """True if the service code says that the card has a chip."""
    return track.partition("=")[2][4] in _WITH_CHIP
