# SHA-1 (FIPS 180-4) in plain Python, for ports whose hashlib has none: EMV still hashes certificates with it.
#
# Words of 32 bits are kept as two halves of 16, because a 32-bit port allocates every integer above 30 bits.

from array import array

_START = (0x6745, 0x2301, 0xEFCD, 0xAB89, 0x98BA, 0xDCFE, 0x1032, 0x5476, 0xC3D2, 0xE1F0)


class SHA1:
    """The hash of all bytes given to `update`, 20 bytes; `digest` may be asked at any time and changes nothing."""

    def __init__(self, data: bytes | bytearray | memoryview = b"") -> None:
        self._state = array("H", _START)
        self._block = bytearray(64)
        self._kept = bytearray(64)
        self._size = 0  # bytes hashed and held
        self._w = array("H", bytes(64))  # the last 16 words of the message schedule
        self.update(data)

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Hashes `data` after what came before."""
        view = memoryview(data)
        at = 0
        while at < len(view):
            held = self._size & 63
            size = min(64 - held, len(view) - at)
            self._block[held : held + size] = view[at : at + size]
            self._size += size
            at += size
            if not self._size & 63:
                self._compress()

    def digest(self) -> bytes:
        """The hash of all bytes so far."""
        state = array("H", self._state)
        kept = self._kept
        kept[:] = self._block
        size = self._size
        self.update(b"\x80" + bytes((55 - size) & 63))
        # Eight bytes of length in bits; sizes that a board could hold need no more than five.
        self.update(bytes((0, 0, 0, size >> 29 & 255, size >> 21 & 255, size >> 13 & 255, size >> 5 & 255)))
        self.update(bytes((size << 3 & 255,)))
        hashed = b"".join([bytes((half >> 8, half & 255)) for half in self._state])
        self._state = state
        self._block[:] = kept
        self._size = size
        return hashed

    def wipe(self) -> None:
        """Forgets what was hashed, of which up to 64 bytes are still here."""
        for i in range(64):
            self._block[i] = self._kept[i] = 0
        for i in range(32):
            self._w[i] = 0

    def _compress(self) -> None:
        block = self._block
        w = self._w
        for i in range(32):
            w[i] = block[2 * i] << 8 | block[2 * i + 1]
        ah, al, bh, bl, ch, cl, dh, dl, eh, el = self._state
        for t in range(80):
            i = t * 2 & 31
            if t > 15:
                j = i + 26 & 31
                k = i + 16 & 31
                m = i + 4 & 31
                h = w[i] ^ w[j] ^ w[k] ^ w[m]
                n = w[i + 1] ^ w[j + 1] ^ w[k + 1] ^ w[m + 1]
                w[i] = h << 1 & 0xFFFF | n >> 15
                w[i + 1] = n << 1 & 0xFFFF | h >> 15
            if t < 20:
                h = (dh ^ bh & (ch ^ dh)) + 0x5A82
                n = (dl ^ bl & (cl ^ dl)) + 0x7999
            elif t < 40:
                h = (bh ^ ch ^ dh) + 0x6ED9
                n = (bl ^ cl ^ dl) + 0xEBA1
            elif t < 60:
                h = (bh & ch | dh & (bh | ch)) + 0x8F1B
                n = (bl & cl | dl & (bl | cl)) + 0xBCDC
            else:
                h = (bh ^ ch ^ dh) + 0xCA62
                n = (bl ^ cl ^ dl) + 0xC1D6
            n += (al << 5 & 0xFFFF | ah >> 11) + el + w[i + 1]
            h += (ah << 5 & 0xFFFF | al >> 11) + eh + w[i] + (n >> 16)
            eh = dh
            el = dl
            dh = ch
            dl = cl
            ch = bl << 14 & 0xC000 | bh >> 2  # rotated left by 30
            cl = bh << 14 & 0xC000 | bl >> 2
            bh = ah
            bl = al
            ah = h & 0xFFFF
            al = n & 0xFFFF
        state = self._state
        for i, h, n in ((0, ah, al), (2, bh, bl), (4, ch, cl), (6, dh, dl), (8, eh, el)):
            n += state[i + 1]
            state[i + 1] = n & 0xFFFF
            state[i] = state[i] + h + (n >> 16) & 0xFFFF


def sha1(data: bytes | bytearray | memoryview) -> bytes:
    """The SHA-1 hash of `data`, 20 bytes."""
    return SHA1(data).digest()
