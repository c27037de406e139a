"""Offline PIN: the card itself compares it (EMV Book 3 sections 6.5.12 and 10.5.1, Book 2 section 7).

The digits are in one buffer, the PIN block in another that is also the command where it goes out as it is; both are
overwritten before this returns. What RSA makes of the block passes through the heap as a number: only a port that
enciphers in hardware can avoid that.
"""

from micropython import const

from emv.bits import TVR_PIN_NOT_ENTERED, TVR_PIN_PAD_NOT_PRESENT, TVR_PIN_TRY_LIMIT_EXCEEDED, raise_bit
from emv.command import SW_OK, get_data, send
from emv.errors import EmvError
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emv.certificates import Key

    AskOfflinePin = Callable[[int], Awaitable[bytearray | None]]

_TRY_COUNTER = const(0x9F17)  # PIN Try Counter
_PIN_CERTIFICATE = const(0x9F2D)  # ICC PIN Encipherment Public Key Certificate
_PIN_BLOCK = const(8)
_CHALLENGE = const(8)
_LC = const(5)  # bytes of a command before its data
_SHORTEST = const(4)
_LONGEST = const(12)
_UNKNOWN = const(-1)

_SW_WRONG_PIN = const(0x63C0)  # low nibble: tries left
_SW_BLOCKED = const(0x6983)
_SW_REFERENCE_INVALIDATED = const(0x6984)

VERIFIED = const(0)
NOT_VERIFIED = const(1)
BYPASSED = const(2)


async def verify(tx: Transaction, enciphered: bool, ask: AskOfflinePin | None) -> int:
    """Ask for the PIN until the card accepts it, has no try left, or the cardholder does not enter it.

    ask: async; gets the number of tries left, -1 if the card does not tell; gives the digits (ASCII, 4 to 12) in a
    bytearray, which is overwritten here, or None for "not entered".
    Returns VERIFIED, NOT_VERIFIED or BYPASSED and sets TVR byte 3. Raises EmvError("TERMINATE") for a status of VERIFY
    that EMV does not know.
    """
    if ask is None:
        raise_bit(tx.tvr, TVR_PIN_PAD_NOT_PRESENT)
        tx.why = "no PIN pad for offline PIN"
        return NOT_VERIFIED
    counter = await get_data(tx, _TRY_COUNTER)
    tries = counter[0] if counter is not None and len(counter) == 1 else _UNKNOWN
    if tries == 0:
        return _try_limit_exceeded(tx)
    key = None
    if enciphered:
        key = _encipherment_key(tx)
        if key is None:
            return NOT_VERIFIED
    while True:
        pin = await ask(tries)
        if not pin:
            raise_bit(tx.tvr, TVR_PIN_NOT_ENTERED)
            tx.why = "PIN entry bypassed"
            return BYPASSED
        try:
            sw = await _present(tx, pin, key)
        finally:
            wipe(pin)
        if sw == SW_OK:
            return VERIFIED
        if sw & 0xFFF0 == _SW_WRONG_PIN and sw & 0x0F:
            tries = sw & 0x0F
        elif sw in (_SW_WRONG_PIN, _SW_BLOCKED, _SW_REFERENCE_INVALIDATED):
            return _try_limit_exceeded(tx)
        elif sw == 0:
            tx.why = "GET CHALLENGE failed"
            return NOT_VERIFIED
        else:
            raise EmvError("TERMINATE", "VERIFY: SW %04X" % sw)


async def _present(tx: Transaction, pin: bytearray, key: Key | None) -> int:
    """VERIFY; returns its SW1 SW2, 0 if there was no challenge to encipher."""
    if not _SHORTEST <= len(pin) <= _LONGEST:
        raise EmvError("CONFIG", "PIN: expected %d to %d digits, found %d" % (_SHORTEST, _LONGEST, len(pin)))
    if key is None:
        command = bytearray(_LC + _PIN_BLOCK)
        command[1] = 0x20
        command[3] = 0x80
        command[4] = _PIN_BLOCK
        try:
            _fill_block(command, _LC, pin)
            # Straight from this buffer: `send` would make copies.
            response = await tx.exchange(command)  # type: ignore[arg-type]  # a bytearray is sent as bytes are
        finally:
            wipe(command)
        if len(response) < 2:
            raise EmvError("FORMAT", "VERIFY: expected SW1 SW2, found %d bytes" % len(response))
        return response[-2] << 8 | response[-1]

    challenge, sw = await send(tx, 0x00, 0x84, 0x00, 0x00)
    if sw != SW_OK or len(challenge) != _CHALLENGE:
        return 0
    from crypto.rsa import apply

    modulus, exponent = key
    filler = 1 + _PIN_BLOCK + _CHALLENGE
    block = bytearray(len(modulus))
    try:
        block[0] = 0x7F
        _fill_block(block, 1, pin)
        block[1 + _PIN_BLOCK : filler] = challenge
        block[filler:] = tx.entropy(len(modulus) - filler)
        data = apply(block, modulus, exponent)
    finally:
        wipe(block)
    _, sw = await send(tx, 0x00, 0x20, 0x00, 0x88, data, False)
    return sw


def _fill_block(out: bytearray, at: int, pin: bytearray) -> None:
    """PIN block: 2, number of digits, digits, F to the end (Book 3 table 24)."""
    out[at] = 0x20 | len(pin)
    for i in range(1, _PIN_BLOCK):
        out[at + i] = 0xFF
    for i in range(len(pin)):
        digit = pin[i] - 0x30
        if not 0 <= digit <= 9:
            raise EmvError("CONFIG", "PIN: expected ASCII digits")
        place = at + 1 + i // 2
        out[place] = out[place] & 0xF0 | digit if i % 2 else digit << 4 | 0x0F


def _encipherment_key(tx: Transaction) -> Key | None:
    """The ICC PIN encipherment key, else the ICC's own (Book 2 section 7.1); None if it cannot be recovered."""
    from emv.certificates import NotAuthentic, icc_key, pin_key

    try:
        if _PIN_CERTIFICATE in tx.data:
            key = pin_key(tx)
        else:
            key = tx.icc_key or icc_key(tx)
    except NotAuthentic as error:
        tx.why = "PIN encipherment key: " + error.why
        return None
    if len(key[0]) < 1 + _PIN_BLOCK + _CHALLENGE:
        tx.why = "PIN encipherment key: %d bytes" % len(key[0])
        return None
    return key


def _try_limit_exceeded(tx: Transaction) -> int:
    raise_bit(tx.tvr, TVR_PIN_TRY_LIMIT_EXCEEDED)
    tx.why = "PIN try limit exceeded"
    return NOT_VERIFIED


def wipe(buffer: bytearray) -> None:
    """Overwrite with zeros."""
    for i in range(len(buffer)):
        buffer[i] = 0
