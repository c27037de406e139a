# The working keys that a UnionPay POS host sends in field 62 of a sign-on answer, enciphered under the terminal's
# master key: PIN key and check value, MAC key and check value, and in some answers track key and check value.

from crypto.des import TDES, kcv

_PARTS = {24: (8, 8), 40: (16, 16), 56: (24, 24), 60: (16, 16, 16), 84: (24, 24, 24)}
_NAMES = ("PIK", "MAK", "TDK")
_KCV = 4


class KeySetError(ValueError):
    """which: PIK, MAK or TDK, whose check value is wrong; FIELD when the field has no legal length."""

    def __init__(self, which: str) -> None:
        super().__init__(which)
        self.which = which


def unwrap(master: bytes, field: bytes | bytearray | memoryview) -> list[bytes]:
    """The clear keys in field 62: PIN key, MAC key, and track key when there are three.

    field: 24, 40 or 56 bytes for two keys of 8, 16 or 24; 60 or 84 for three of 16 or 24. Each key is deciphered
    under `master` (8, 16 or 24 bytes) in ECB and held against its check value. A MAC key of 8 bytes in a longer slot
    is filled with zeros, in the clear or enciphered (the descriptions differ): it comes back as 8 bytes. KeySetError.
    """
    parts = _PARTS.get(len(field))
    if parts is None:
        raise KeySetError("FIELD")
    cipher = TDES(master)
    keys: list[bytes] = []
    at = 0
    try:
        for i in range(len(parts)):
            name = _NAMES[i]
            size = parts[i]
            slot = bytes(field[at : at + size])
            check = bytes(field[at + size : at + size + _KCV])
            at += size + _KCV
            key = cipher.decrypt(slot)
            if name == "MAK" and size > 8 and (not any(slot[8:]) or not any(key[8:])):
                key = key[:8]
            if kcv(key) != check:
                raise KeySetError(name)
            keys.append(key)
    finally:
        cipher.wipe()
    return keys
