"""Many blocks through the ciphers in one call."""

from crypto import keyset, mac, pinblock, pinblock_formats, track
from crypto.des import TDES
from crypto.sha1 import SHA1


def ciphers(cases):
    """[(key, data)] -> [(enciphered, deciphered)]"""
    return [(TDES(key).encrypt(data), TDES(key).decrypt(data)) for key, data in cases]


def chain(start, steps):
    """Rivest's test: each value is the key and the data of the next step, by turns enciphered and deciphered."""
    x = start
    for i in range(steps):
        x = TDES(x).decrypt(x) if i & 1 else TDES(x).encrypt(x)
    return x


def macs(cases):
    """[(key, data)] -> [(CUP ECB, X9.9, X9.19 or None)]"""
    return [
        (mac.cup_ecb(key, data), mac.x9_9(key, data), mac.x9_19(key, data) if len(key) == 16 else None)
        for key, data in cases
    ]


def sha1_in_parts(parts):
    """The hash of the parts, asked for after each of them too."""
    hashing = SHA1()
    for part in parts:
        hashing.update(part)
        hashing.digest()
    return hashing.digest()


def sha1_repeated(data, times):
    hashing = SHA1()
    for _ in range(times):
        hashing.update(data)
    return hashing.digest()


def wiped(key):
    """What a cipher keeps of its key after `wipe`."""
    cipher = TDES(key)
    cipher.wipe()
    return bytes(cipher._rounds)


def pin_blocks(cases):
    """[(PIN as bytes, PAN)] -> [(block, the PIN buffer afterwards)] or the error's reason"""
    found = []
    for pin, pan in cases:
        buffer = bytearray(pin)
        try:
            found.append((bytes(pinblock.format0(buffer, pan)), bytes(buffer)))
        except pinblock.PinBlockError as error:
            found.append((error.reason, repr(error)))
    return found


def other_pin_blocks(cases):
    """[(format, PIN as bytes, PAN, random)] -> [block] or the error's reason"""
    found = []
    for format, pin, pan, random in cases:
        buffer = bytearray(pin)
        try:
            if format == 1:
                block = pinblock_formats.format1(buffer, random[:8])
            elif format == 2:
                block = pinblock_formats.format2(buffer)
            else:
                block = pinblock_formats.format3(buffer, pan, random)
            found.append(bytes(block))
        except pinblock.PinBlockError as error:
            found.append(error.reason)
    return found


def key_sets(cases):
    """[(master key, field 62)] -> [keys] or the name of the one that is wrong"""
    found = []
    for master, field in cases:
        try:
            found.append(keyset.unwrap(master, field))
        except keyset.KeySetError as error:
            found.append(error.which)
    return found


def tracks(cases):
    """[(key, track)] -> [(enciphered, deciphered again)] or the error's text"""
    found = []
    for key, value in cases:
        try:
            hidden = track.encrypt(key, value)
            found.append((hidden, track.decrypt(key, hidden)))
        except ValueError as error:
            found.append(str(error))
    return found
