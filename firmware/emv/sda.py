"""Static data authentication (EMV Book 2 section 5)."""

from micropython import const

from emv.certificates import (
    CA_INDEX,
    ISSUER_CERTIFICATE,
    ISSUER_EXPONENT,
    NotAuthentic,
    check_hash,
    issuer_key,
    recover,
    require,
    static_data,
)
from emv.transaction import Transaction

_SIGNED_STATIC_DATA = const(0x93)  # Signed Static Application Data
_DATA_AUTHENTICATION_CODE = const(0x9F45)
_FORMAT = const(0x03)
_LEAST = const(26)  # 6A, 03, 01, code (2), hash (20), BC


def authenticate(tx: Transaction) -> None:
    """Verify 93 over the signed records (section 5.4), store 9F45. Raises NotAuthentic."""
    require(tx, (CA_INDEX, ISSUER_CERTIFICATE, ISSUER_EXPONENT, _SIGNED_STATIC_DATA))
    static = static_data(tx)
    block = recover("93", tx.data[_SIGNED_STATIC_DATA], issuer_key(tx), _FORMAT, _LEAST)
    if block[2] != 1:
        raise NotAuthentic("93: hash algorithm %02X" % block[2])
    check_hash("93", block, static)
    tx.data[_DATA_AUTHENTICATION_CODE] = block[3:5]
