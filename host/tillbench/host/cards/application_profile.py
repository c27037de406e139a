"""One application as data: selection, records, decisions; and the checks on them."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from tillbench.host.cards.cryptogram_versions import TERMINAL_DATA
from tillbench.host.cards.oda_profile import OdaProfile
from tillbench.host.cards.profile_fields import ActionCode, Dol, Model, TwoBytes, hex_bytes
from tillbench.host.cards.record_profile import RecordProfile
from tillbench.protocols.emv import DolEntry, cvm, tlv
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
METHOD_NAMES = {code: name for name, code in _METHODS.items()}
CONDITION_NAMES = {code: name for name, code in _CONDITIONS.items()}

_MOST_CDA_BITS = 205 * 8

RecordTag = Annotated[str, Field(pattern=r"^([0-9A-E][0-9A-F]|[0-9A-F][0-9A-E]|[159D]F[0-9A-F]{2})$")]
DataTag = Annotated[str, Field(pattern=r"^(9F|DF)[0-9A-F]{2}$")]


class CvmProfile(Model):
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


class ApplicationProfile(Model):
    """One application of a card: how it is found, what its records say, how it decides."""

    aid: Annotated[bytes, hex_bytes(5, 16)]
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
    international_limit: Annotated[int, Field(ge=0, le=255)] | None = None
    cumulative_limit: Annotated[int, Field(ge=0, le=999_999_999_999)] | None = None
    upper_cumulative_limit: Annotated[int, Field(ge=0, le=999_999_999_999)] | None = None
    data_objects: dict[DataTag, Annotated[bytes, hex_bytes(1, 248)]] = Field(default_factory=dict)
    expects_pin: bool = False  # the CVR tells the issuer when no VERIFY came
    first_cryptogram: Literal["as-requested", "online", "decline"] = "as-requested"
    second_cryptogram: Literal["as-requested", "decline"] = "as-requested"
    pin_limit_blocks: bool = False  # the last wrong PIN blocks the application
    log_records: Annotated[int, Field(ge=0, le=30)] = 0
    objects: dict[RecordTag, Annotated[bytes, hex_bytes(0, 248)]] = Field(default_factory=dict)
    layout: tuple[RecordProfile, ...] = ()
    aip: TwoBytes | None = None  # in place of the one that fits the profile
    afl: Annotated[bytes, hex_bytes(0, 252)] | None = None  # in place of the one that fits the records
    certificates: bool = True
    offline_authentication: OdaProfile = OdaProfile()
    blocked: bool = False

    @field_validator("cdol1")
    @classmethod
    def _has_cryptogram_data(cls, value: tuple[DolEntry, ...]) -> tuple[DolEntry, ...]:
        listed = {entry.tag for entry in value}
        missing = [tag_hex(tag) for tag in TERMINAL_DATA if tag not in listed]
        if missing:
            raise ValueError(f"the cryptogram covers {' '.join(missing)}, which the list does not ask for")
        return value

    @field_validator("cdol2")
    @classmethod
    def _has_the_answer(cls, value: tuple[DolEntry, ...]) -> tuple[DolEntry, ...]:
        """What else the second cryptogram covers may stand in CDOL1 alone, as M/Chip cards have it."""
        listed = {entry.tag for entry in value}
        missing = [tag_hex(tag) for tag in (0x8A, 0x95, 0x9F37) if tag not in listed]
        if missing:
            raise ValueError(f"the second cryptogram needs {' '.join(missing)}, which the list does not ask for")
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

    @field_validator("layout")
    @classmethod
    def _signed_ones_come_first(cls, value: tuple[RecordProfile, ...]) -> tuple[RecordProfile, ...]:
        for at, row in enumerate(value):
            if row.signed and any(before.sfi == row.sfi and not before.signed for before in value[:at]):
                raise ValueError(f"SFI {row.sfi}: the AFL counts signed records from the first on")
            if row.signed and row.raw is not None and row.sfi <= 10:
                try:
                    is_template = [item.tag for item in tlv.parse(row.raw, nested=False)] == [0x70]
                except tlv.TlvError:
                    is_template = False
                if not is_template:
                    raise ValueError(f"SFI {row.sfi}: only the value of a template 70 can be signed")
        return value

    @field_validator("offline_authentication")
    @classmethod
    def _can_be_served(cls, value: OdaProfile, info: ValidationInfo) -> OdaProfile:
        if value.methods and not info.data.get("certificates"):
            raise ValueError("methods need certificates: true")
        if "cda" in value.methods and value.icc.bits > _MOST_CDA_BITS:
            raise ValueError(f"icc: with CDA at most {_MOST_CDA_BITS} bits, or its answer may not fit (Book 2, D1.2)")
        return value

    @field_validator("offline_authentication")
    @classmethod
    def _has_a_key_for_pins(cls, value: OdaProfile, info: ValidationInfo) -> OdaProfile:
        rules = info.data.get("cvm_list", ())
        if not info.data.get("certificates") and any(item.method.startswith("enciphered") for item in rules):
            raise ValueError("an enciphered PIN needs certificates: true")
        return value

    @property
    def enciphered_pin(self) -> bool:
        """Whether the card takes an enciphered PIN: its CVM list asks for one."""
        return any(item.method.startswith("enciphered") for item in self.cvm_list)

    @property
    def cvm_list_value(self) -> bytes:
        """The value of tag 8E, empty when the card has no list."""
        if not self.cvm_list:
            return b""
        return cvm.CvmList(self.cvm_x, self.cvm_y, tuple(item.rule for item in self.cvm_list)).build()
