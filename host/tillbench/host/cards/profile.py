"""Cards as data: what a profile says, and the checks on it."""

import calendar
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator
from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.host.cards.expectation import Expectation
from tillbench.host.cards.fault_profile import FaultProfile
from tillbench.host.cards.profile_fields import Model, hex_bytes
from tillbench.protocols.emv import mask_pan


def _number(value: object) -> object:
    """`10` and `0x0A` are the same."""
    return int(value, 16) if isinstance(value, str) and re.fullmatch(r"0x[0-9A-Fa-f]{1,2}", value) else value


class CardProfile(Model):
    """A whole card with its account. Money in minor units (fen, cents). PANs and keys are test material."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    summary: str
    scheme: Literal["amex", "discover", "interac", "jcb", "mastercard", "unionpay", "visa"]
    pan: Annotated[str, Field(pattern=r"^\d{12,19}$", repr=False)]
    psn: Annotated[str, Field(pattern=r"^\d{2}$")] = "00"
    expiry: Annotated[str, Field(pattern=r"^\d{2}(0[1-9]|1[0-2])$")]
    effective: Annotated[str, Field(pattern=r"^\d{2}(0[1-9]|1[0-2])$")] = "2001"
    cardholder: Annotated[str, Field(min_length=2, max_length=26, pattern=r"^[ -~]+$")]
    service_code: Annotated[str, Field(pattern=r"^\d{3}$")] = "201"
    pin: Annotated[str, Field(pattern=r"^\d{4,12}$", repr=False)]
    pin_try_limit: Annotated[int, Field(ge=0, le=15)] = 3
    offline_pin: bool = True
    imk_ac: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$", repr=False)]
    imk_smi: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$", repr=False)] = "1F1E1D1C1B1A19181716151413121110"
    imk_smc: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{32}$", repr=False)] = "2F2E2D2C2B2A29282726252423222120"
    cvn: Annotated[int, BeforeValidator(_number)]  # the byte in 9F10: 10, or 0x22
    key_index: Annotated[int, Field(ge=0, le=255)] = 1
    balance: int = 0
    status: Literal["active", "blocked"] = "active"
    enrolled: bool = True
    country: Annotated[str, Field(pattern=r"^\d{4}$")] = "0156"
    currency: Annotated[str, Field(pattern=r"^\d{4}$")] = "0156"
    atr: Annotated[bytes, hex_bytes(2, 33)] = bytes.fromhex("3B600000")
    one_by_one: bool = False  # T=0: a procedure byte for every data byte
    null_bytes: Annotated[int, Field(ge=0, le=20)] = 0  # T=0: NULL characters before each answer
    response_part: Annotated[int, Field(ge=0, le=255)] = 0  # T=0: GET RESPONSE gives no more at once; 0: all
    vague_length: bool = False  # T=0: 6100 for whatever length waits, 6Cxx when it is fetched with a wrong one
    wtx: Annotated[int, Field(ge=0, le=255)] = 0  # T=1: multiplier of the waiting time asked for before each answer
    ifsc: Annotated[int, Field(ge=0, le=254)] = 0  # T=1: information field size announced before the first answer
    faults: tuple[FaultProfile, ...] = ()
    wrong_atrs: tuple[Annotated[bytes, hex_bytes(0, 33)], ...] = ()  # of the first resets; an empty one is mute
    pse: bool = True
    blocked: bool = False
    atc: Annotated[int, Field(ge=0, le=0xFFFE)] = 0
    last_online_atc: Annotated[int, Field(ge=0, le=0xFFFE)] = 0
    applications: tuple[ApplicationProfile, ...]
    expect: Expectation | None = None

    @field_validator("pan")
    @classmethod
    def _luhn(cls, value: str) -> str:
        doubled = (int(d) * 2 if at % 2 else int(d) for at, d in enumerate(reversed(value)))
        if sum(n - 9 if n > 9 else n for n in doubled) % 10:
            raise ValueError("wrong check digit (Luhn)")
        return value

    @field_validator("cvn")
    @classmethod
    def _is_known(cls, value: int, info: ValidationInfo) -> int:
        scheme = info.data.get("scheme")
        known = [number for name, number in VERSIONS if name == scheme]
        if known and value not in known:
            names = ", ".join(f"{number} (0x{number:02X})" for number in known)
            raise ValueError(f"{scheme} cryptogram versions here: {names}; others have no oracle to prove them")
        return value

    @field_validator("last_online_atc")
    @classmethod
    def _is_not_ahead(cls, value: int, info: ValidationInfo) -> int:
        if value > info.data.get("atc", 0xFFFF):
            raise ValueError("must not be above atc")
        return value

    @field_validator("applications", mode="before")
    @classmethod
    def _is_not_empty(cls, value: object) -> object:
        if value == []:
            raise ValueError("expected at least one application")
        return value

    @field_validator("applications")
    @classmethod
    def _have_their_own_aids(cls, value: tuple[ApplicationProfile, ...]) -> tuple[ApplicationProfile, ...]:
        if len({application.aid for application in value}) != len(value):
            raise ValueError("two have the same AID")
        return value

    @property
    def masked_pan(self) -> str:
        """First six and last four digits."""
        return mask_pan(self.pan)

    @property
    def expiry_date(self) -> bytes:
        """Tag 5F24: the last day of the expiry month, YYMMDD in three bytes."""
        year, month = int(self.expiry[:2]), int(self.expiry[2:])
        return bytes.fromhex(f"{self.expiry}{calendar.monthrange(2000 + year, month)[1]:02d}")

    @property
    def track2(self) -> bytes:
        """Tag 57: PAN, separator D, expiry, service code, discretionary zeros, padded with F."""
        digits = f"{self.pan}D{self.expiry}{self.service_code}00000000"
        return bytes.fromhex(digits + "F" * (len(digits) % 2))

    @property
    def stripe_track2(self) -> str:
        """Track 2 of the stripe as a reader gives it: no sentinels, `=` for the separator."""
        return f"{self.pan}={self.expiry}{self.service_code}00000000"

    def __str__(self) -> str:
        return f"{self.name} {self.masked_pan}"
