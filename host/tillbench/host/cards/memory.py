"""What a card keeps when it leaves the slot: counters and the flags of its last transactions."""

from dataclasses import asdict, dataclass, field
from typing import Any

from tillbench.host.cards.profile import CardProfile


@dataclass
class ApplicationMemory:
    """One application's counters and indicators (names as in the VIS and UnionPay card specifications)."""

    atc: int = 0
    last_online_atc: int = 0
    online_not_completed: bool = False  # an ARQC was given and no second GENERATE AC came
    issuer_authentication_failed: bool = False  # on the last online transaction
    blocked: bool | None = None  # None: as the profile says
    offline_amount: int = 0  # approved offline since the last online transaction, minor units
    offline_count: int = 0
    offline_international: int = 0
    go_online: bool = False  # the issuer wants the next transaction
    script_commands: int = 0  # genuine ones, 15 at most, since they were last reported
    script_failed: bool = False
    script_atc: int = 0  # the transaction that they belong to
    sda_failed: bool = False  # in the last transaction, which was declined offline
    dda_failed: bool = False
    data: dict[str, str] = field(default_factory=dict)  # by tag, what PUT DATA has changed
    records: dict[str, str] = field(default_factory=dict)  # by "SFI.number", what UPDATE RECORD has
    log: list[str] = field(default_factory=list)  # newest first, each record as hex


@dataclass
class CardMemory:
    """The whole non-volatile state. `pin_tries` is the PIN Try Counter: tries left. `changed_pin` is the PIN that a
    script has set, under the card's own key; empty while the profile's is good."""

    pin_tries: int
    applications: dict[str, ApplicationMemory]
    changed_pin: str = field(default="", repr=False)
    blocked: bool = False  # by CARD BLOCK, for good

    @classmethod
    def fresh(cls, profile: CardProfile) -> "CardMemory":
        """A card as it leaves the factory."""
        return cls(
            profile.pin_try_limit,
            {
                application.aid.hex().upper(): ApplicationMemory(profile.atc, profile.last_online_atc)
                for application in profile.applications
            },
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, good for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "CardMemory":
        """The inverse of `to_dict`. Raises `ValueError` naming what is missing or unknown."""
        try:
            applications = {aid: ApplicationMemory(**values) for aid, values in stored["applications"].items()}
            return cls(
                int(stored["pin_tries"]),
                applications,
                str(stored.get("changed_pin", "")),
                bool(stored.get("blocked", False)),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"stored card memory: {error}") from None
