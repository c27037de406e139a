"""Issuer authentication, scripts, completion (EMV Book 3 10.9 to 10.11, Book 4 6.3.8, 6.3.9 and 12.2.1)."""

from micropython import const

from emv.action import request_without_answer
from emv.bits import (
    AC_AAC,
    AC_TC,
    AIP_ISSUER_AUTHENTICATION,
    TSI_ISSUER_AUTHENTICATION,
    TVR_ISSUER_AUTHENTICATION_FAILED,
    has,
    raise_bit,
)
from emv.command import SW_OK, send
from emv.errors import EmvError
from emv.generate_ac import second
from emv.online import take_answer
from emv.transaction import Transaction

_AIP = const(0x82)  # Application Interchange Profile
_RESPONSE_CODE = const(0x8A)  # Authorisation Response Code
_ISSUER_AUTHENTICATION_DATA = const(0x91)


async def complete_online(tx: Transaction, response_code: bytes, issuer_data: bytes) -> int:
    """Give the card the issuer's answer and ask for the final cryptogram. Return AC_TC or AC_AAC.

    response_code: the two characters of F39, which become 8A; issuer_data: DE 55 of the answer, may be empty.
    Raises EmvError("ISSUER_DATA") before any command if these are malformed.
    """
    if len(response_code) != 2:
        raise EmvError("ISSUER_DATA", "8A: expected 2 characters, found %d" % len(response_code))
    approved = response_code in tx.config.approvals
    tx.must_reverse = approved
    take_answer(tx, issuer_data)
    tx.data[_RESPONSE_CODE] = response_code
    await _authenticate_issuer(tx)
    tx.why = "the issuer approves" if approved else "the issuer declines"
    if tx.scripts:
        from emv import scripts

        await scripts.process(tx, scripts.BEFORE)
    answer = await second(tx, AC_TC if approved else AC_AAC)
    tx.must_reverse = approved and answer != AC_TC
    if tx.scripts:
        from emv import scripts

        await scripts.process(tx, scripts.AFTER)
    return answer


async def complete_without_answer(tx: Transaction) -> int:
    """Could not go online: decide by the Default action codes, 8A is Y3 or Z3. Return AC_TC or AC_AAC."""
    request = request_without_answer(tx)
    tx.data[_RESPONSE_CODE] = b"Y3" if request == AC_TC else b"Z3"
    return await second(tx, request, False)


async def _authenticate_issuer(tx: Transaction) -> None:
    """EXTERNAL AUTHENTICATE, once, if the AIP says so and the issuer sent 91; else 91 goes to the card by CDOL2."""
    data = tx.data.get(_ISSUER_AUTHENTICATION_DATA)
    if data is None or not has(tx.data[_AIP], AIP_ISSUER_AUTHENTICATION):
        return
    _, sw = await send(tx, 0x00, 0x82, 0x00, 0x00, data, False)
    raise_bit(tx.tsi, TSI_ISSUER_AUTHENTICATION)
    if sw != SW_OK:
        raise_bit(tx.tvr, TVR_ISSUER_AUTHENTICATION_FAILED)
