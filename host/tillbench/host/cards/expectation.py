"""What is to come of a sale with a card, as its profile states it: for `tillbench card check`, and for whoever reads
the shelf."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from tillbench.host.cards.profile_fields import Model, Words

# By name, byte and mask of the Terminal Verification Results (EMV 4.3 Book 3, C5).
TVR_BITS = {
    "no-offline-authentication": (0, 0x80),
    "sda-failed": (0, 0x40),
    "icc-data-missing": (0, 0x20),
    "on-exception-file": (0, 0x10),
    "dda-failed": (0, 0x08),
    "cda-failed": (0, 0x04),
    "sda-selected": (0, 0x02),
    "versions-differ": (1, 0x80),
    "expired": (1, 0x40),
    "not-yet-effective": (1, 0x20),
    "service-not-allowed": (1, 0x10),
    "new-card": (1, 0x08),
    "cardholder-not-verified": (2, 0x80),
    "unknown-cvm": (2, 0x40),
    "pin-tries-exceeded": (2, 0x20),
    "pin-pad-missing": (2, 0x10),
    "pin-bypassed": (2, 0x08),
    "online-pin": (2, 0x04),
    "over-floor-limit": (3, 0x80),
    "over-lower-limit": (3, 0x40),
    "over-upper-limit": (3, 0x20),
    "selected-at-random": (3, 0x10),
    "forced-online": (3, 0x08),
    "default-tdol": (4, 0x80),
    "issuer-authentication-failed": (4, 0x40),
    "script-failed-before": (4, 0x20),
    "script-failed-after": (4, 0x10),
}

Outcome = Literal[
    "approved-online",
    "approved-offline",
    "declined-online",
    "declined-offline",
    "declined-by-card",
    "not-accepted",
    "use-stripe",
    "card-removed",
    "terminated",
]
_OFFLINE = ("Y1", "Y3", "Z1", "Z3")
_CODES = {
    "approved-online": ("00",),
    "declined-by-card": ("00",),
    "approved-offline": ("Y1", "Y3"),
    "declined-offline": ("Z1", "Z3"),
    "not-accepted": ("", "Z1"),
    "use-stripe": ("",),
}


def tvr_names(tvr: bytes) -> list[str]:
    """The names of the bits that are set; reserved ones as `byte-bit`."""
    names = []
    for at, byte in enumerate(tvr):
        for bit in range(7, -1, -1):
            if byte >> bit & 1:
                known = [name for name, place in TVR_BITS.items() if place == (at, 1 << bit)]
                names.append(known[0] if known else f"{at + 1}-{bit + 1}")
    return names


class Expectation(Model):
    """A sale of `amount` (minor units) at the bench's terminal; the cardholder types the right PIN, a wrong one each
    time, or none; the host `answers` or is `silent`.

    `declined-by-card` is a decline of what the host approved. `code` is the Authorisation Response Code (8A): the
    host's, or Y1, Y3, Z1, Z3 of a sale that it had no part in; none where it did not come so far. `tvr` names every bit
    that is set in the end.
    """

    outcome: Outcome
    code: Annotated[str, Field(pattern=r"^([0-9A-Z]{2})?$")] = ""
    tvr: Annotated[tuple[str, ...], Words] = ()
    amount: Annotated[int, Field(ge=0, le=999_999_999_999)] = 1234
    pin: Literal["right", "wrong", "none"] = "right"
    host: Literal["answers", "silent"] = "answers"

    @field_validator("code")
    @classmethod
    def _agrees_with_the_outcome(cls, value: str, info: ValidationInfo) -> str:
        outcome = info.data.get("outcome", "")
        allowed = _CODES.get(outcome)
        if allowed and value not in allowed:
            raise ValueError(f"{outcome}: expected {' or '.join(code or 'none' for code in allowed)}")
        if outcome == "declined-online" and value in ("", "00", *_OFFLINE):
            raise ValueError("declined-online: expected the host's response code, not 00")
        return value

    @field_validator("tvr")
    @classmethod
    def _are_bits(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in TVR_BITS:
                raise ValueError(f"no TVR bit is called {name}; they are {', '.join(TVR_BITS)}")
        return value

    @property
    def tvr_value(self) -> bytes:
        """The Terminal Verification Results, five bytes."""
        value = bytearray(5)
        for name in self.tvr:
            at, mask = TVR_BITS[name]
            value[at] |= mask
        return bytes(value)

    @property
    def reversal(self) -> bool:
        """Whether the sale leaves a reversal behind: the host approved, and nothing came of it."""
        return self.code == "00" and self.outcome != "approved-online"

    def __str__(self) -> str:
        code = f" {self.code}" if self.code else ""
        return f"{self.outcome}{code}, TVR {self.tvr_value.hex().upper()}"
