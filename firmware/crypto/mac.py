# Message authentication codes over DES.

from binascii import hexlify

from crypto.des import TDES


def _xor(out: bytearray, data: bytes | bytearray | memoryview, at: int) -> None:
    # The block of `data` at `at`, as if zeros followed the data, into `out`.
    for i in range(min(8, len(data) - at)):
        out[i] ^= data[at + i]


def cup_ecb(key: bytes | bytearray, data: bytes | bytearray | memoryview) -> bytes:
    """The UnionPay POS MAC ("CUP ECB") of `data`: 8 ASCII hex digits, as field 64 carries them.

    data: message type to field 63, the bitmap with bit 64 on; padded with zeros here. key: 8 bytes (DES) or 16, 24
    (triple DES); ValueError for any other length.
    All blocks are XORed into one, whose 16 hex digits are enciphered as two chained blocks.
    """
    block = bytearray(8)
    for at in range(0, len(data), 8):
        _xor(block, data, at)
    digits = hexlify(bytes(block)).upper()
    cipher = TDES(key)
    block[:] = cipher.encrypt(digits[:8])
    _xor(block, digits, 8)
    block[:] = cipher.encrypt(block)
    cipher.wipe()
    return hexlify(bytes(block)).upper()[:8]


def x9_9(key: bytes | bytearray, data: bytes | bytearray | memoryview, padding: int = 1) -> bytes:
    """ANSI X9.9 MAC (ISO/IEC 9797-1 algorithm 1), 8 bytes: CBC of `data` under `key`.

    key: 8 bytes; 16 or 24 chain in triple DES. padding 1: zeros, none to whole blocks (empty data counts as one zero
    block); 2: 80h, then zeros. ValueError for any other length or padding.
    """
    cipher = TDES(key)
    block = _chain(cipher, data, padding)
    cipher.wipe()
    return bytes(block)


def x9_19(key: bytes | bytearray, data: bytes | bytearray | memoryview, padding: int = 1) -> bytes:
    """ANSI X9.19 "retail" MAC (ISO/IEC 9797-1 algorithm 3), 8 bytes, under a `key` of 16 bytes; ValueError.

    CBC in single DES under the left half; the last block again deciphered under the right and enciphered under the
    left half. padding as in `x9_9`.
    """
    if len(key) != 16:
        raise ValueError("key: 16 bytes")
    left = TDES(memoryview(key)[:8])
    right = TDES(memoryview(key)[8:])
    mac = left.encrypt(right.decrypt(_chain(left, data, padding)))
    left.wipe()
    right.wipe()
    return mac


def _chain(cipher: TDES, data: bytes | bytearray | memoryview, padding: int) -> bytearray:
    if padding not in (1, 2):
        raise ValueError("padding: 1 or 2")
    size = len(data)
    end = size + 1 if padding == 2 else max(1, size)
    block = bytearray(8)
    for at in range(0, end, 8):
        _xor(block, data, at)
        if padding == 2 and at <= size < at + 8:
            block[size - at] ^= 0x80
        block[:] = cipher.encrypt(block)
    return block
