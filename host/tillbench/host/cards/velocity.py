"""Offline spending limits that the card itself keeps (VIS 1.5, JR/T 0025.5: velocity checking).

A profile gives the first values; PUT DATA replaces them, GET DATA shows them. Everything counts from the last completed
online transaction.
"""

from typing import NamedTuple

from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.memory import ApplicationMemory

LOWER_CONSECUTIVE = 0x9F58
UPPER_CONSECUTIVE = 0x9F59
CONSECUTIVE_INTERNATIONAL = 0x9F53
CUMULATIVE = 0x9F54
UPPER_CUMULATIVE = 0x9F5C
LIMITS = {
    LOWER_CONSECUTIVE: ("lower_offline_limit", 1),
    UPPER_CONSECUTIVE: ("upper_offline_limit", 1),
    CONSECUTIVE_INTERNATIONAL: ("international_limit", 1),
    CUMULATIVE: ("cumulative_limit", 6),
    UPPER_CUMULATIVE: ("upper_cumulative_limit", 6),
}
"""By tag: the profile's field, the size in bytes. Amounts are 12 digits in minor units, counts binary."""


def limit(profile: ApplicationProfile, memory: ApplicationMemory, tag: int) -> int | None:
    """The limit now, None where the card has none."""
    changed = memory.data.get(f"{tag:X}")
    if changed is not None:
        return int(changed) if LIMITS[tag][1] == 6 else int(changed, 16)
    value: int | None = getattr(profile, LIMITS[tag][0])
    return value


def limit_value(profile: ApplicationProfile, memory: ApplicationMemory, tag: int) -> bytes:
    """The limit as GET DATA gives it, empty where there is none."""
    value, size = limit(profile, memory, tag), LIMITS[tag][1]
    if value is None:
        return b""
    return bytes.fromhex(f"{value:012d}") if size == 6 else value.to_bytes(size, "big")


class Exceeded(NamedTuple):
    """Which limits this transaction is beyond."""

    lower_consecutive: bool
    upper_consecutive: bool
    international: bool
    cumulative: bool
    upper_cumulative: bool

    @property
    def wants_online(self) -> bool:
        return any(self)

    @property
    def forbids_offline(self) -> bool:
        return self.upper_consecutive or self.upper_cumulative


def check(profile: ApplicationProfile, memory: ApplicationMemory, amount: int, is_domestic: bool) -> Exceeded:
    """`amount` in minor units of the application currency; `is_domestic` tells that it is in that currency."""
    consecutive = memory.atc - memory.last_online_atc
    spent = memory.offline_amount + (amount if is_domestic else 0)
    abroad = memory.offline_international + (0 if is_domestic else 1)

    def beyond(tag: int, value: int) -> bool:
        most = limit(profile, memory, tag)
        return most is not None and value > most

    return Exceeded(
        beyond(LOWER_CONSECUTIVE, consecutive),
        beyond(UPPER_CONSECUTIVE, consecutive),
        beyond(CONSECUTIVE_INTERNATIONAL, abroad),
        beyond(CUMULATIVE, spent),
        beyond(UPPER_CUMULATIVE, spent),
    )


def count_offline(memory: ApplicationMemory, amount: int, is_domestic: bool) -> None:
    """An offline approval."""
    memory.offline_count += 1
    if is_domestic:
        memory.offline_amount += amount
    else:
        memory.offline_international += 1


def reset(memory: ApplicationMemory) -> None:
    """The issuer has seen the card: everything counts from here."""
    memory.last_online_atc = memory.atc
    memory.offline_amount = memory.offline_count = memory.offline_international = 0
