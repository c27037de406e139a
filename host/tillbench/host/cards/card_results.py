"""Card Verification Results and Issuer Application Data (tag 9F10), bit for bit.

VIS and UnionPay, which follows it: VIS 1.5 Appendix D, JR/T 0025.5 (4 bytes, the first counts the others). M/Chip:
M/Chip Requirements for Contact and Contactless, Appendix B (6 bytes). Both as two independent public decoders have them
(jPOS, emv-utils). Common Core Definitions, for schemes without a public version of their own: EMV 4.3 Book 3, C7,
format code A (5 bytes), as emv-utils has it.
"""

from dataclasses import dataclass
from typing import Literal

_SECOND_NOT_REQUESTED = 0x80
_UNIONPAY_ALGORITHM_TDES = 0x01
_FORMAT_2_SIZE = 32
_CCD_HALF = 0x0F


@dataclass(frozen=True)
class CardResults:
    """What the issuer is told. `first` and `second` are cryptogram types as in P1 of GENERATE AC; `second` is None
    while there has been only one. `last_...` speak of the transaction before."""

    first: int
    second: int | None = None
    issuer_authentication_performed: bool = False
    issuer_authentication_failed: bool = False
    issuer_authentication_missing: bool = False
    offline_pin_performed: bool = False
    offline_pin_enciphered: bool = False
    offline_pin_failed: bool = False
    offline_pin_expected: bool = False
    pin_tries: int = 0
    pin_try_limit_exceeded: bool = False
    pin_claimed: bool = False  # the terminal says that a PIN was good which the card never saw good
    blocked_by_pin: bool = False
    unable_to_go_online: bool = False
    lower_limit_exceeded: bool = False
    upper_limit_exceeded: bool = False
    international_limit_exceeded: bool = False
    cumulative_limit_exceeded: bool = False
    upper_cumulative_limit_exceeded: bool = False
    is_domestic: bool = True
    new_card: bool = False
    dda_performed: bool = False
    cda_first: bool = False
    cda_second: bool = False
    go_online_was_set: bool = False
    script_commands: int = 0
    script_failed: bool = False
    last_online_not_completed: bool = False
    last_issuer_authentication_failed: bool = False
    last_sda_failed: bool = False
    last_dda_failed: bool = False

    def vis(self) -> bytes:
        """Three bytes, without the one that counts them."""
        return bytes(
            [
                self._types()
                | _bits(
                    (0x08, self.issuer_authentication_failed),
                    (0x04, self.offline_pin_performed),
                    (0x02, self.offline_pin_failed),
                    (0x01, self.unable_to_go_online),
                ),
                _bits(
                    (0x80, self.last_online_not_completed),
                    (0x40, self.pin_try_limit_exceeded),
                    (0x20, self._over_any_limit()),
                    (0x10, self.new_card),
                    (0x08, self.last_issuer_authentication_failed),
                    (0x04, self.issuer_authentication_missing),
                    (0x02, self.blocked_by_pin),
                    (0x01, self.last_sda_failed),
                ),
                min(self.script_commands, 15) << 4
                | _bits(
                    (0x08, self.script_failed),
                    (0x04, self.last_dda_failed),
                    (0x02, self.dda_performed),
                    (0x01, self.offline_pin_expected and not self.offline_pin_performed),
                ),
            ]
        )

    def ccd(self) -> bytes:
        """Five bytes."""
        return bytes(
            [
                self._types()
                | _bits(
                    (0x08, self.cda_first or self.cda_second),
                    (0x04, self.dda_performed),
                    (0x02, not self.issuer_authentication_performed),
                    (0x01, self.issuer_authentication_failed),
                ),
                (self.pin_tries & 0x0F) << 4
                | _bits(
                    (0x08, self.offline_pin_performed),
                    (0x04, self.offline_pin_failed),
                    (0x02, self.pin_try_limit_exceeded),
                    (0x01, self.last_online_not_completed),
                ),
                _bits(
                    (0x80, self.lower_limit_exceeded),
                    (0x40, self.upper_limit_exceeded),
                    (0x20, self.cumulative_limit_exceeded),
                    (0x10, self.upper_cumulative_limit_exceeded),
                ),
                min(self.script_commands, 15) << 4
                | _bits(
                    (0x08, self.script_failed),
                    (0x04, self.last_sda_failed or self.last_dda_failed),
                    (0x02, self.go_online_was_set),
                    (0x01, self.unable_to_go_online),
                ),
                0x00,
            ]
        )

    def mchip(self) -> bytes:
        """Six bytes."""
        performed, failed = self.offline_pin_performed, self.offline_pin_failed
        return bytes(
            [
                self._types()
                | _bits(
                    (0x04, performed),
                    (0x02, performed and self.offline_pin_enciphered),
                    (0x01, performed and not failed),
                ),
                _bits(
                    (0x80, self.dda_performed),
                    (0x40, self.cda_first),
                    (0x20, self.cda_second),
                    (0x10, self.issuer_authentication_performed),
                ),
                (self.script_commands & 0x0F) << 4 | self.pin_tries & 0x0F,
                _bits(
                    (0x80, self.last_online_not_completed),
                    (0x40, self.unable_to_go_online),
                    (0x20, not performed),
                    (0x10, failed),
                    (0x08, self.pin_try_limit_exceeded),
                    (0x04, not self.is_domestic),
                    (0x02, self.is_domestic),
                    (0x01, self.pin_claimed),
                ),
                _bits(
                    (0x80, self.lower_limit_exceeded),
                    (0x40, self.upper_limit_exceeded),
                    (0x20, self.cumulative_limit_exceeded),
                    (0x10, self.upper_cumulative_limit_exceeded),
                    (0x08, self.go_online_was_set),
                    (0x04, self.issuer_authentication_failed or self.last_issuer_authentication_failed),
                    (0x02, self.script_commands > 0 or self.script_failed),
                    (0x01, self.script_failed),
                ),
                0x00,
            ]
        )

    def _types(self) -> int:
        return (_SECOND_NOT_REQUESTED if self.second is None else self.second) | self.first >> 2

    def _over_any_limit(self) -> bool:
        return (
            self.lower_limit_exceeded
            or self.upper_limit_exceeded
            or self.international_limit_exceeded
            or self.cumulative_limit_exceeded
            or self.upper_cumulative_limit_exceeded
        )


