"""Dynamic data authentication (EMV Book 2 section 6.5, Book 3 section 6.5.9)."""

from micropython import const

from emv import signed_dynamic_data
from emv.certificates import NotAuthentic, icc_key
from emv.command import SW_OK, send
from emv.dol import asks_for, fill
from emv.errors import EmvError
from emv.tlv import members, template
from emv.transaction import Transaction

_DDOL = const(0x9F49)  # Dynamic Data Authentication Data Object List
_UNPREDICTABLE_NUMBER = const(0x9F37)
_FORMAT_2 = const(0x77)  # Response Message Template Format 2
_FORMAT_1 = const(0x80)  # Response Message Template Format 1


async def authenticate(tx: Transaction) -> None:
    """Recover the ICC's key, let it sign what the DDOL names, verify; store 9F4C.

    Raises NotAuthentic; EmvError("TERMINATE") if INTERNAL AUTHENTICATE is refused, "FORMAT" for a malformed answer.
    """
    key = tx.icc_key = icc_key(tx)
    ddol = tx.data.get(_DDOL, tx.aid.ddol)
    try:
        values = fill(ddol, tx.data)
    except EmvError as error:
        raise NotAuthentic("9F49: " + error.detail)
    if not asks_for(ddol, _UNPREDICTABLE_NUMBER):
        raise NotAuthentic("9F49: no DDOL with the unpredictable number")
    response, sw = await send(tx, 0x00, 0x88, 0x00, 0x00, values)
    if sw != SW_OK:
        raise EmvError("TERMINATE", "INTERNAL AUTHENTICATE: SW %04X" % sw)
    dynamic = signed_dynamic_data.verify(_signature(response), key, values, 0)
    signed_dynamic_data.store_number(tx, dynamic)


def _signature(response: bytes) -> bytes:
    if response[:1] == b"\x80":
        start, stop = template(response, _FORMAT_1)
        return response[start:stop]
    for tag, start, stop in members(response, _FORMAT_2):
        if tag == signed_dynamic_data.TAG:
            return response[start:stop]
    raise EmvError("FORMAT", "INTERNAL AUTHENTICATE: 9F4B is missing")
