"""Combined DDA and application cryptogram generation: verifying the signed answer (EMV Book 2 section 6.6.2)."""

from crypto.sha1 import SHA1
from micropython import const

from emv import signed_dynamic_data
from emv.certificates import NotAuthentic
from emv.tlv import members, template
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray

_FORMAT_2 = const(0x77)  # Response Message Template Format 2
_CRYPTOGRAM = const(0x9F26)  # Application Cryptogram
_CID = const(0x9F27)  # Cryptogram Information Data
_UNPREDICTABLE_NUMBER = const(0x9F37)
_SIGNED_PART = const(29)  # CID, cryptogram (8), Transaction Data Hash Code (20)


def verify(tx: Transaction, response: bytes, signature: Buffer, cid: Buffer) -> None:
    """Verify the 9F4B of a GENERATE AC answer, store the cryptogram that is in it (9F26) and 9F4C.

    response: the whole template 77; cid: the 9F27 beside the signature. Raises NotAuthentic.
    """
    key = tx.icc_key
    if key is None:
        raise NotAuthentic("9F4B: no key")
    dynamic = signed_dynamic_data.verify(signature, key, tx.data[_UNPREDICTABLE_NUMBER], _SIGNED_PART)
    number_end = 1 + dynamic[0]
    if dynamic[number_end : number_end + 1] != cid:
        raise NotAuthentic("9F4B: another CID than 9F27")
    if dynamic[number_end + 9 : number_end + _SIGNED_PART] != transaction_data_hash(tx, response):
        raise NotAuthentic("9F4B: transaction data hash code")
    signed = signed_dynamic_data.store_number(tx, dynamic)
    tx.data[_CRYPTOGRAM] = signed[1:9]


def transaction_data_hash(tx: Transaction, response: bytes) -> bytes:
    """SHA-1 over the values of PDOL, CDOL1 and, for the second cryptogram, CDOL2, then the answer without 9F4B."""
    sha1 = SHA1(tx.pdol_values)
    for values in tx.cdol_values:
        sha1.update(values)
    view = memoryview(response)
    begin, _ = template(response, _FORMAT_2)
    for tag, _, stop in members(response, _FORMAT_2):
        if tag != signed_dynamic_data.TAG:
            sha1.update(view[begin:stop])
        begin = stop
    return sha1.digest()
