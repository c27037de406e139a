"""Terminal action analysis (EMV Book 3 section 10.7, Book 4 section 6.3.6): decline, go online, or approve."""

from micropython import const

from emv.bits import AC_AAC, AC_ARQC, AC_TC
from emv.transaction import Transaction

_IAC_DEFAULT = const(0x9F0D)  # Issuer Action Code - Default
_IAC_DENIAL = const(0x9F0E)  # Issuer Action Code - Denial
_IAC_ONLINE = const(0x9F0F)  # Issuer Action Code - Online


def first_request(tx: Transaction) -> int:
    """The cryptogram to ask for in the first GENERATE AC: AC_AAC, AC_ARQC or AC_TC."""
    if _matches(tx, _IAC_DENIAL, tx.aid.tac_denial, 0x00):
        return AC_AAC
    if tx.config.online_only():
        tx.why = "online-only terminal"
        return AC_ARQC
    if tx.config.offline_only():
        return AC_AAC if _matches(tx, _IAC_DEFAULT, tx.aid.tac_default, 0xFF) else AC_TC
    return AC_ARQC if _matches(tx, _IAC_ONLINE, tx.aid.tac_online, 0xFF) else AC_TC


def request_without_answer(tx: Transaction) -> int:
    """The cryptogram to ask for if the terminal could not go online: AC_AAC or AC_TC.

    A terminal that is online-only has no authority to approve by itself.
    """
    tx.why = "online-only terminal"
    if tx.config.online_only() or _matches(tx, _IAC_DEFAULT, tx.aid.tac_default, 0xFF):
        return AC_AAC
    return AC_TC


def _matches(tx: Transaction, iac_tag: int, tac: bytes, absent: int) -> bool:
    """Whether a TVR bit is set that the issuer's or the acquirer's action code names; `absent` is each byte of an IAC
    that the card does not have."""
    iac = tx.data.get(iac_tag)
    name = "Default" if iac_tag == _IAC_DEFAULT else "Denial" if iac_tag == _IAC_DENIAL else "Online"
    for i in range(5):
        hit = tx.tvr[i] & (tac[i] | (absent if iac is None else iac[i]))
        if hit:
            tx.why = "action code %s: TVR byte %d, %02X" % (name, i + 1, hit)
            return True
    tx.why = "no action code %s" % name
    return False
