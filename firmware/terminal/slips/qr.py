"""QR codes (ISO/IEC 18004): alphanumeric text, versions 1 to 6, error correction level M.

In these versions all blocks of a level have the same size and there is at most one alignment pattern, which is what
keeps this short. 154 characters are the most that fit.
"""

from micropython import const

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_MODE_ALPHANUMERIC = const(0b0010)
_COUNT_BITS = const(9)
_LEVEL_M = const(0b00)
_FORMAT_GENERATOR = const(0b10100110111)
_FORMAT_MASK = const(0b101010000010010)
_FIELD = const(0x11D)
_PADDING = b"\xec\x11"
# Level M, version 1 to 6: (data codewords of a block, error correction codewords of a block, blocks); table 9.
_BLOCKS = ((16, 10, 1), (28, 16, 1), (44, 26, 1), (32, 18, 2), (43, 24, 2), (27, 16, 4))
_UNSET = const(2)


class TooLong(Exception):
    """The text does not fit into version 6."""


class QrCode:
    """The symbol of `text`; `size` modules across, `dark(x, y)` for one of them.

    Raises TooLong, and ValueError for a character that the alphanumeric set does not have.
    """

    def __init__(self, text: str) -> None:
        version = _version(len(text))
        self.size = 17 + 4 * version
        self._modules = bytearray(bytes((_UNSET,)) * (self.size * self.size))
        self._draw_patterns(version)
        data_modules = bytearray(self._modules)
        self._place(_codewords(text, version))
        best = 0
        least = -1
        for mask in range(8):
            self._apply(mask, data_modules)
            self._draw_format(mask)
            penalty = self._penalty()
            if least < 0 or penalty < least:
                least = penalty
                best = mask
            self._apply(mask, data_modules)
        self._apply(best, data_modules)
        self._draw_format(best)

    def dark(self, x: int, y: int) -> bool:
        """Whether the module in column `x` of row `y` is dark; outside of the symbol none is."""
        return 0 <= x < self.size and 0 <= y < self.size and self._modules[y * self.size + x] == 1

    def row(self, y: int, scale: int) -> bytearray:
        """Dot row `y` of the symbol with `scale` dots a module and a quiet zone of four modules around it."""
        count = self.size + 8
        dots = bytearray((count * scale + 7) // 8)
        line = y // scale - 4
        for column in range(count):
            if self.dark(column - 4, line):
                for at in range(column * scale, (column + 1) * scale):
                    dots[at >> 3] |= 0x80 >> (at & 7)
        return dots

    def _set(self, x: int, y: int, dark: int) -> None:
        self._modules[y * self.size + x] = dark

    def _draw_patterns(self, version: int) -> None:
        size = self.size
        for x, y in ((3, 3), (size - 4, 3), (3, size - 4)):
            for dy in range(-4, 5):
                for dx in range(-4, 5):
                    if 0 <= x + dx < size and 0 <= y + dy < size:
                        ring = max(abs(dx), abs(dy))
                        self._set(x + dx, y + dy, 0 if ring in (2, 4) else 1)
        for at in range(8, size - 8):
            self._set(at, 6, 1 - at % 2)
            self._set(6, at, 1 - at % 2)
        if version > 1:
            middle = size - 7
            for dy in range(-2, 3):
                for dx in range(-2, 3):
                    self._set(middle + dx, middle + dy, 0 if max(abs(dx), abs(dy)) == 1 else 1)
        self._draw_format(0)

    def _draw_format(self, mask: int) -> None:
        """The format information, twice, and the module that is always dark (section 7.9)."""
        data = _LEVEL_M << 3 | mask
        bits = data << 10
        for shift in range(4, -1, -1):
            if bits >> (shift + 10) & 1:
                bits ^= _FORMAT_GENERATOR << shift
        bits = (data << 10 | bits) ^ _FORMAT_MASK
        size = self.size
        for at in range(15):
            bit = bits >> at & 1
            self._set(8, at if at < 6 else at + 1 if at < 8 else size - 15 + at, bit)
            self._set(size - 1 - at if at < 8 else 15 - at if at == 8 else 14 - at, 8, bit)
        self._set(8, size - 8, 1)

    def _place(self, codewords: bytearray) -> None:
        """Up and down through pairs of columns, from the right; what is left over stays light (section 7.7.3)."""
        size = self.size
        at = 0
        for right in range(size - 1, 0, -2):
            if right <= 6:
                right -= 1
            upwards = (right + 1) & 2 == 0
            for step in range(size):
                y = size - 1 - step if upwards else step
                for x in (right, right - 1):
                    if self._modules[y * size + x] == _UNSET:
                        byte = codewords[at >> 3] if at >> 3 < len(codewords) else 0
                        self._set(x, y, byte >> (7 - (at & 7)) & 1)
                        at += 1

    def _apply(self, mask: int, data_modules: bytearray) -> None:
        """Turns the data modules that the mask pattern names; a second time turns them back."""
        size = self.size
        modules = self._modules
        at = 0
        for y in range(size):
            for x in range(size):
                if data_modules[at] == _UNSET and _masked(mask, x, y):
                    modules[at] ^= 1
                at += 1

    def _penalty(self) -> int:
        """How hard the symbol is to read: runs, blocks, finder look-alikes, imbalance (section 7.8.3)."""
        size = self.size
        modules = self._modules
        total = 0
        for at in range(size):
            total += _runs(modules[at * size : (at + 1) * size])
            total += _runs(bytearray([modules[y * size + at] for y in range(size)]))
        for y in range(size - 1):
            for x in range(y * size, y * size + size - 1):
                first = modules[x]
                if first == modules[x + 1] == modules[x + size] == modules[x + size + 1]:
                    total += 3
        percent = 100 * sum(modules) // len(modules)
        return total + abs(percent - 50) // 5 * 10


def _runs(line: bytearray) -> int:
    total = 0
    run = 1
    for at in range(1, len(line)):
        if line[at] == line[at - 1]:
            run += 1
        else:
            total += run - 2 if run >= 5 else 0
            run = 1
    total += run - 2 if run >= 5 else 0
    for look_alike in (b"\1\0\1\1\1\0\1\0\0\0\0", b"\0\0\0\0\1\0\1\1\1\0\1"):
        at = line.find(look_alike)
        while at >= 0:
            total += 40
            at = line.find(look_alike, at + 1)
    return total


def _masked(mask: int, x: int, y: int) -> bool:
    if mask == 0:
        return (x + y) & 1 == 0
    if mask == 1:
        return y & 1 == 0
    if mask == 2:
        return x % 3 == 0
    if mask == 3:
        return (x + y) % 3 == 0
    if mask == 4:
        return (y // 2 + x // 3) & 1 == 0
    if mask == 5:
        return x * y % 2 + x * y % 3 == 0
    if mask == 6:
        return (x * y % 2 + x * y % 3) & 1 == 0
    return ((x + y) % 2 + x * y % 3) & 1 == 0


def _version(length: int) -> int:
    bits = 4 + _COUNT_BITS + length // 2 * 11 + length % 2 * 6
    for version, (data, _, blocks) in enumerate(_BLOCKS, 1):
        if bits <= 8 * data * blocks:
            return version
    raise TooLong("%d characters, 154 can be had" % length)


def _codewords(text: str, version: int) -> bytearray:
    """Data and error correction of all blocks, interleaved (section 7.6)."""
    size, correction, count = _BLOCKS[version - 1]
    data = _data(text, size * count)
    generator = _generator(correction)
    blocks = [data[number * size : (number + 1) * size] for number in range(count)]
    corrections = [_remainder(block, generator) for block in blocks]
    out = bytearray()
    for at in range(size):
        for block in blocks:
            out.append(block[at])
    for at in range(correction):
        for block in corrections:
            out.append(block[at])
    return out


def _data(text: str, capacity: int) -> bytearray:
    data = bytearray()
    held = width = 0

    def put(value: int, bits: int) -> None:
        nonlocal held, width
        held = held << bits | value
        width += bits
        while width >= 8:
            width -= 8
            data.append(held >> width & 0xFF)
            held &= (1 << width) - 1

    put(_MODE_ALPHANUMERIC, 4)
    put(len(text), _COUNT_BITS)
    for at in range(0, len(text) - 1, 2):
        put(_value(text[at]) * 45 + _value(text[at + 1]), 11)
    if len(text) & 1:
        put(_value(text[-1]), 6)
    put(0, min(4, 8 * capacity - 8 * len(data) - width))
    if width:
        put(0, 8 - width)
    for at in range(capacity - len(data)):
        data.append(_PADDING[at & 1])
    return data


def _value(char: str) -> int:
    value = _ALPHANUMERIC.find(char)
    if value < 0:
        raise ValueError("%r is not in the alphanumeric set" % char)
    return value


def _times(a: int, b: int) -> int:
    """Product in GF(256) over x^8 + x^4 + x^3 + x^2 + 1."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= _FIELD
        b >>= 1
    return product


def _generator(degree: int) -> bytearray:
    """The Reed-Solomon generator polynomial, highest coefficient (1) left out."""
    polynomial = bytearray(degree)
    polynomial[-1] = 1
    root = 1
    for _ in range(degree):
        for at in range(degree):
            polynomial[at] = _times(polynomial[at], root)
            if at + 1 < degree:
                polynomial[at] ^= polynomial[at + 1]
        root = _times(root, 2)
    return polynomial


def _remainder(data: bytearray, generator: bytearray) -> bytearray:
    degree = len(generator)
    remainder = bytearray(degree)
    for byte in data:
        factor = byte ^ remainder[0]
        for at in range(degree - 1):
            remainder[at] = remainder[at + 1]
        remainder[-1] = 0
        for at in range(degree):
            remainder[at] ^= _times(generator[at], factor)
    return remainder
