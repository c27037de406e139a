"""Cards as data: what a profile says, and the checks on it."""

import calendar
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator
from tillbench.host.cards.cryptograms import TERMINAL_DATA, VERSIONS
from tillbench.protocols.emv import TAGS, DolEntry, cvm, mask_pan
from tillbench.protocols.emv.tlv import tag_hex

_METHODS = {
    "fail": 0x00,
    "plaintext-pin": 0x01,
    "online-pin": 0x02,
    "plaintext-pin-and-signature": 0x03,
    "enciphered-pin": 0x04,
    "enciphered-pin-and-signature": 0x05,
    "signature": 0x1E,
    "none": 0x1F,
}
_CONDITIONS = {
    "always": 0x00,
    "unattended-cash": 0x01,
    "not-cash": 0x02,
    "supported": 0x03,
    "manual-cash": 0x04,
    "cashback": 0x05,
    "under-x": 0x06,
    "over-x": 0x07,
    "under-y": 0x08,
    "over-y": 0x09,
}


def _hex(least: int, most: int) -> BeforeValidator:
    """Hexadecimal digits for `least` to `most` bytes."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            content = bytes.fromhex(value)
        except ValueError:
            raise ValueError("expected an even number of hexadecimal digits") from None
        if not least <= len(content) <= most:
            sizes = str(least) if least == most else f"{least} to {most}"
            raise ValueError(f"expected {sizes} bytes in hexadecimal, not {len(content)}")
        return content

    return BeforeValidator(validate)


def _dol(value: object) -> object:
    """`9F02 9F1A 9F4E:20` to entries: the table's length where it is fixed, else the one after the colon."""
    if not isinstance(value, str):
        return value
    entries = []
    for word in value.split():
        text, _, length = word.partition(":")
        try:
            tag = int(text, 16)
        except ValueError:
            raise ValueError(f"expected tags such as 9F02 or 9F4E:20, found {word}") from None
        row = TAGS.get(tag)
        if not length and (row is None or row.fixed_length is None):
            raise ValueError(f"{word} has no fixed length: write {text}:<bytes>")
        if length and not (length.isdecimal() and int(length) <= 252):
            raise ValueError(f"expected a length of 0 to 252 bytes, found {word}")
        entries.append(DolEntry(tag, int(length) if length else TAGS[tag].least))
    return tuple(entries)


Dol = Annotated[tuple[DolEntry, ...], BeforeValidator(_dol)]
TwoBytes = Annotated[bytes, _hex(2, 2)]
ActionCode = Annotated[bytes, _hex(5, 5)]


class _Model(BaseModel):
    # Defaults are validated too, so that a check across two fields also sees the one that was left out.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


class CvmProfile(_Model):
    """One rule of the CVM list (Book 3, Annex C3)."""

    method: Literal[
        "fail",
        "plaintext-pin",
        "online-pin",
        "plaintext-pin-and-signature",
        "enciphered-pin",
        "enciphered-pin-and-signature",
        "signature",
        "none",
    ]
    when: Literal[
        "always",
        "unattended-cash",
        "not-cash",
        "supported",
        "manual-cash",
        "cashback",
        "under-x",
        "over-x",
        "under-y",
        "over-y",
    ] = "always"
    otherwise: Literal["next", "fail"] = "fail"

    @property
    def rule(self) -> cvm.CvmRule:
        code = _METHODS[self.method] | (cvm.NEXT_IF_FAILED if self.otherwise == "next" else 0)
        return cvm.CvmRule(code, _CONDITIONS[self.when])


