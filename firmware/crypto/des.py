# DES and triple DES (FIPS 46-3, ANSI X3.92, ISO/IEC 18033-3), because MicroPython's cryptolib has AES only.
#
# A 32-bit port has small integers of 31 bits: anything larger is allocated on the heap. So each half of the block is
# kept as two words of 16 bits (lh, ll, rh, rl) and no operation below makes a number above 30 bits.

from array import array

# S-boxes 1 to 8, each in its four rows of 16.
_S = (
    b"\xe4\xd1\x2f\xb8\x3a\x6c\x59\x07\x0f\x74\xe2\xd1\xa6\xcb\x95\x38"
    b"\x41\xe8\xd6\x2b\xfc\x97\x3a\x50\xfc\x82\x49\x17\x5b\x3e\xa0\x6d"
    b"\xf1\x8e\x6b\x34\x97\x2d\xc0\x5a\x3d\x47\xf2\x8e\xc0\x1a\x69\xb5"
    b"\x0e\x7b\xa4\xd1\x58\xc6\x93\x2f\xd8\xa1\x3f\x42\xb6\x7c\x05\xe9"
    b"\xa0\x9e\x63\xf5\x1d\xc7\xb4\x28\xd7\x09\x34\x6a\x28\x5e\xcb\xf1"
    b"\xd6\x49\x8f\x30\xb1\x2c\x5a\xe7\x1a\xd0\x69\x87\x4f\xe3\xb5\x2c"
    b"\x7d\xe3\x06\x9a\x12\x85\xbc\x4f\xd8\xb5\x6f\x03\x47\x2c\x1a\xe9"
    b"\xa6\x90\xcb\x7d\xf1\x3e\x52\x84\x3f\x06\xa1\xd8\x94\x5b\xc7\x2e"
    b"\x2c\x41\x7a\xb6\x85\x3f\xd0\xe9\xeb\x2c\x47\xd1\x50\xfa\x39\x86"
    b"\x42\x1b\xad\x78\xf9\xc5\x63\x0e\xb8\xc7\x1e\x2d\x6f\x09\xa4\x53"
    b"\xc1\xaf\x92\x68\x0d\x34\xe7\x5b\xaf\x42\x7c\x95\x61\xde\x0b\x38"
    b"\x9e\xf5\x28\xc3\x70\x4a\x1d\xb6\x43\x2c\x95\xfa\xbe\x17\x60\x8d"
    b"\x4b\x2e\xf0\x8d\x3c\x97\x5a\x61\xd0\xb7\x49\x1a\xe3\x5c\x2f\x86"
    b"\x14\xbd\xc3\x7e\xaf\x68\x05\x92\x6b\xd8\x14\xa7\x95\x0f\xe2\x3c"
    b"\xd2\x84\x6f\xb1\xa9\x3e\x50\xc7\x1f\xd8\xa3\x74\xc5\x6b\x0e\x92"
    b"\x7b\x41\x9c\xe2\x06\xad\xf3\x58\x21\xe7\x4a\x8d\xfc\x90\x35\x6b"
)
# P: output bit j is the bit P[j] of the S-boxes' output (from 1).
_P = (
    b"\x10\x07\x14\x15\x1d\x0c\x1c\x11\x01\x0f\x17\x1a\x05\x12\x1f\x0a"
    b"\x02\x08\x18\x0e\x20\x1b\x03\x09\x13\x0d\x1e\x06\x16\x0b\x04\x19"
)
# PC-1, from bit 0, as the key's bits are numbered below.
_PC1 = (
    b"\x38\x30\x28\x20\x18\x10\x08\x00\x39\x31\x29\x21\x19\x11\x09\x01\x3a\x32\x2a\x22\x1a\x12\x0a\x02\x3b\x33\x2b\x23"
    b"\x3e\x36\x2e\x26\x1e\x16\x0e\x06\x3d\x35\x2d\x25\x1d\x15\x0d\x05\x3c\x34\x2c\x24\x1c\x14\x0c\x04\x1b\x13\x0b\x03"
)
# PC-2 into the doubled registers of _schedule: C at 0..55, D at 56..111.
_PC2 = (
    b"\x0d\x10\x0a\x17\x00\x04\x02\x1b\x0e\x05\x14\x09\x16\x12\x0b\x03\x19\x07\x0f\x06\x1a\x13\x0c\x01"
    b"\x44\x4f\x3a\x40\x4a\x52\x39\x43\x4e\x48\x3c\x4b\x47\x4c\x42\x53\x3d\x50\x49\x45\x4d\x3f\x38\x3b"
)
# Left rotations of C and D, added up.
_SHIFTS = b"\x01\x02\x04\x06\x08\x0a\x0c\x0e\x0f\x11\x13\x15\x17\x19\x1b\x1c"

