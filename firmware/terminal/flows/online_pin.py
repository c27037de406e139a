"""The online PIN: from the first key to the encrypted PIN block, and then no more of it.

The digits are in one buffer, which is overwritten on every way out. What leaves is the block of ISO 9564-1 format 0,
encrypted under the PIN key.
"""

from crypto.des import TDES
from crypto.pinblock import format0

from terminal.card_data import card_number
from terminal.ui.pin_entry import ask_pin, wipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.kernel import Kernel

    from terminal.app import Terminal

_LONGEST = 12


class OnlinePin:
    """Asks for the PIN when the card's rules say so; `block` is then F52 (8 bytes), else None."""

    def __init__(self, terminal: Terminal, kernel: Kernel, amount: int) -> None:
        self._terminal = terminal
        self._kernel = kernel
        self._amount = amount
        self.block: bytes | None = None

    async def ask(self) -> bool:
        """True when a PIN was entered; it cannot be skipped here. Raises Stop on CANCEL and when no key comes."""
        terminal = self._terminal
        pin = bytearray(_LONGEST)
        clear_block = bytearray(0)
        try:
            length = await ask_pin(terminal.dialogs, terminal.board.events, self._amount, pin)
            # A view, not a slice: a slice would be a second copy of the PIN.
            digits = memoryview(pin)[:length]
            clear_block = format0(digits, card_number(self._kernel))  # type: ignore[arg-type]
            cipher = TDES(terminal.keys.pik)
            self.block = bytes(cipher.encrypt(clear_block))
            cipher.wipe()
        finally:
            wipe(pin)
            wipe(clear_block)
        return True