class ApplicationProfile(_Model):
    """One application of a card: how it is found, what its records say, how it decides."""

    aid: Annotated[bytes, _hex(5, 16)]
    label: Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[ -~]+$")]
    preferred_name: str | None = None
    code_table: Annotated[int, Field(ge=1, le=10)] | None = None
    priority: Annotated[int, Field(ge=0, le=15)] = 1
    confirm: bool = False  # the cardholder must agree even when this is the only application
    languages: Annotated[str, Field(pattern=r"^([a-z]{2}){1,4}$")] = "zhen"
    version: TwoBytes = b"\x00\x96"
    usage: TwoBytes = b"\xff\xc0"
    response_format: Literal["1", "2"] = "2"
    pdol: Dol = ()
    cdol1: Dol
    cdol2: Dol
    cvm_list: tuple[CvmProfile, ...] = ()
    cvm_x: Annotated[int, Field(ge=0, le=0xFFFFFFFF)] = 0
    cvm_y: Annotated[int, Field(ge=0, le=0xFFFFFFFF)] = 0
    iac_default: ActionCode
    iac_denial: ActionCode
    iac_online: ActionCode
    issuer_authentication: Literal["external", "cdol2", "none"] = "external"
    issuer_authentication_mandatory: bool = True
    lower_offline_limit: Annotated[int, Field(ge=0, le=255)] | None = None
    upper_offline_limit: Annotated[int, Field(ge=0, le=255)] | None = None
    first_cryptogram: Literal["as-requested", "online", "decline"] = "as-requested"
    second_cryptogram: Literal["as-requested", "decline"] = "as-requested"
    log_records: Annotated[int, Field(ge=0, le=30)] = 0
    certificates: bool = True
    blocked: bool = False

    @field_validator("cdol1", "cdol2")
    @classmethod
    def _has_cryptogram_data(cls, value: tuple[DolEntry, ...]) -> tuple[DolEntry, ...]:
        listed = {entry.tag for entry in value}
        missing = [tag_hex(tag) for tag in TERMINAL_DATA if tag not in listed]
        if missing:
            raise ValueError(f"the cryptogram covers {' '.join(missing)}, which the list does not ask for")
        return value

    @field_validator("issuer_authentication")
    @classmethod
    def _agrees_with_cdol2(cls, value: str, info: ValidationInfo) -> str:
        if "cdol2" in info.data and any(entry.tag == 0x91 for entry in info.data["cdol2"]) != (value == "cdol2"):
            raise ValueError("cdol2 must list 91 when issuer_authentication is cdol2, and only then")
        return value

    @field_validator("upper_offline_limit")
    @classmethod
    def _has_a_lower_limit(cls, value: int | None, info: ValidationInfo) -> int | None:
        if (info.data.get("lower_offline_limit") is None) != (value is None):
            raise ValueError("lower_offline_limit and upper_offline_limit go together")
        return value

    @field_validator("code_table")
    @classmethod
    def _has_a_name(cls, value: int | None, info: ValidationInfo) -> int | None:
        name = info.data.get("preferred_name")
        if (name is None) != (value is None):
            raise ValueError("preferred_name and code_table go together")
        try:
            size = len((name or "").encode(f"iso8859-{value or 1}"))
        except UnicodeEncodeError as error:
            raise ValueError(f"ISO 8859-{value} has no {error.object[error.start]!r} for preferred_name") from None
        if name is not None and not 1 <= size <= 16:
            raise ValueError(f"preferred_name: expected 1 to 16 bytes, found {size}")
        return value

    @property
    def cvm_list_value(self) -> bytes:
        """The value of tag 8E, empty when the card has no list."""
        if not self.cvm_list:
            return b""
        return cvm.CvmList(self.cvm_x, self.cvm_y, tuple(item.rule for item in self.cvm_list)).build()


class CardProfile(_Model):
    """A whole card with its account. Money in minor units (fen, cents). PANs and keys are test material."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    summary: str
    scheme: Literal["unionpay", "visa"]
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
    cvn: int
    key_index: Annotated[int, Field(ge=0, le=255)] = 1
    balance: int = 0
    status: Literal["active", "blocked"] = "active"
    enrolled: bool = True
    country: Annotated[str, Field(pattern=r"^\d{4}$")] = "0156"
    currency: Annotated[str, Field(pattern=r"^\d{4}$")] = "0156"
    atr: Annotated[bytes, _hex(2, 33)] = bytes.fromhex("3B600000")
    one_by_one: bool = False  # T=0: a procedure byte for every data byte
    null_bytes: Annotated[int, Field(ge=0, le=20)] = 0  # T=0: NULL characters before each answer
    pse: bool = True
    blocked: bool = False
    atc: Annotated[int, Field(ge=0, le=0xFFFE)] = 0
    last_online_atc: Annotated[int, Field(ge=0, le=0xFFFE)] = 0
    applications: tuple[ApplicationProfile, ...]

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
            raise ValueError(f"{scheme} cryptogram versions here: {', '.join(map(str, known))}")
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

    def __str__(self) -> str:
        return f"{self.name} {self.masked_pan}"
