"""Cardholder verification (EMV Book 3 section 10.5 and Annex C3, Book 4 sections 6.3.4 and Table 2).

Methods of this terminal: offline PIN (plaintext and enciphered), online PIN, signature, no CVM, as far as 9F33 claims
them. Biometrics are recognised and not supported. An online PIN never comes here: a callback asks for it and says only
whether it was entered.
"""

from micropython import const

from emv.bits import (
    AIP_CARDHOLDER_VERIFICATION,
    TSI_CARDHOLDER_VERIFICATION,
    TVR_CVM_NOT_SUCCESSFUL,
    TVR_ICC_DATA_MISSING,
    TVR_ONLINE_PIN_ENTERED,
    TVR_PIN_NOT_ENTERED,
    TVR_PIN_PAD_NOT_PRESENT,
    TVR_UNRECOGNISED_CVM,
    has,
    raise_bit,
)
from emv.errors import EmvError
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emv.offline_pin import AskOfflinePin

    Buffer = bytes | bytearray
    AskOnlinePin = Callable[[], Awaitable[bool]]

_AIP = const(0x82)  # Application Interchange Profile
_CVM_LIST = const(0x8E)  # Cardholder Verification Method (CVM) List
_TRANSACTION_TYPE = const(0x9C)
_CURRENCY = const(0x5F2A)  # Transaction Currency Code
_CVM_RESULTS = const(0x9F34)
_APPLICATION_CURRENCY = const(0x9F42)  # Application Currency Code

# CVM codes, Annex C3: bit 7 is "apply succeeding CV rule if this one is unsuccessful", bit 8 is RFU
_METHOD = const(0x3F)
_APPLY_NEXT = const(0x40)
_FAIL = const(0x00)
_PLAINTEXT_PIN = const(0x01)
_ONLINE_PIN = const(0x02)
_PLAINTEXT_PIN_AND_SIGNATURE = const(0x03)
_ENCIPHERED_PIN = const(0x04)
_ENCIPHERED_PIN_AND_SIGNATURE = const(0x05)
_LAST_BIOMETRIC = const(0x0F)
_SIGNATURE = const(0x1E)
_NO_CVM = const(0x1F)

# Terminal Capabilities, byte 2, that each of the methods 00 to 05 needs (all of them); Book 4 Annex A2
_NEEDS = b"\x00\x80\x40\xa0\x10\x30"
_CAN_SIGNATURE = const(0x20)
_CAN_NO_CVM = const(0x08)

# CVM Results, byte 3 (Book 4 Annex A4)
_UNKNOWN = const(0)
_FAILED = const(1)
_SUCCESSFUL = const(2)

_TYPE_CASH = const(0x01)
_TYPE_CASHBACK = const(0x09)


async def verify(tx: Transaction, ask_online_pin: AskOnlinePin, ask_offline_pin: AskOfflinePin | None = None) -> str:
    """Walk the CVM List; set CVM Results (9F34), TVR byte 3 and the TSI. Return what the terminal has to do.

    "ONLINE_PIN": entered, send it; "SIGNATURE": print a line for it (9F34 tells whether an offline PIN was verified as
    well); "OFFLINE_PIN": the card has verified it; "NONE": nothing to do;
    "FAILED": no method succeeded (the transaction goes on to action analysis all the same).
    Raises EmvError("FORMAT") for a malformed CVM List.
    """
    if not has(tx.data[_AIP], AIP_CARDHOLDER_VERIFICATION):
        tx.why = "the card does not ask for it"
        return "NONE"
    rules = tx.data.get(_CVM_LIST)
    if rules is not None and (len(rules) < 8 or len(rules) % 2):
        raise EmvError("FORMAT", "8E: expected two amounts and rules of 2 bytes, found %d bytes" % len(rules))
    if rules is None or len(rules) == 8:
        raise_bit(tx.tvr, TVR_ICC_DATA_MISSING)
        tx.why = "8E is missing"
        return "NONE"
    outcome = await _walk(tx, rules, ask_online_pin, ask_offline_pin)
    if outcome == "FAILED":
        raise_bit(tx.tvr, TVR_CVM_NOT_SUCCESSFUL)
    raise_bit(tx.tsi, TSI_CARDHOLDER_VERIFICATION)
    return outcome


