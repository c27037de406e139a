# The PIN block formats (ISO 9564-1) that few terminals need, beside format 0 in crypto.pinblock. The rules for PINs
# are the same: one buffer, wiped by the caller, as is the block.

from crypto.pinblock import check_pan, put_pin, xor_pan


def format1(pin: bytearray, random: bytes) -> bytearray:
    """The clear PIN block in format 1: for when there is no PAN. random: 8 bytes, the fill; else as `format0`."""
    if len(random) != 8:
        raise ValueError("random: 8 bytes")
    block = bytearray(random)
    put_pin(block, pin, 1)
    return block


def format2(pin: bytearray) -> bytearray:
    """The clear PIN block in format 2, which goes to a chip card (VERIFY) and nowhere else; as `format0`."""
    block = bytearray(b"\xff" * 8)
    put_pin(block, pin, 2)
    return block


def format3(pin: bytearray, pan: str, random: bytes) -> bytearray:
    """The clear PIN block in format 3: format 0 with a fill of random digits A to F. random: 16 bytes."""
    if len(random) != 16:
        raise ValueError("random: 16 bytes")
    check_pan(pan)
    block = bytearray(8)
    for i in range(16):
        block[i >> 1] |= 10 + (random[i] * 6 >> 8) << (0 if i & 1 else 4)
    put_pin(block, pin, 3)
    xor_pan(block, pan)
    return block
