"""GENERATE APPLICATION CRYPTOGRAM, first and second (EMV Book 3 sections 6.5.5, 9.3 and 10.8)."""

from micropython import const

from emv.bits import (
    AC_AAC,
    AC_ARQC,
    AC_CDA_REQUESTED,
    AC_TC,
    TSI_DATA_AUTHENTICATION,
    TVR_CDA_FAILED,
    TVR_DEFAULT_TDOL_USED,
    has,
    raise_bit,
)
from emv.command import SW_OK, send
from emv.dol import asks_for, fill
from emv.errors import EmvError
from emv.oda import method
from emv.tlv import members, template
from emv.transaction import Transaction, check_length

_FORMAT_1 = const(0x80)  # Response Message Template Format 1
_FORMAT_2 = const(0x77)  # Response Message Template Format 2
_CDOL1 = const(0x8C)
_CDOL2 = const(0x8D)
_TDOL = const(0x97)
_TC_HASH = const(0x98)  # Transaction Certificate (TC) Hash Value
_ISSUER_APPLICATION_DATA = const(0x9F10)
_CRYPTOGRAM = const(0x9F26)  # Application Cryptogram
_CID = const(0x9F27)  # Cryptogram Information Data
_ATC = const(0x9F36)  # Application Transaction Counter
_SIGNATURE = const(0x9F4B)  # Signed Dynamic Application Data

_TYPE = const(0xC0)  # of the CID


async def first(tx: Transaction, request: int) -> int:
    """First GENERATE AC with CDOL1; `note_default_tdol` comes before the action analysis that makes the request.

    Returns the type that the card chose: AC_TC, AC_ARQC or AC_AAC; look at `signature_failed` then. Raises
    EmvError("TERMINATE") if the card refuses or answers more than was asked, "FORMAT" if its answer is malformed.
    """
    return await _generate(tx, request, _CDOL1, request == AC_TC or tx.config.cda_mode <= 2)


async def second(tx: Transaction, request: int, online: bool = True) -> int:
    """Second GENERATE AC with CDOL2; online: the issuer has answered. Return AC_TC or AC_AAC.

    A further ARQC is an illegal answer. A TC whose signature is wrong counts as AC_AAC (Book 2 section 6.6.2).
    Raises as `first`.
    """
    answer = await _generate(tx, request, _CDOL2, not online or tx.config.cda_mode in (1, 4))
    if answer == AC_ARQC:
        raise EmvError("TERMINATE", "second GENERATE AC: the card asks to go online again")
    return AC_AAC if signature_failed(tx) else answer


def signature_failed(tx: Transaction) -> bool:
    """Whether the card has answered a request for a CDA signature without a good one."""
    return tx.icc_key is not None and has(tx.tvr, TVR_CDA_FAILED)


async def _generate(tx: Transaction, request: int, cdol_tag: int, sign: bool) -> int:
    cdol = tx.data[cdol_tag]
    note_default_tdol(tx, cdol_tag)
    if asks_for(cdol, _TC_HASH):
        _hash_transaction(tx)
    # No signature is asked for with an AAC, nor after one has failed (Book 2 section 6.6).
    sign = sign and request != AC_AAC and tx.icc_key is not None and method(tx) == "CDA" and not signature_failed(tx)
    values = fill(cdol, tx.data)
    response, sw = await send(tx, 0x80, 0xAE, request | (AC_CDA_REQUESTED if sign else 0), 0x00, values)
    tx.cdol_values.append(values)
    if sw != SW_OK:
        raise EmvError("TERMINATE", "GENERATE AC: SW %04X" % sw)
    found = _format_1(response) if response[:1] == b"\x80" else _format_2(response, sign)
    answer = found[_CID][0] & _TYPE
    if _rank(answer) > _rank(request):
        raise EmvError("TERMINATE", "GENERATE AC: asked for %02X, the card answers %02X" % (request, answer))
    # Only now: a reversal still needs the first cryptogram's data if the second answer is of no use.
    tx.data.pop(_ISSUER_APPLICATION_DATA, None)
    signature = found.pop(_SIGNATURE, None)
    tx.data.update(found)
    if sign and answer != AC_AAC:
        _check_signature(tx, response, signature)
    return answer


def _check_signature(tx: Transaction, response: bytes, signature: bytes | None) -> None:
    from emv import cda
    from emv.certificates import NotAuthentic

    raise_bit(tx.tsi, TSI_DATA_AUTHENTICATION)
    tx.data.pop(_CRYPTOGRAM, None)  # the one in the signature counts
    try:
        if signature is None:
            raise NotAuthentic("9F4B: missing")
        cda.verify(tx, response, signature, tx.data[_CID])
    except NotAuthentic as error:
        raise_bit(tx.tvr, TVR_CDA_FAILED)
        tx.why = "CDA: " + error.why


def _rank(cryptogram: int) -> int:
    """The card may lower the request, TC to ARQC to AAC, never raise it (section 9.3). The fourth code is RFU."""
    if cryptogram == AC_AAC:
        return 0
    if cryptogram == AC_ARQC:
        return 1
    return 2 if cryptogram == AC_TC else 3


def _format_1(response: bytes) -> dict[int, bytes]:
    """CID (1), ATC (2), cryptogram (8), issuer application data (0 to 32), without tags."""
    start, stop = template(response, _FORMAT_1)
    if not 11 <= stop - start <= 43:
        raise EmvError("FORMAT", "template 80: expected 11 to 43 bytes, found %d" % (stop - start))
    found = {
        _CID: response[start : start + 1],
        _ATC: response[start + 1 : start + 3],
        _CRYPTOGRAM: response[start + 3 : start + 11],
    }
    if stop - start > 11:
        found[_ISSUER_APPLICATION_DATA] = response[start + 11 : stop]
    return found


def _format_2(response: bytes, sign: bool) -> dict[int, bytes]:
    """The same four as data objects, in any order, or 9F4B for the cryptogram; others are passed over."""
    found: dict[int, bytes] = {}
    seen: list[int] = []
    for tag, start, stop in members(response, _FORMAT_2):
        if tag in seen:
            raise EmvError("FORMAT", "template 77, tag %X: second occurrence" % tag)
        seen.append(tag)
        if tag in (_ISSUER_APPLICATION_DATA, _CRYPTOGRAM, _CID, _ATC):
            check_length(tag, response[start:stop])
            found[tag] = response[start:stop]
        elif tag == _SIGNATURE and sign:
            found[tag] = response[start:stop]
    for tag in (_CID, _ATC, _CRYPTOGRAM):
        if tag not in found and not (tag == _CRYPTOGRAM and sign and found[_CID][0] & _TYPE != AC_AAC):
            raise EmvError("FORMAT", "template 77: tag %X is missing" % tag)
    return found


def note_default_tdol(tx: Transaction, cdol_tag: int = _CDOL1) -> None:
    """Say in the TVR if this CDOL asks for the TC Hash Value and the card has no TDOL (9.2.2, Annex C5)."""
    if _TDOL not in tx.data and asks_for(tx.data[cdol_tag], _TC_HASH):
        raise_bit(tx.tvr, TVR_DEFAULT_TDOL_USED)


def _hash_transaction(tx: Transaction) -> None:
    """TC Hash Value: SHA-1 over what the card's TDOL, else the terminal's, names (section 9.2.2)."""
    from crypto.sha1 import sha1

    tdol = tx.data.get(_TDOL, tx.aid.tdol)
    tx.data[_TC_HASH] = sha1(bytes(fill(tdol, tx.data)))
