"""Secure messaging of issuer scripts: how each scheme's card proves a command genuine and reads what is enciphered in
it (EMV 4.3 Book 2, 9: format 2, the MAC at the end of the data field)."""

import hmac
from collections.abc import Callable
from typing import Literal, NamedTuple

from tillbench.host.cards import cryptograms

_BLOCK = 8
_HEADER_SIZE = 5  # CLA INS P1 P2 Lc


class SecureMessaging(NamedTuple):
    """`session_key` from a master key, ATC and ARQC. `names_transaction`: ATC and ARQC stand between header and data
    under the MAC, of which `mac_size` bytes travel. `cipher`: VIS puts a length byte ahead of the text, pads with 80
    and takes ECB; M/Chip takes CBC and pads only what is no whole block. `pin_form` is that of a new PIN in PIN
    CHANGE/UNBLOCK with P2 = 02; P2 = 01, with the current PIN folded in, is in VIS form where there is any."""

    session_key: Callable[[bytes, bytes, bytes], bytes]
    names_transaction: bool
    mac_size: int
    cipher: Literal["vis", "mchip"]
    pin_form: Literal["vis", "iso"]
    takes_current_pin: bool

    def mac(self, master: bytes, atc: bytes, arqc: bytes, header: bytes, data: bytes) -> bytes:
        """The whole 8 bytes over `header` (CLA to Lc) and `data` as it travels."""
        assert len(header) == _HEADER_SIZE
        between = atc + arqc if self.names_transaction else b""
        key = self.session_key(master, atc, arqc)
        return cryptograms.mac_algorithm_3(key, cryptograms.pad_80(header + between + data))

    def is_genuine(self, master: bytes, atc: bytes, arqc: bytes, header: bytes, body: bytes) -> bool:
        """Whether the MAC at the end of `body` is the issuer's."""
        data, given = body[: -self.mac_size], body[-self.mac_size :]
        return hmac.compare_digest(given, self.mac(master, atc, arqc, header, data)[: self.mac_size])

    def decipher(self, master: bytes, atc: bytes, arqc: bytes, data: bytes) -> bytes:
        """The plain text of an enciphered data field. Raises `ValueError` when it cannot be one."""
        if not data or len(data) % _BLOCK:
            raise ValueError(f"enciphered data: expected whole blocks of {_BLOCK} bytes, found {len(data)} bytes")
        key = self.session_key(master, atc, arqc)
        if self.cipher == "mchip":
            return cryptograms.tdes_cbc_decrypt(key, data)
        plain = cryptograms.tdes_decrypt(key, data)
        size = plain[0]
        if plain[1 + size :].rstrip(b"\x00") != b"\x80":
            raise ValueError("enciphered data: length byte or padding does not fit")
        return plain[1 : 1 + size]


def _visa(master: bytes, atc: bytes, _arqc: bytes) -> bytes:
    return cryptograms.visa_script_key(master, atc)


def _unionpay(master: bytes, atc: bytes, _arqc: bytes) -> bytes:
    return cryptograms.unionpay_session_key(master, atc)


def _from_arqc(master: bytes, _atc: bytes, arqc: bytes) -> bytes:
    return cryptograms.common_session_key(master, arqc)


# pyemv computes all but UnionPay's, whose session key and 4-byte MAC over header, ATC, ARQC and data are those of a
# public example. M/Chip cards count the ARQC up for each further command of a script; neither pyemv nor these do.
UNIONPAY = SecureMessaging(_unionpay, True, 4, "vis", "vis", True)
VISA = SecureMessaging(_visa, True, 8, "vis", "vis", True)
VISA_22 = SecureMessaging(_from_arqc, True, 8, "vis", "iso", True)
MCHIP = SecureMessaging(_from_arqc, True, 8, "mchip", "iso", False)
INTERAC = SecureMessaging(_from_arqc, False, 8, "mchip", "iso", False)


def pin_of_vis_block(block: bytes, udk: bytes, current: str | None) -> str:
    """The new PIN in a block of PIN CHANGE/UNBLOCK after VIS: length and digits, under four bytes of the card's key
    and, where it was folded in, the current PIN. Raises `ValueError` when no PIN comes out."""
    if len(block) != _BLOCK:
        raise ValueError(f"PIN block: expected {_BLOCK} bytes, found {len(block)}")
    plain = cryptograms.xor(block, bytes(4) + udk[4:8])
    if current is not None:
        plain = cryptograms.xor(plain, bytes.fromhex(current.ljust(2 * _BLOCK, "0")))
    return _pin(plain[0], plain)


def pin_of_iso_block(block: bytes) -> str:
    """The PIN in an ISO 9564-1 format 2 block. Raises `ValueError` when it is none."""
    if len(block) != _BLOCK or block[0] >> 4 != 2:
        raise ValueError("PIN block: expected 8 bytes of format 2")
    return _pin(block[0] & 0x0F, block)


def _pin(size: int, block: bytes) -> str:
    digits = block[1:].hex()
    pin, filler = digits[:size], digits[size:]
    if not 4 <= size <= 12 or not pin.isdecimal() or filler.strip("f"):
        raise ValueError("PIN block: no PIN of 4 to 12 digits in it")
    return pin
