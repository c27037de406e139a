"""The card of one transaction, however its number came in, and the record that begins with it."""

from terminal import kinds
from terminal.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.host_link import Fields

KEYED = "01"
STRIPE = "02"
CHIP = "05"
"""First two digits of F22."""
_PIN_ENTERED = "1"
_NO_PIN = "2"
_NO_NETWORK_CODE = "000"
_CHIP_READER = "5"
"""F60.4."""
_NO_FALLBACK = "0"
_FALLBACK = "2"
"""F60.5."""
_PARTIAL = "1"
"""F60.6: the terminal takes less than it has asked for."""


class Card:
    """A card whose number is known and that has nothing more to say: typed in, or read from a stripe.

    The chip (`flows/chip.py`) has, and answers in these methods.
    """

    entry = KEYED
    approved_offline = False
    """True when the card has approved by itself: the host is told of it, not asked."""
    signs = False
    """True while its cryptogram belongs to the transaction: then it hears how that ended."""

    def __init__(self, terminal: Terminal, kind: str, amount: int, stan: int) -> None:
        self.terminal = terminal
        self.kind = kind
        self.amount = amount
        self.stan = stan
        """The trace number, used up when the card came."""
        self.time = terminal.clock.now()
        self.pan = ""
        self.expiry = ""
        """YYMM, or empty."""
        self.track_2 = ""
        """Up to 37 digits with D for the separator, or empty."""
        self.sequence_number = ""
        """Three digits, or empty."""
        self.pin_block: bytes | None = None
        """F52, once a PIN was entered."""
        self.fallback = False
        """True for the stripe of a card whose chip stayed silent."""
        self.account_type = ""
        """Two digits, 5F57; empty when none was chosen."""
        self.cvm = "SIGNATURE"
        """"PIN", "SIGNATURE" or "NONE"."""

    async def authenticate(self) -> None:
        """Finds out whether it is the card and its holder who ask for this amount. Raises Stop."""

    def online_data(self) -> bytes:
        """F55 of the request; empty for a card that signs nothing."""
        return b""

    def describe(self, t: Transaction) -> None:
        """Puts into the record what a slip says of the card."""

    async def approve(self, t: Transaction, answer: Fields) -> str:  # noqa: ARG002  the chip needs them
        """Tells the card that the issuer approved. "" if it does too, else why not, a key of the text table."""
        return ""

    async def decline(self, t: Transaction, answer: Fields) -> None:
        """Tells the card that the issuer declined."""

    async def give_up(self) -> None:
        """Tells the card that no answer came."""

    async def ask_pin(self) -> bool:
        """Asks for the online PIN; True when it was entered, False when that was skipped. Raises Stop."""
        from terminal.flows.online_pin import ask_online_pin

        self.pin_block = await ask_online_pin(self.terminal, self.pan, self.amount)
        if self.pin_block is None:
            return False
        self.cvm = "PIN"
        return True


def begin(card: Card) -> Transaction:
    """The transaction as the journal will have it: all that its reversal and its slip will need."""
    terminal, kind = card.terminal, card.kind
    t = Transaction(card.stan, terminal.counters.batch)
    t.type = kind
    t.operator = terminal.operator
    t.processing_code = kinds.processing_code(kind)
    t.amount = card.amount
    t.entry_mode = card.entry + (_NO_PIN if card.pin_block is None else _PIN_ENTERED)
    t.sequence_number = card.sequence_number
    t.condition_code = kinds.condition_code(kind)
    partial = _PARTIAL if terminal.parameters.partial_approval and kinds.may_be_partial(kind) else ""
    reading = _CHIP_READER + (_FALLBACK if card.fallback else _NO_FALLBACK)
    t.private_use = kinds.function(kind) + "%06d" % t.batch + _NO_NETWORK_CODE + reading + partial
    t.account_type = card.account_type
    t.sealed_card = terminal.vault.seal(card.pan, card.expiry, t.stan, t.batch)
    t.masked_pan = masked(card.pan)
    t.time = card.time
    t.cvm = card.cvm
    card.describe(t)
    return t


def masked(pan: str) -> str:
    """The number as it may be shown: the first six and the last four digits."""
    return pan[:6] + "*" * (len(pan) - 10) + pan[-4:]
