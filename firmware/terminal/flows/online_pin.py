"""The online PIN: from the first key to the encrypted PIN block, and then no more of it.

The digits are in one buffer, which is overwritten on every way out. What leaves is the block of ISO 9564-1 format 0,
encrypted under the PIN key.
"""

from crypto.des import TDES
from crypto.pinblock import format0
from crypto.wiping import wipe

from terminal.ui.pin_entry import ask_pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

_LONGEST = 12


async def ask_online_pin(terminal: Terminal, pan: str, amount: int) -> bytes | None:
    """F52 (8 bytes) of the PIN that is entered; None when it was skipped, where that is allowed.

    Raises Stop on CANCEL and when no key comes.
    """
    pin = bytearray(_LONGEST)
    clear_block = bytearray(0)
    try:
        length = await ask_pin(terminal.dialogs, terminal.board.events, amount, pin)
        if not length:
            return None
        # A view, not a slice: a slice would be a second copy of the PIN.
        digits = memoryview(pin)[:length]
        clear_block = format0(digits, pan)  # type: ignore[arg-type]  # it reads a view as it reads bytes
        cipher = TDES(terminal.keys.pik)
        block = bytes(cipher.encrypt(clear_block))
        cipher.wipe()
    finally:
        wipe(pin)
        wipe(clear_block)
    return block
