"""The volatile half of a card: what is selected and how far its transaction has come."""

import random
from dataclasses import dataclass, field
from enum import Enum, auto

from tillbench.host.cards.application import Application
from tillbench.host.cards.card_status_update import CardStatusUpdate
from tillbench.host.cards.memory import ApplicationMemory, CardMemory
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.status import CONDITIONS_NOT_SATISFIED, Refused


class Phase(Enum):
    """Where a transaction stands; each command is good in some phases and 6985 in the others."""

    SELECTED = auto()
    INITIATED = auto()  # GET PROCESSING OPTIONS done
    ONLINE = auto()  # the first GENERATE AC gave an ARQC
    DONE = auto()  # TC or AAC given


@dataclass
class Transaction:
    """One selection of an application, up to its last cryptogram."""

    application: Application
    phase: Phase = Phase.SELECTED
    pdol_data: bytes = b""
    cdol1_data: bytes = b""
    cdol1: dict[int, bytes] = field(default_factory=dict)  # the same, cut
    internal_authentication: bool = False  # INTERNAL AUTHENTICATE was answered
    offline_pin: bool | None = None  # None: no VERIFY yet; False: the last one failed
    enciphered_pin: bool = False  # a VERIFY came enciphered
    blocked_by_pin: bool = False  # its last PIN try blocked the application
    first_cryptogram: bytes = b""
    proof_key: bytes = b""  # the key under which the issuer proves itself
    cda_first: bool = False
    status_update: CardStatusUpdate | None = None
    issuer_authentication: bool | None = None  # None: none yet


@dataclass
class Session:
    """Everything the commands work on. `directory` tells that the PSE is what is selected."""

    profile: CardProfile
    memory: CardMemory
    applications: list[Application]
    rng: random.Random
    transaction: Transaction | None = None
    directory: bool = False
    challenge: bytes = b""  # given by the command right before
    last_match: int = field(default=-1)  # position in `applications` of the last SELECT by name

    def power_on(self) -> None:
        """A reset: nothing is selected."""
        self.transaction = None
        self.directory = False
        self.challenge = b""
        self.last_match = -1

    def require(self, *phases: Phase) -> Transaction:
        """The transaction, when it stands in one of `phases`; otherwise the command is refused with 6985."""
        if self.transaction is None or self.transaction.phase not in phases:
            raise Refused(CONDITIONS_NOT_SATISFIED)
        return self.transaction

    def memory_of(self, application: Application) -> ApplicationMemory:
        return self.memory.applications[application.aid.hex().upper()]

    def is_blocked(self, application: Application) -> bool:
        """Whether this application is blocked: by a command or the PIN since it was made, else as the profile says."""
        changed = self.memory_of(application).blocked
        return application.profile.blocked if changed is None else changed

    def atc_of(self, application: Application) -> bytes:
        """The Application Transaction Counter, two bytes."""
        return self.memory_of(application).atc.to_bytes(2, "big")