def _bits(*flags: tuple[int, bool]) -> int:
    return sum(mask for mask, is_set in flags if is_set)


@dataclass(frozen=True)
class IssuerApplicationData:
    """Tag 9F10. M/Chip's own are `code`, the Data Authentication Code or ICC Dynamic Number in two bytes, and
    `counters`, eight bytes: amount approved offline (12 digits), how many times, FF."""

    layout: Literal["vis", "vis-2", "mchip", "ccd"]
    scheme: str
    key_index: int
    version: int
    results: CardResults
    code: bytes = bytes(2)
    counters: bytes = b""

    def build(self) -> bytes:
        """VIS: length, key index, version, CVR; UnionPay adds the algorithm (01 = TDES). VIS format 2: length,
        version, key index, CVR of five bytes of which the outer two are a mobile phone's, issuer's data. M/Chip: key
        index, version, CVR, Data Authentication Code, counters. CCD: half of the length, format code and version in one
        byte, key index, CVR, counters, the other half's length, issuer's data."""
        if self.layout == "mchip":
            return bytes([self.key_index, self.version]) + self.results.mchip() + self.code + self.counters
        if self.layout == "ccd":
            head = bytes([_CCD_HALF, self.version, self.key_index]) + self.results.ccd() + self.counters
            return (head + bytes([_CCD_HALF])).ljust(_FORMAT_2_SIZE, b"\x00")
        if self.layout == "vis-2":
            head = bytes([_FORMAT_2_SIZE - 1, self.version, self.key_index, 0x00]) + self.results.vis()
            return head.ljust(_FORMAT_2_SIZE, b"\x00")
        cvr = self.results.vis()
        tail = bytes([_UNIONPAY_ALGORITHM_TDES]) if self.scheme == "unionpay" else b""
        body = bytes([self.key_index, self.version, len(cvr)]) + cvr + tail
        return bytes([len(body)]) + body

    def covered(self, part: Literal["results", "results-and-counters", "all"]) -> bytes:
        """What of it goes under the cryptogram."""
        if part == "all":
            return self.build()
        cvr = self.results.mchip() if self.layout == "mchip" else self.build()[3:7]
        return cvr + self.counters if part == "results-and-counters" else cvr
