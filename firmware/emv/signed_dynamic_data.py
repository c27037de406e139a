"""Signed Dynamic Application Data, 9F4B, of DDA and CDA (EMV Book 2 sections 6.5.2 and 6.6.2)."""

from micropython import const

from emv.certificates import NotAuthentic, check_hash, recover
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.certificates import Key

    Buffer = bytes | bytearray

TAG = const(0x9F4B)
_DYNAMIC_NUMBER = const(0x9F4C)  # ICC Dynamic Number
_FORMAT = const(0x05)
_HEAD = const(4)  # 6A, 05, hash algorithm, length of the dynamic data
_TAIL = const(21)  # hash, BC


def verify(signature: Buffer, key: Key, terminal_data: Buffer, least: int) -> bytes:
    """The ICC dynamic data of a signature made with the ICC's key over itself and `terminal_data`.

    least: bytes that must follow the ICC dynamic number. Raises NotAuthentic.
    """
    block = recover("9F4B", signature, key, _FORMAT, _HEAD + _TAIL)
    if block[2] != 1:
        raise NotAuthentic("9F4B: hash algorithm %02X" % block[2])
    check_hash("9F4B", block, [terminal_data])
    size = block[3]
    dynamic = block[_HEAD : _HEAD + size]
    if size > len(block) - _HEAD - _TAIL or not size or not 2 <= dynamic[0] <= 8 or size < 1 + dynamic[0] + least:
        raise NotAuthentic("9F4B: dynamic data of %d bytes" % size)
    return dynamic


def store_number(tx: Transaction, dynamic: bytes) -> bytes:
    """Keep the ICC dynamic number (2 to 8 bytes) as 9F4C, return what follows it."""
    end = 1 + dynamic[0]
    tx.data[_DYNAMIC_NUMBER] = dynamic[1:end]
    return dynamic[end:]