# S-box output through P, as the high and the low 16 bits; boxes 1-4 in the first pair, 5-8 in the second.
# The index is (box & 3) << 6 | the six input bits.
_H1 = array("H", bytes(512))
_L1 = array("H", bytes(512))
_H2 = array("H", bytes(512))
_L2 = array("H", bytes(512))
# A nibble's bits 2 and 0 moved to bits 8 and 0, for the initial permutation.
_SPREAD = array("H", (0, 1, 0, 1, 256, 257, 256, 257, 0, 1, 0, 1, 256, 257, 256, 257))


def _fill() -> None:
    for box in range(8):
        high, low = (_H1, _L1) if box < 4 else (_H2, _L2)
        place = [0] * 4  # where P puts the box's four bits, the first one first
        for j in range(32):
            bit = _P[j] - 1 - box * 4
            if 0 <= bit < 4:
                place[bit] = 31 - j
        for x in range(64):
            at = box * 64 + ((x >> 5) * 2 + (x & 1)) * 16 + (x >> 1 & 15)
            s = _S[at >> 1] >> 4 if not at & 1 else _S[at >> 1] & 15
            i = (box & 3) << 6 | x
            for bit in range(4):
                if s >> (3 - bit) & 1:
                    if place[bit] > 15:
                        high[i] |= 1 << (place[bit] - 16)
                    else:
                        low[i] |= 1 << place[bit]


_fill()


def _schedule(key: bytes | bytearray | memoryview, out: bytearray, at: int, backwards: bool) -> None:
    # 16 rounds x 8 boxes: the six key bits of a box, with the box's place in its table on top.
    bits = bytearray(112)
    for i in range(56):
        n = _PC1[i]
        j = i if i < 28 else i + 28
        bits[j] = bits[j + 28] = key[n >> 3] >> (7 - (n & 7)) & 1
    p = _PC2
    for r in range(16):
        s = _SHIFTS[r]
        o = at + (15 - r if backwards else r) * 8
        for box in range(8):
            j = box * 6
            out[o + box] = (
                (box & 3) << 6
                | bits[p[j] + s] << 5
                | bits[p[j + 1] + s] << 4
                | bits[p[j + 2] + s] << 3
                | bits[p[j + 3] + s] << 2
                | bits[p[j + 4] + s] << 1
                | bits[p[j + 5] + s]
            )
    for i in range(112):
        bits[i] = 0


