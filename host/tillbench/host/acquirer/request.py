"""What a terminal asks and what the host decides, without any dialect: the business rules know only these two."""

from dataclasses import dataclass
from datetime import datetime

from tillbench.host.acquirer.chip import ChipData
from tillbench.host.acquirer.counted import Counted
from tillbench.host.acquirer.kinds import TRAITS, Kind
from tillbench.protocols.emv.masking import mask_pan

__all__ = ["NONE_NAMED", "Answer", "Kind", "Listed", "Original", "Request"]


@dataclass(kw_only=True, frozen=True, slots=True)
class Original:
    """What a request says of the transaction that it follows; zero or an empty string is "not said"."""

    batch: int = 0
    stan: int = 0
    date: str = ""  # MMDD
    rrn: str = ""  # retrieval reference number
    authorisation_code: str = ""
    terminal_id: str = ""


NONE_NAMED = Original()


@dataclass(frozen=True, repr=False)
class Listed:
    """One transaction in a batch upload. kind: stripe, chip, failed or advice."""

    kind: str
    stan: int
    pan: str
    amount: int
    domestic: bool = True


@dataclass(kw_only=True, repr=False, slots=True)
class Request:
    """One request. Amounts are minor units; `expiry` is YYMM; an empty string or None is "not sent"."""

    kind: Kind
    terminal_id: str
    merchant_id: str
    stan: int = 0  # with `batch`: the trace of the request itself; a reversal has that of its original
    batch: int = 0
    day: str = ""  # MMDD, in a dialect that knows no batches: it stands in for one, see `days`
    original: Original = NONE_NAMED
    keys: tuple[int, int] = (0, 0)  # sign-on: bytes of each working key, how many keys
    pan: str = ""
    psn: str = ""
    expiry: str = ""
    entry_mode: str = ""
    track_2: str = ""
    track_encrypted: bool = False
    amount: int = 0
    tip: int = 0  # the part of `amount` that is a tip
    partial_allowed: bool = False  # the terminal takes less than it asked for
    currency: str = ""
    chip_data: bytes = b""  # field 55
    chip: ChipData | None = None  # the same, read
    pin_block: bytes = b""  # field 52
    pin_expected: bool = False  # the entry mode says that a PIN was entered
    target_pan: str = ""  # a load for another card
    reason: str = ""  # reversal: why
    uploaded: bool = False  # sent again in a batch upload, without a MAC
    mti: str = ""  # with `function`, what a management message is, for the answers that are kept
    function: str = ""  # field 60.3
    counted: Counted | None = None  # settlement: what the terminal counts
    both_together: bool = False  # it counts domestic and foreign cards in one
    listed: tuple[Listed, ...] = ()  # batch upload: what the terminal has
    count: int = 0  # end of a batch upload: records sent
    payload: bytes = b""  # download: what is asked for

    @property
    def place(self) -> str:
        """Which use of its trace number this is, see `kinds.Traits`."""
        return TRAITS[self.kind].place

    def __repr__(self) -> str:
        return f"<{self.kind} {self.terminal_id} STAN {self.stan:06} {mask_pan(self.pan)} {self.amount}>"


@dataclass(kw_only=True, repr=False, slots=True)
class Answer:
    """The decision on one request. `at` is host local time; a terminal that must sign on again is told so."""

    code: str
    at: datetime
    rrn: str = ""
    authorisation_code: str = ""
    amount: int | None = None  # approved, when it is less than was asked for
    balance: int | None = None  # available, minor units, below zero when overdrawn
    currency: str = ""  # of the balance
    scheme: str = ""  # of the card
    issuer_data: bytes = b""  # field 55 of the answer
    working_keys: bytes = b""  # sign-on: encrypted keys with their check values
    batch: int | None = None  # sign-on: the new batch
    counted: Counted | None = None  # settlement: the terminal's own totals, with
    flags: tuple[int, int] | None = None  # what the host says of the domestic and of the foreign ones
    payload: bytes = b""  # download: what was asked for
    sign_on_again: bool = False
    because: str = ""  # for the log, never for the wire

    def __repr__(self) -> str:
        return f"<answer {self.code} {self.rrn} {self.because}>"
