"""Terminal risk management (EMV Book 3 section 10.6), as far as this kernel goes: the floor limit.

Random selection (10.6.2) is not done, so its bit is never set. Velocity checking (10.6.3) needs the card's counters,
which are not read: where the card asks for it, both limits count as exceeded, as 10.6.3 has it for counters that cannot
be had. So nothing is approved offline on the strength of a check that was not made.
"""

from micropython import const

from emv.bits import (
    TSI_TERMINAL_RISK_MANAGEMENT,
    TVR_FLOOR_LIMIT_EXCEEDED,
    TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED,
    TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED,
    raise_bit,
)
from emv.transaction import Transaction

_LOWER_CONSECUTIVE_LIMIT = const(0x9F14)  # Lower Consecutive Offline Limit
_UPPER_CONSECUTIVE_LIMIT = const(0x9F23)  # Upper Consecutive Offline Limit


def manage_risk(tx: Transaction) -> None:
    """Check the floor limit, whatever the AIP says of it (10.6 allows that); set TVR byte 4 and the TSI."""
    if tx.amount >= tx.aid.floor_limit:
        raise_bit(tx.tvr, TVR_FLOOR_LIMIT_EXCEEDED)
    if _LOWER_CONSECUTIVE_LIMIT in tx.data and _UPPER_CONSECUTIVE_LIMIT in tx.data:
        raise_bit(tx.tvr, TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED)
        raise_bit(tx.tvr, TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED)
    raise_bit(tx.tsi, TSI_TERMINAL_RISK_MANAGEMENT)