async def _walk(
    tx: Transaction, rules: Buffer, ask_online_pin: AskOnlinePin, ask_offline_pin: AskOfflinePin | None
) -> str:
    bypassed = False
    tx.why = "no rule of the CVM List applies"
    # Stands unless a method is performed: "no CVM performed", failed (Book 4 Table 2).
    tx.data[_CVM_RESULTS] = b"\x3f\x00\x01"
    for i in range(8, len(rules), 2):
        code = rules[i]
        condition = rules[i + 1]
        method = code & _METHOD
        supported = _is_supported(tx, method)
        if not _condition_holds(tx, rules, condition, supported):
            continue
        tx.why = "rule %02X %02X" % (code, condition)
        if method == _FAIL:
            _result(tx, code, condition, _FAILED)
            return "FAILED"
        if supported and method == _NO_CVM:
            _result(tx, code, condition, _SUCCESSFUL)
            return "NONE"
        if supported and method == _SIGNATURE:
            _result(tx, code, condition, _UNKNOWN)
            return "SIGNATURE"
        if supported and method == _ONLINE_PIN:
            if not bypassed and await ask_online_pin():
                raise_bit(tx.tvr, TVR_ONLINE_PIN_ENTERED)
                _result(tx, code, condition, _UNKNOWN)
                return "ONLINE_PIN"
            raise_bit(tx.tvr, TVR_PIN_NOT_ENTERED)
            _result(tx, code, condition, _FAILED)
            bypassed = tx.config.bypass_once
        elif supported and method <= _ENCIPHERED_PIN_AND_SIGNATURE:
            _result(tx, code, condition, _FAILED)
            if bypassed:
                raise_bit(tx.tvr, TVR_PIN_NOT_ENTERED)
            else:
                from emv import offline_pin

                verified = await offline_pin.verify(tx, method >= _ENCIPHERED_PIN, ask_offline_pin)
                if verified == offline_pin.VERIFIED:
                    with_signature = method in (_PLAINTEXT_PIN_AND_SIGNATURE, _ENCIPHERED_PIN_AND_SIGNATURE)
                    _result(tx, code, condition, _UNKNOWN if with_signature else _SUCCESSFUL)
                    return "SIGNATURE" if with_signature else "OFFLINE_PIN"
                bypassed = verified == offline_pin.BYPASSED and tx.config.bypass_once
        elif not _is_recognised(method):
            raise_bit(tx.tvr, TVR_UNRECOGNISED_CVM)
        elif method <= _ENCIPHERED_PIN_AND_SIGNATURE:
            raise_bit(tx.tvr, TVR_PIN_PAD_NOT_PRESENT)
        if not code & _APPLY_NEXT:
            break
    return "FAILED"


def _result(tx: Transaction, code: int, condition: int, result: int) -> None:
    tx.data[_CVM_RESULTS] = bytes((code, condition, result))


def _is_recognised(method: int) -> bool:
    return method <= _LAST_BIOMETRIC or method == _SIGNATURE or method == _NO_CVM


def _is_supported(tx: Transaction, method: int) -> bool:
    able = tx.config.capabilities[1]
    if method < len(_NEEDS):
        return able & _NEEDS[method] == _NEEDS[method]
    if method == _SIGNATURE:
        return able & _CAN_SIGNATURE != 0
    return method == _NO_CVM and able & _CAN_NO_CVM != 0


def _condition_holds(tx: Transaction, rules: Buffer, condition: int, supported: bool) -> bool:
    """Annex C3, CVM Condition Codes. An unknown code, or one whose data is missing, does not hold."""
    if condition == 0x00:  # always
        return True
    if condition == 0x03:  # if the terminal supports the CVM
        return supported
    kind = tx.data[_TRANSACTION_TYPE][0]
    cash = kind == _TYPE_CASH
    cashback = kind == _TYPE_CASHBACK or tx.other > 0
    if condition == 0x01:  # if unattended cash
        return cash and tx.config.unattended()
    if condition == 0x02:  # if not unattended cash and not manual cash and not purchase with cashback
        return not cash and not cashback
    if condition == 0x04:  # if manual cash
        return cash and not tx.config.unattended()
    if condition == 0x05:  # if purchase with cashback
        return cashback
    if 0x06 <= condition <= 0x09:  # application currency, and under or over X, under or over Y
        if tx.data.get(_APPLICATION_CURRENCY) != tx.data[_CURRENCY]:
            return False
        at = 0 if condition < 0x08 else 4
        bound = int.from_bytes(rules[at : at + 4], "big")
        return tx.amount > bound if condition & 1 else tx.amount < bound
    return False
