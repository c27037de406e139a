"""Card data at rest.

A reversal must name the card (F2, F14), also after a power cut, so the journal has to hold the number. It holds it
sealed: encrypted with TDES in CBC mode under a key that is derived from the terminal master key in the board's key
slot, and is never on flash itself. The flash alone gives away the first six and last four digits, nothing more.

    storage key = E(TMK, "tillbench:seal-1") , 16 bytes, two blocks in ECB mode
    plain text  = PAN in BCD, padded with F (10) | expiry YYMM in BCD, FFFF if unknown (2) | CRC-32 of these 12 (4)
    first block is chained to E(storage key, batch(4) | STAN(4)), which never repeats
"""

import binascii
import struct

from crypto.des import TDES

_LABEL = b"tillbench:seal-1"


class CannotUnseal(Exception):
    """The sealed data are not from this key slot, or not whole."""


class Vault:
    """Seals and unseals card data under the master key `tmk` (16 bytes)."""

    def __init__(self, tmk: "bytes | bytearray") -> None:
        self._tmk = tmk

    def derived(self, label: bytes) -> bytes:
        """The key of 16 bytes for one purpose: E(TMK, label) of a label of 16 bytes, in ECB mode."""
        return bytes(TDES(self._tmk).encrypt(label))

    def seal(self, pan: str, expiry: str, stan: int, batch: int) -> bytes:
        """16 bytes for the card number `pan` (13 to 19 digits) and `expiry` (YYMM, or empty)."""
        plain = binascii.unhexlify((pan + "F" * 20)[:20] + (expiry or "FFFF"))
        plain += struct.pack(">I", binascii.crc32(plain))
        cipher = self._cipher()
        first = bytes(cipher.encrypt(_xor(plain[:8], _start(cipher, stan, batch))))
        return first + bytes(cipher.encrypt(_xor(plain[8:], first)))

    def unseal(self, sealed: bytes, stan: int, batch: int) -> "tuple[str, str]":
        """(PAN, expiry) back. Raises CannotUnseal."""
        if len(sealed) != 16:
            raise CannotUnseal("%d bytes, expected 16" % len(sealed))
        cipher = self._cipher()
        plain = _xor(cipher.decrypt(sealed[:8]), _start(cipher, stan, batch))
        plain += _xor(cipher.decrypt(sealed[8:]), sealed[:8])
        if struct.unpack(">I", plain[12:])[0] != binascii.crc32(plain[:12]):
            raise CannotUnseal("check value is wrong")
        digits = binascii.hexlify(plain[:12]).decode().upper()
        return digits[:20].rstrip("F"), digits[20:].rstrip("F")

    def _cipher(self) -> TDES:
        # Made anew each time: it would keep half a kilobyte that a board is short of, and a transaction needs it once.
        return TDES(self.derived(_LABEL))


def _start(cipher: TDES, stan: int, batch: int) -> bytes:
    return bytes(cipher.encrypt(struct.pack(">II", batch, stan)))


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes([a[i] ^ b[i] for i in range(8)])
