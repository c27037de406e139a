"""What a terminal asks and what the host decides, without any dialect: the business rules know only these two."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tillbench.protocols.emv.masking import mask_pan


class Kind(StrEnum):
    SIGN_ON = "sign-on"
    SALE = "sale"
    REVERSAL = "reversal"


@dataclass(frozen=True, kw_only=True, repr=False)
class Request:
    """One request. Amounts are minor units; `expiry` is YYMM; an empty string or None is "not sent"."""

    kind: Kind
    terminal_id: str
    merchant_id: str
    stan: int  # with `batch`: the trace of the request itself; of a reversal, that of its original
    batch: int
    key_length: int = 0  # sign-on: bytes of each working key asked for
    pan: str = ""
    psn: str = ""
    expiry: str = ""
    entry_mode: str = ""
    amount: int = 0
    currency: str = ""
    chip_data: bytes = b""  # field 55
    pin_block: bytes = b""  # field 52
    pin_expected: bool = False  # the entry mode says that a PIN was entered
    reason: str = ""  # reversal: why

    def __repr__(self) -> str:
        return f"<{self.kind} {self.terminal_id} STAN {self.stan:06} {mask_pan(self.pan)} {self.amount}>"


@dataclass(kw_only=True, repr=False)
class Answer:
    """The decision on one request. `at` is host local time; a terminal that must sign on again is told so."""

    code: str
    at: datetime
    rrn: str = ""
    authorisation_code: str = ""
    issuer_data: bytes = b""  # field 55 of the answer
    working_keys: bytes = b""  # sign-on: encrypted keys with their check values
    batch: int | None = None  # sign-on: the new batch
    sign_on_again: bool = False
    because: str = ""  # for the log, never for the wire

    def __repr__(self) -> str:
        return f"<answer {self.code} {self.rrn} {self.because}>"
