"""The counter where the card is in a real reader: a person types the PIN, and the issuer is one of the bench's, if the
card is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import cache

from tillbench.host.cards import CardProfile, load_profile, profile_names
from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.oda_profile import CA_KEYS
from tillbench.host.cards.profile_files import SHELVES
from tillbench.host.emv_run.card_guard import CardGuard, Slot
from tillbench.host.emv_run.sale import Counter
from tillbench.host.emv_run.terminal_setup import Order, TerminalSetup, bench_terminal

_PAN = 0x5A
RIDS = ("A000000003", "A000000333", "A000000004", "A000000065", "A000000025", "A000000152", "A000000277")


class ReaderCounter:
    """What the kernel deals with (`Parties`). Every command passes the `CardGuard`, which is not to be got round.

    Args:
        slot: the card.
        order: what is to be paid.
        ask_pin: gets a prompt; the digits, None for no entry. They are kept until the issuer has seen them.
        line_up: False: nobody answers.
    """

    def __init__(self, slot: Slot, order: Order, ask_pin: Callable[[str], str | None], *, line_up: bool = True) -> None:
        self.guard = CardGuard(slot)
        self.response_code = ""
        self.because = ""
        self._order = order
        self._ask_pin = ask_pin
        self._line_up = line_up
        self._pin: str | None = None

    def reset(self, cold: bool) -> bytes:
        """See `Parties`."""
        del cold
        return self.guard.reset()

    def apdu(self, command: bytes) -> bytes | None:
        """See `Parties`. Raises ForeignCard for what this card has not earned."""
        return self.guard.transmit(command)

    def choose(self, names: Sequence[tuple[bytes, str, bool]]) -> int | None:
        """The card's own first choice."""
        del names
        return 0

    def online_pin(self) -> bool:
        """See `Parties`."""
        self._pin = self._ask_pin("PIN for the issuer")
        return self._pin is not None

    def offline_pin(self, tries: int) -> str | None:
        """See `Parties`."""
        return self._ask_pin("PIN for the card" if tries < 0 else f"PIN for the card, {tries} tries left")

    def entropy(self, count: int) -> bytes:
        """See `Parties`."""
        return secrets.token_bytes(count)

    def online(self, chip_data: bytes) -> tuple[str, bytes] | None:
        """The issuer of the shipped card with this PAN; no answer for any other."""
        profile = profile_of(self.guard.objects.get(_PAN, b"")) if self._line_up else None
        if profile is None:
            return None
        issuer = Counter(profile, self._order, self._pin, True)
        if self._pin is not None:
            issuer.online_pin()
        answer = issuer.online(chip_data)
        self.response_code, self.because = issuer.response_code, issuer.because
        return answer


def profile_of(pan: bytes) -> CardProfile | None:
    """The first shipped card with this PAN."""
    return _shipped_by_pan().get(pan.hex().upper().rstrip("F"))


@cache
def _shipped_by_pan() -> dict[str, CardProfile]:
    found: dict[str, CardProfile] = {}
    for shelf in SHELVES:
        for name in profile_names(shelf):
            profile = load_profile(name)
            found.setdefault(profile.pan, profile)
    return found


def terminal_for_any_card() -> TerminalSetup:
    """The bench's terminal with every shipped CA key under every scheme's RID."""
    authority = CardAuthority()
    return bench_terminal([authority.public_key(bytes.fromhex(rid), index) for rid in RIDS for index in CA_KEYS])
