# PIN blocks (ISO 9564-1). The PIN comes in one bytearray, is never copied into another object, and leaves only as
# part of the block, which the caller enciphers and wipes.

from crypto.wiping import wipe


class PinBlockError(ValueError):
    """reason: PIN_LENGTH (not 4..12), PIN_DIGIT (something else than 0-9), PAN (not 8..19 digits). Nothing more: an
    error message must not tell anything of the PIN."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def format0(pin: bytearray, pan: str) -> bytearray:
    """The clear PIN block in format 0 (ISO 9564-1, ANSI X9.8), 8 bytes: to be enciphered and wiped by the caller.

    pin: 4 to 12 ASCII digits; left as it is. pan: 8 to 19 digits, the check digit last; its twelve digits before the
    check digit count, padded with zeros on the left when there are fewer. PinBlockError.
    """
    check_pan(pan)
    block = bytearray(b"\xff" * 8)
    put_pin(block, pin, 0)
    xor_pan(block, pan)
    return block


def check_pan(pan: str) -> None:
    """PinBlockError unless `pan` is 8 to 19 digits."""
    if not 8 <= len(pan) <= 19:
        raise PinBlockError("PAN")
    for digit in pan:
        if not "0" <= digit <= "9":
            raise PinBlockError("PAN")


def put_pin(block: bytearray, pin: bytearray, format: int) -> None:
    """Control, length and PIN over the fill in `block`, which is wiped when the PIN is not one. PinBlockError."""
    size = len(pin)
    if not 4 <= size <= 12:
        raise PinBlockError("PIN_LENGTH")
    block[0] = format << 4 | size
    for i in range(size):
        if not 0x30 <= pin[i] <= 0x39:
            wipe(block)
            raise PinBlockError("PIN_DIGIT")
        at = i + 2 >> 1
        block[at] = block[at] & 0xF0 | pin[i] & 15 if i & 1 else block[at] & 15 | (pin[i] & 15) << 4


def xor_pan(block: bytearray, pan: str) -> None:
    """The PAN's share of formats 0 and 3 into `block`."""
    for i in range(12):
        at = len(pan) - 13 + i
        if at >= 0:
            block[i + 4 >> 1] ^= (ord(pan[at]) & 15) << (0 if i & 1 else 4)
