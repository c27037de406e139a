"""Card Verification Results and Issuer Application Data (tag 9F10) of VIS and of UnionPay, which follows VIS."""

from dataclasses import dataclass

_SECOND_NOT_REQUESTED = 0x80
_UNIONPAY_ALGORITHM_TDES = 0x01


@dataclass(frozen=True)
class CardResults:
    """What the CVR tells the issuer. `first` and `second` are cryptogram types as in P1 of GENERATE AC; `second`
    is None while there has been only one."""

    first: int
    second: int | None = None
    issuer_authentication_failed: bool = False
    issuer_authentication_missing: bool = False
    offline_pin_performed: bool = False
    offline_pin_failed: bool = False
    unable_to_go_online: bool = False
    last_online_not_completed: bool = False
    pin_try_limit_exceeded: bool = False
    offline_limit_exceeded: bool = False
    new_card: bool = False
    last_issuer_authentication_failed: bool = False
    blocked_by_pin: bool = False

    def cvr(self) -> bytes:
        """Four bytes, the first of which counts the others."""
        types = (_SECOND_NOT_REQUESTED if self.second is None else self.second) | self.first >> 2
        second = types | _bits(
            (0x08, self.issuer_authentication_failed),
            (0x04, self.offline_pin_performed),
            (0x02, self.offline_pin_failed),
            (0x01, self.unable_to_go_online),
        )
        third = _bits(
            (0x80, self.last_online_not_completed),
            (0x40, self.pin_try_limit_exceeded),
            (0x20, self.offline_limit_exceeded),
            (0x10, self.new_card),
            (0x08, self.last_issuer_authentication_failed),
            (0x04, self.issuer_authentication_missing),
            (0x02, self.blocked_by_pin),
        )
        return bytes([0x03, second, third, 0x00])


def _bits(*flags: tuple[int, bool]) -> int:
    return sum(mask for mask, is_set in flags if is_set)


def issuer_application_data(scheme: str, key_index: int, version: int, cvr: bytes) -> bytes:
    """Tag 9F10: length, derivation key index, cryptogram version, CVR; UnionPay adds the algorithm (01 = TDES)."""
    tail = bytes([_UNIONPAY_ALGORITHM_TDES]) if scheme == "unionpay" else b""
    body = bytes([key_index, version]) + cvr + tail
    return bytes([len(body)]) + body
