"""Track encryption of the UnionPay POS dialect: eight bytes of the packed track, under the track key.

Of the packed digits the eight bytes before the last one are enciphered and put back as hex digits, so that A to F
may stand in fields 35 and 36 then. (Some acquirers encipher the whole track, padded: not here.)
"""

from collections.abc import Callable

from tillbench.protocols.iso8583.security.cipher import BLOCK, Cipher
from tillbench.protocols.iso8583.values import HEX_DIGITS

SHORTEST = 17  # digits


def encrypt(cipher: Cipher, key: bytes, track: str) -> str:
    """The value of field 35 or 36 with sixteen digits enciphered. ValueError: below 17, or not 0-9 A-F."""
    return _crypt(lambda block: cipher.encrypt(key, block), track)


def decrypt(cipher: Cipher, key: bytes, track: str) -> str:
    """The same back."""
    return _crypt(lambda block: cipher.decrypt(key, block), track)


def _crypt(block_cipher: Callable[[bytes], bytes], track: str) -> str:
    end = len(track) - (2 - len(track) % 2)
    start = end - 2 * BLOCK
    if start < 0:
        raise ValueError(f"track: expected at least {SHORTEST} digits, found {len(track)}")
    if track.strip(HEX_DIGITS):
        raise ValueError("track: expected digits 0-9, A-F, found others")
    return track[:start] + block_cipher(bytes.fromhex(track[start:end])).hex().upper() + track[end:]
