"""Offline data authentication: which method, and what its result is (EMV Book 3 section 10.3).

The methods themselves are imported when card and terminal have one in common. XDA (4.4) is not among them.
"""

from emv.bits import (
    AIP_CARDHOLDER_VERIFICATION,
    AIP_CDA,
    AIP_DDA,
    AIP_SDA,
    CAN_CDA,
    CAN_DDA,
    CAN_ENCIPHERED_PIN,
    CAN_SDA,
    TSI_DATA_AUTHENTICATION,
    TVR_CDA_FAILED,
    TVR_DDA_FAILED,
    TVR_ICC_DATA_MISSING,
    TVR_ODA_NOT_PERFORMED,
    TVR_SDA_FAILED,
    TVR_SDA_SELECTED,
    has,
    raise_bit,
)
from emv.transaction import Transaction


def method(tx: Transaction) -> str:
    """The best method that card (AIP) and terminal (9F33) have in common: "CDA", "DDA", "SDA", or "" for none."""
    aip = tx.data[0x82]
    able = tx.config.capabilities
    if has(aip, AIP_CDA) and has(able, CAN_CDA):
        return "CDA"
    if has(aip, AIP_DDA) and has(able, CAN_DDA):
        return "DDA"
    if has(aip, AIP_SDA) and has(able, CAN_SDA):
        return "SDA"
    return ""


def needs_signed_records(tx: Transaction) -> bool:
    """Whether the signed records must be kept: for a method above, or for the ICC's key to encipher a PIN with."""
    return method(tx) != "" or (
        has(tx.config.capabilities, CAN_ENCIPHERED_PIN) and has(tx.data[0x82], AIP_CARDHOLDER_VERIFICATION)
    )


async def data_authentication(tx: Transaction) -> None:
    """Authenticate the card, or say in the TVR that it was not done.

    For CDA only the ICC's key is recovered here, and the TSI bit waits for the signature of GENERATE AC.
    """
    chosen = method(tx)
    if not chosen:
        raise_bit(tx.tvr, TVR_ODA_NOT_PERFORMED)
        tx.why = "no method in common"
        return
    tx.why = chosen
    from emv.certificates import NotAuthentic, icc_key

    failed = TVR_SDA_FAILED
    try:
        if chosen == "SDA":
            from emv import sda

            raise_bit(tx.tvr, TVR_SDA_SELECTED)
            sda.authenticate(tx)
        elif chosen == "DDA":
            from emv import dda

            failed = TVR_DDA_FAILED
            await dda.authenticate(tx)
        else:
            failed = TVR_CDA_FAILED
            tx.icc_key = icc_key(tx)
            return
    except NotAuthentic as error:
        raise_bit(tx.tvr, failed)
        if error.missing:
            raise_bit(tx.tvr, TVR_ICC_DATA_MISSING)
        tx.why = chosen + ": " + error.why
    raise_bit(tx.tsi, TSI_DATA_AUTHENTICATION)
