# Track encryption of the UnionPay POS dialect: eight bytes of the packed track, under the track key.

from binascii import hexlify, unhexlify

from crypto.des import TDES

SHORTEST = 17  # digits


def encrypt(key: bytes, track: str) -> str:
    """The value of field 35 or 36 with sixteen of its digits enciphered; A to F may stand among them.

    key: 16 bytes (TDES, ECB). track: as in the field, `D` for the separator. Of the packed digits the eight bytes
    before the last one are taken. ValueError: fewer than 17 digits, or something else than 0-9 A-F.
    """
    return _crypt(key, track, False)


def decrypt(key: bytes, track: str) -> str:
    """The same back."""
    return _crypt(key, track, True)


def _crypt(key: bytes, track: str, backwards: bool) -> str:
    end = len(track) - (1 if len(track) & 1 else 2)
    start = end - 16
    if start < 0:
        raise ValueError("track: at least 17 digits")
    if track.lstrip("0123456789ABCDEF"):
        raise ValueError("track: digits 0-9, A-F")
    cipher = TDES(key)
    block = unhexlify(track[start:end])
    block = cipher.decrypt(block) if backwards else cipher.encrypt(block)
    cipher.wipe()
    return track[:start] + str(hexlify(block).upper(), "ascii") + track[end:]
