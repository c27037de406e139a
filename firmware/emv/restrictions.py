"""Processing restrictions (EMV Book 3 section 10.4): version, usage control, effective and expiration date."""

from micropython import const

from emv.bits import (
    TVR_DIFFERENT_VERSIONS,
    TVR_EXPIRED_APPLICATION,
    TVR_NOT_YET_EFFECTIVE,
    TVR_SERVICE_NOT_ALLOWED,
)
from emv.dates import sortable
from emv.transaction import Transaction

_TRANSACTION_DATE = const(0x9A)
_TRANSACTION_TYPE = const(0x9C)
_EXPIRATION_DATE = const(0x5F24)  # Application Expiration Date
_EFFECTIVE_DATE = const(0x5F25)  # Application Effective Date
_ISSUER_COUNTRY = const(0x5F28)  # Issuer Country Code
_USAGE_CONTROL = const(0x9F07)  # Application Usage Control
_CARD_VERSION = const(0x9F08)  # Application Version Number (card)
_TERMINAL_VERSION = const(0x9F09)  # Application Version Number (terminal)
_TERMINAL_COUNTRY = const(0x9F1A)  # Terminal Country Code

# Application Usage Control, byte 1 (domestic, international) and byte 2; Book 3 Annex C2
_AUC_CASH = (0x80, 0x40)
_AUC_GOODS_OR_SERVICES = (0x28, 0x14)
_AUC_ATM = const(0x02)
_AUC_OTHER_THAN_ATM = const(0x01)
_AUC_CASHBACK = (0x80, 0x40)

_TYPE_PURCHASE = const(0x00)
_TYPE_CASH = const(0x01)
_TYPE_PREAUTHORISATION = const(0x03)
_TYPE_CASHBACK = const(0x09)


def check_restrictions(tx: Transaction) -> None:
    """Set the bits of TVR byte 2 that this card, terminal and date call for. Nothing is declined here."""
    data = tx.data
    version = data.get(_CARD_VERSION)
    if version is not None and version != data[_TERMINAL_VERSION]:
        tx.note(TVR_DIFFERENT_VERSIONS, "other version")
    if not _usage_allowed(tx):
        tx.note(TVR_SERVICE_NOT_ALLOWED, "9F07: not for this")
    today = sortable(data[_TRANSACTION_DATE])
    effective = data.get(_EFFECTIVE_DATE)
    if effective is not None and sortable(effective) > today:
        tx.note(TVR_NOT_YET_EFFECTIVE, "not yet effective")
    if sortable(data[_EXPIRATION_DATE]) < today:
        tx.note(TVR_EXPIRED_APPLICATION, "expired")


def _usage_allowed(tx: Transaction) -> bool:
    """Section 10.4.2: the place (ATM or not), then, if the issuer's country is known, the kind of transaction."""
    control = tx.data.get(_USAGE_CONTROL)
    if control is None:
        return True
    if not control[0] & (_AUC_ATM if tx.config.is_atm() else _AUC_OTHER_THAN_ATM):
        return False
    country = tx.data.get(_ISSUER_COUNTRY)
    if country is None:
        return True
    abroad = 0 if country == tx.data[_TERMINAL_COUNTRY] else 1
    kind = tx.data[_TRANSACTION_TYPE][0]
    if kind == _TYPE_CASH and not control[0] & _AUC_CASH[abroad]:
        return False
    # A purchase does not say whether of goods or of services: one of the two is enough.
    if kind in (_TYPE_PURCHASE, _TYPE_PREAUTHORISATION, _TYPE_CASHBACK):
        if not control[0] & _AUC_GOODS_OR_SERVICES[abroad]:
            return False
    if (kind == _TYPE_CASHBACK or tx.other) and not control[1] & _AUC_CASHBACK[abroad]:
        return False
    return True
