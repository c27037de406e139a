"""Card action analysis: which cryptogram the card gives, never a better one than it was asked for
(EMV 4.3 Book 3, 10.8 and table 36)."""

from typing import NamedTuple

from tillbench.host.cards import velocity
from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.memory import ApplicationMemory
from tillbench.host.cards.session import Transaction

AAC = 0x00
TC = 0x40
ARQC = 0x80

REASON_NONE = 0
REASON_NOT_ALLOWED = 1
REASON_PIN_TRIES = 2
REASON_ISSUER_AUTHENTICATION = 3

_RANK = {AAC: 0, ARQC: 1, TC: 2}
_UNABLE_TO_GO_ONLINE = (b"Y3", b"Z3")


class Decision(NamedTuple):
    """The cryptogram type and, in the low bits of the CID, why."""

    cryptogram: int
    reason: int = REASON_NONE

    @property
    def cid(self) -> int:
        return self.cryptogram | self.reason


def lower(requested: int, wanted: int) -> int:
    """The lower of the two in the order TC, ARQC, AAC."""
    return min(requested, wanted, key=lambda cryptogram: _RANK[cryptogram])


def first(
    profile: ApplicationProfile, memory: ApplicationMemory, requested: int, exceeded: velocity.Exceeded
) -> Decision:
    """At the first GENERATE AC: offline approval only for a card that has been online, has finished its last online
    transaction, stands within its limits and is not called by its issuer."""
    if requested == AAC:
        return Decision(AAC)
    if profile.first_cryptogram == "decline":
        return Decision(AAC, REASON_NOT_ALLOWED)
    wants_online = (
        profile.first_cryptogram == "online"
        or memory.online_not_completed
        or memory.issuer_authentication_failed
        or memory.go_online
        or is_new(memory)
        or exceeded.wants_online
    )
    return Decision(lower(requested, ARQC if wants_online else TC))


def second(
    profile: ApplicationProfile,
    requested: int,
    unable_to_go_online: bool,
    transaction: Transaction,
    exceeded: velocity.Exceeded,
) -> Decision:
    """At the second GENERATE AC: no approval without the issuer's proof where it is mandatory, none after a false
    one or where the proof itself says no, none offline beyond an upper limit."""
    if requested == AAC:
        return Decision(AAC)
    if profile.second_cryptogram == "decline":
        return Decision(AAC, REASON_NOT_ALLOWED)
    if unable_to_go_online:
        return Decision(AAC if exceeded.forbids_offline else TC)
    if transaction.issuer_authentication is False:
        return Decision(AAC, REASON_ISSUER_AUTHENTICATION)
    if transaction.issuer_authentication is None and mandatory(profile):
        return Decision(AAC, REASON_ISSUER_AUTHENTICATION)
    if transaction.status_update and not transaction.status_update.approved:
        return Decision(AAC)
    return Decision(TC)


def mandatory(profile: ApplicationProfile) -> bool:
    """Whether the card approves nothing online without issuer authentication."""
    return profile.issuer_authentication != "none" and profile.issuer_authentication_mandatory


def is_new(memory: ApplicationMemory) -> bool:
    """A card that has never completed an online transaction."""
    return memory.last_online_atc == 0


def is_unable_to_go_online(response_code: bytes | None) -> bool:
    """Tag 8A as the terminal sets it when no host answered."""
    return response_code in _UNABLE_TO_GO_ONLINE