class TDES:
    """DES with a key of 8 bytes, triple DES (EDE) with 16 (K1 K2 K1) or 24 bytes; parity bits are ignored.

    ValueError: a key of another length, data that is not whole blocks of 8.
    """

    def __init__(self, key: bytes | bytearray | memoryview) -> None:
        size = len(key)
        if size not in (8, 16, 24):
            raise ValueError("key: 8, 16 or 24 bytes")
        # All 48 (16) rounds in the order of encryption; decryption walks them from the end.
        self._rounds = bytearray(128 if size == 8 else 384)
        view = memoryview(key)
        _schedule(view[:8], self._rounds, 0, False)
        if size > 8:
            _schedule(view[8:16], self._rounds, 128, True)
            _schedule(view[16:] if size == 24 else view[:8], self._rounds, 256, False)

    def encrypt(self, data: bytes | bytearray | memoryview) -> bytes:
        """`data`, any number of blocks of 8 bytes, enciphered in ECB."""
        return self._crypt(data, False)

    def decrypt(self, data: bytes | bytearray | memoryview) -> bytes:
        """`data`, any number of blocks of 8 bytes, deciphered in ECB."""
        return self._crypt(data, True)

    def decrypt_into(self, data: bytes | bytearray | memoryview, out: bytearray | memoryview) -> None:
        """As `decrypt`, into a buffer as long as `data`: for keys, of which no other copy may stay behind."""
        for at in range(0, len(data), 8):
            self._block(data, out, at, True)

    def wipe(self) -> None:
        """Forgets the key; what is done with this object afterwards is done with nonsense."""
        for i in range(len(self._rounds)):
            self._rounds[i] = 0

    def _crypt(self, data: bytes | bytearray | memoryview, backwards: bool) -> bytes:
        if len(data) & 7:
            raise ValueError("data: whole blocks of 8 bytes")
        out = bytearray(len(data))
        for at in range(0, len(data), 8):
            self._block(data, out, at, backwards)
        return bytes(out)

    def _block(
        self, data: bytes | bytearray | memoryview, out: bytearray | memoryview, at: int, backwards: bool
    ) -> None:
        k = self._rounds
        h1 = _H1
        l1 = _L1
        h2 = _H2
        l2 = _L2
        spread = _SPREAD
        lh = ll = rh = rl = 0
        for i in range(8):  # the initial permutation turns bit columns into bytes
            x = data[at + i]
            lh |= spread[x >> 4] << i
            ll |= spread[x & 15] << i
            rh |= spread[x >> 5] << i
            rl |= spread[x >> 1 & 15] << i
        size = len(k)
        start, step = (size - 8, -8) if backwards else (0, 8)
        for r in range(start, size - 8 - start + step, step):
            t = (rl & 1) << 17 | rh << 1 | rl >> 15
            a = k[r] ^ t >> 12
            b = k[r + 1] ^ t >> 8 & 63
            c = k[r + 2] ^ t >> 4 & 63
            d = k[r + 3] ^ t & 63
            t = (rh & 1) << 17 | rl << 1 | rh >> 15
            e = k[r + 4] ^ t >> 12
            f = k[r + 5] ^ t >> 8 & 63
            g = k[r + 6] ^ t >> 4 & 63
            h = k[r + 7] ^ t & 63
            t = lh ^ h1[a] ^ h1[b] ^ h1[c] ^ h1[d] ^ h2[e] ^ h2[f] ^ h2[g] ^ h2[h]
            x = ll ^ l1[a] ^ l1[b] ^ l1[c] ^ l1[d] ^ l2[e] ^ l2[f] ^ l2[g] ^ l2[h]
            if r & 127 == (0 if backwards else 120):  # the last round of a DES leaves the halves in place
                lh = t
                ll = x
            else:
                lh = rh
                ll = rl
                rh = t
                rl = x
        for i in range(8):  # the inverse permutation
            out[at + i] = (
                (rh >> i & 0x100) >> 1
                | (lh >> i & 0x100) >> 2
                | (rh >> i & 1) << 5
                | (lh >> i & 1) << 4
                | (rl >> i & 0x100) >> 5
                | (ll >> i & 0x100) >> 6
                | (rl >> i & 1) << 1
                | ll >> i & 1
            )


def ecb_encrypt(key: bytes | bytearray | memoryview, data: bytes | bytearray | memoryview) -> bytes:
    """`data` (whole blocks of 8 bytes) enciphered under `key` (8, 16 or 24 bytes) in ECB; ValueError."""
    return TDES(key).encrypt(data)


def ecb_decrypt(key: bytes | bytearray | memoryview, data: bytes | bytearray | memoryview) -> bytes:
    """`data` (whole blocks of 8 bytes) deciphered under `key` (8, 16 or 24 bytes) in ECB; ValueError."""
    return TDES(key).decrypt(data)


def kcv(key: bytes | bytearray | memoryview) -> bytes:
    """Key check value: the first 4 bytes of eight zero bytes enciphered under `key`."""
    return TDES(key).encrypt(bytes(8))[:4]
