"""Terminal risk management (EMV Book 3 section 10.6, Book 4 section 6.3.5).

Floor limit, random selection, velocity, new card, exception file, merchant forced online. All of it is done whatever
the AIP says of it (10.6 allows that).
"""

from micropython import const

from emv.bits import (
    TSI_TERMINAL_RISK_MANAGEMENT,
    TVR_EXCEPTION_FILE,
    TVR_FLOOR_LIMIT_EXCEEDED,
    TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED,
    TVR_MERCHANT_FORCED_ONLINE,
    TVR_NEW_CARD,
    TVR_SELECTED_RANDOMLY,
    TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED,
    raise_bit,
)
from emv.command import get_data
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    LastAmount = Callable[[bytes, bytes], int]
    IsListed = Callable[[bytes, bytes], bool]

_PAN = const(0x5A)
_PAN_SEQUENCE_NUMBER = const(0x5F34)
_LAST_ONLINE_ATC = const(0x9F13)  # Last Online ATC Register
_LOWER_LIMIT = const(0x9F14)  # Lower Consecutive Offline Limit
_UPPER_LIMIT = const(0x9F23)  # Upper Consecutive Offline Limit
_ATC = const(0x9F36)  # Application Transaction Counter


async def manage_risk(
    tx: Transaction, last_amount: LastAmount | None, is_listed: IsListed | None, force_online: bool
) -> None:
    """Set TVR byte 4, the bits of the exception file and of a new card, and the TSI. Nothing is declined here."""
    pan = bytes(tx.data[_PAN])
    sequence_number = bytes(tx.data.get(_PAN_SEQUENCE_NUMBER, b""))
    if is_listed is not None and is_listed(pan, sequence_number):
        tx.note(TVR_EXCEPTION_FILE, "on the exception file")
    if force_online:
        tx.note(TVR_MERCHANT_FORCED_ONLINE, "merchant forces online")
    together = tx.amount
    if last_amount is not None:
        together += last_amount(pan, sequence_number)
    if together >= tx.aid.floor_limit:
        tx.note(TVR_FLOOR_LIMIT_EXCEEDED, "floor limit")
    if not (tx.config.online_only() or tx.config.offline_only()) and _selected(tx):
        tx.note(TVR_SELECTED_RANDOMLY, "selected at random")
    if _LOWER_LIMIT in tx.data and _UPPER_LIMIT in tx.data:
        await _check_velocity(tx)
    raise_bit(tx.tsi, TSI_TERMINAL_RISK_MANAGEMENT)


def _selected(tx: Transaction) -> bool:
    """Random transaction selection (10.6.2), biased towards higher amounts from the threshold on."""
    aid = tx.aid
    amount = tx.amount
    if amount >= aid.floor_limit:
        return False
    percent = aid.target_percent
    if amount >= aid.threshold:
        spread = (aid.max_target_percent - percent) * (amount - aid.threshold)
        percent += spread // (aid.floor_limit - aid.threshold)
    if not percent:
        return False
    # 1 to 99 from 32 bits: no number is preferred by more than 99 in four thousand million.
    return int.from_bytes(tx.entropy(4), "big") % 99 + 1 <= percent


async def _check_velocity(tx: Transaction) -> None:
    """Offline transactions in a row (10.6.3). Counters that cannot be had count as both limits exceeded."""
    atc = await _counter(tx, _ATC)
    last_online = await _counter(tx, _LAST_ONLINE_ATC)
    in_a_row = atc - last_online
    if atc < 0 or last_online < 0 or in_a_row <= 0:
        tx.note(TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED, "no counters for the offline limits")
        raise_bit(tx.tvr, TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED)
    else:
        if in_a_row > tx.data[_LOWER_LIMIT][0]:
            tx.note(TVR_LOWER_CONSECUTIVE_LIMIT_EXCEEDED, "lower offline limit")
        if in_a_row > tx.data[_UPPER_LIMIT][0]:
            tx.note(TVR_UPPER_CONSECUTIVE_LIMIT_EXCEEDED, "upper offline limit")
    if last_online == 0:
        tx.note(TVR_NEW_CARD, "new card")


async def _counter(tx: Transaction, tag: int) -> int:
    """A counter of two bytes by GET DATA; -1 if the card does not give it."""
    value = await get_data(tx, tag)
    if value is None or len(value) != 2:
        return -1
    tx.data[tag] = value
    return value[0] << 8 | value[1]
