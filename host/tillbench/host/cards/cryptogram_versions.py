"""The cryptogram versions that a card can have: one row each, proved against pyemv or a published example.

What has neither is not here, and a profile that asks for it is refused. Numbers are the byte in the Issuer Application
Data; Visa's and Mastercard's own names are its hexadecimal digits or its decimal value, as the case may be.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tillbench.host.cards import cryptograms
from tillbench.host.cards.secure_messaging import INTERAC, MCHIP, UNIONPAY, VISA, VISA_22, SecureMessaging

# The objects that every version puts under the cryptogram, ahead of AIP, ATC and what it takes of the card's results:
# amounts, country, TVR, currency, date, type, unpredictable number.
TERMINAL_DATA = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)


class CryptogramVersion(NamedTuple):
    """`card_key` from issuer key, PAN, PSN; `session_key` from card key, ATC, unpredictable number; `covers` is the
    part of the Issuer Application Data under the cryptogram; `proof_key` is the session key's rule for the ARPC."""

    scheme: str
    number: int
    layout: Literal["vis", "vis-2", "mchip", "ccd"]
    card_key: Callable[[bytes, str, str], bytes]
    session_key: Callable[[bytes, bytes, bytes], bytes]
    covers: Literal["results", "results-and-counters", "all"]
    pad: Callable[[bytes], bytes]
    method: Literal[1, 2]
    proof_key: Callable[[bytes, bytes, bytes], bytes]
    messaging: SecureMessaging

    def application_cryptogram(self, key: bytes, data: bytes) -> bytes:
        """8 bytes over `data` = terminal data, AIP, ATC and what the version covers, under the session key."""
        return cryptograms.mac_algorithm_3(key, self.pad(data))

    def arpc(self, key: bytes, arqc: bytes, issuer_data: bytes) -> bytes:
        """The issuer's proof (Book 2, 8.2): method 1 with `issuer_data` the 2-byte response code, 8 bytes; method 2
        with the Card Status Update and proprietary data, 4 bytes."""
        if self.method == 1:
            return cryptograms.tdes_encrypt(key, cryptograms.xor(arqc, issuer_data + bytes(6)))
        return cryptograms.mac_algorithm_3(key, cryptograms.pad_80(arqc + issuer_data))[:4]


def _none(master: bytes, _atc: bytes, _number: bytes) -> bytes:
    return master


def _unionpay(master: bytes, atc: bytes, _number: bytes) -> bytes:
    return cryptograms.unionpay_session_key(master, atc)


def _common(master: bytes, atc: bytes, _number: bytes) -> bytes:
    return cryptograms.common_session_key(master, atc + bytes(6))


def _mastercard(master: bytes, atc: bytes, number: bytes) -> bytes:
    """Mastercard's proprietary derivation (SKD), with the terminal's number beside the ATC."""
    return cryptograms.common_session_key(master, atc + bytes(2) + number)


_A, _B = cryptograms.icc_master_key_a, cryptograms.icc_master_key_b
_ZEROS, _80 = cryptograms.pad_zeros, cryptograms.pad_80
_COUNTERS: Literal["results-and-counters"] = "results-and-counters"
_ROWS = (
    CryptogramVersion("unionpay", 0x01, "vis", _A, _unionpay, "results", _80, 1, _unionpay, UNIONPAY),
    CryptogramVersion("visa", 0x0A, "vis", _A, _none, "results", _ZEROS, 1, _none, VISA),
    CryptogramVersion("visa", 0x12, "vis", _B, _common, "all", _80, 2, _common, VISA),
    CryptogramVersion("visa", 0x22, "vis-2", _B, _common, "all", _80, 2, _common, VISA_22),
    CryptogramVersion("mastercard", 0x10, "mchip", _A, _mastercard, "results", _80, 1, _none, MCHIP),
    CryptogramVersion("mastercard", 0x11, "mchip", _A, _mastercard, _COUNTERS, _80, 1, _none, MCHIP),
    CryptogramVersion("mastercard", 0x14, "mchip", _A, _common, "results", _80, 1, _common, MCHIP),
    CryptogramVersion("mastercard", 0x15, "mchip", _A, _common, _COUNTERS, _80, 1, _common, MCHIP),
    *(
        # Their own versions are not public; EMV's common core is, and any scheme's card may have it.
        CryptogramVersion(scheme, 0xA5, "ccd", _B, _common, "all", _80, 2, _common, VISA_22)
        for scheme in ("amex", "discover", "jcb")
    ),
    CryptogramVersion("interac", 0x85, "vis", _A, _mastercard, "all", _80, 1, _mastercard, INTERAC),
)
VERSIONS = {(row.scheme, row.number): row for row in _ROWS}


def qvsdc_cryptogram(udk: bytes, amount: bytes, number: bytes, atc: bytes, issuer_application_data: bytes) -> bytes:
    """Visa 17 (hexadecimal 11), which exists on contactless cards only: a short list and one byte of the CVR, under
    the card's key itself. No contact card has it, so it is no row above."""
    data = amount + number + atc + issuer_application_data[4:5]
    return cryptograms.mac_algorithm_3(udk, cryptograms.pad_zeros(data))
