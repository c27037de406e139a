"""What is known of the transaction in hand. Each phase is a function in its own file that reads and adds to it."""

from micropython import const

from emv.bits import raise_bit
from emv.config import Aid, Config
from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from emv.certificates import Key

    Buffer = bytes | bytearray
    Exchange = Callable[[bytes], Awaitable[bytes]]
    Entropy = Callable[[int], bytes]

# What the card may never supply: values that the terminal or the issuer owns, also before they exist.
# (What exists already, from the terminal or from the FCI, is kept as well.) Two bytes a tag.
_NOT_FROM_CARD_RECORDS = (
    b"\x00\x71\x00\x72\x00\x81\x00\x86\x00\x8a\x00\x91\x00\x95\x00\x98\x00\x99\x00\x9a\x00\x9b\x00\x9c"
    b"\x5f\x2a\x5f\x36\x5f\x57\x9f\x01\x9f\x02\x9f\x03\x9f\x04\x9f\x06\x9f\x09\x9f\x10\x9f\x15\x9f\x16\x9f\x1a\x9f\x1b\x9f\x1c"
    b"\x9f\x13\x9f\x17\x9f\x1e\x9f\x21\x9f\x22\x9f\x26\x9f\x27\x9f\x33\x9f\x34\x9f\x35\x9f\x36\x9f\x37\x9f\x40\x9f\x41\x9f\x45\x9f\x4b\x9f\x4c\x9f\x4e"
    b"\x9f\x5b"
)

# More than any card has in its records: a hostile one shall not fill the heap.
_MOST_CARD_DATA = const(8192)
_OBJECT_OVERHEAD = const(16)

# Lengths in bytes of the card's data elements (Book 3 Annex A1): tag (2), shortest, longest.
_LENGTHS = (
    b"\x00\x57\x01\x13\x00\x5a\x01\x0a\x00\x82\x02\x02\x00\x84\x05\x10\x00\x87\x01\x01"
    b"\x00\x8c\x01\xfc\x00\x8d\x01\xfc\x00\x8e\x00\xfc\x00\x94\x04\xfc\x00\x97\x00\xfc"
    b"\x5f\x24\x03\x03\x5f\x25\x03\x03\x5f\x28\x02\x02\x5f\x30\x02\x02\x5f\x34\x01\x01"
    b"\x9f\x07\x02\x02\x9f\x08\x02\x02\x9f\x0d\x05\x05\x9f\x0e\x05\x05\x9f\x0f\x05\x05"
    b"\x9f\x10\x00\x20\x9f\x14\x01\x01\x9f\x23\x01\x01\x9f\x26\x08\x08\x9f\x27\x01\x01\x9f\x36\x02\x02"
    b"\x9f\x38\x00\xfc\x9f\x42\x02\x02\x9f\x44\x01\x01"
)


class Transaction:
    """The state that the phases share.

    data: tag -> value of every data element known (terminal, card, issuer); 95 and 9B are `tvr` and `tsi` themselves.
    amount, other: minor units, `amount` includes `other` (Book 4 section 6.5.1).
    must_reverse: the host approved, and no TC of the card confirms it (yet): if that is still so at the end, also after
    an exception, the caller owes the acquirer a reversal (Book 4 section 6.3.8).
    signed_records: views of the static data to be authenticated, None if a signed record is malformed;
    pdol_values, cdol_values: what was sent to the card, for the hash of CDA; icc_key: once it is recovered;
    scripts: (71 or 72, content) of each issuer script in the answer; languages: 5F2D of the card or application;
    fallback_allowed: the stripe may be used if the card goes no further (see `Kernel`);
    why: what decided the last step, in words; it names data elements and never their values.
    """

    def __init__(self, exchange: Exchange, entropy: Entropy, config: Config) -> None:
        self.exchange = exchange
        self.entropy = entropy
        self.config = config
        self.data: dict[int, Buffer] = {}
        self.tvr = bytearray(5)
        self.tsi = bytearray(2)
        self.aid: Aid = config.aids[0]
        self.amount = 0
        self.other = 0
        self.must_reverse = False
        self.signed_records: list[Buffer | memoryview] | None = []
        self.pdol_values: Buffer = b""
        self.cdol_values: list[Buffer] = []
        self.icc_key: Key | None = None
        self.scripts: list[tuple[int, bytes]] = []
        self.languages: Buffer = b""
        self.fallback_allowed = False
        self.why = ""
        self._from_card: set[int] = set()
        self._card_data = 0  # bytes
        self._signed_data = 0

    def clear(self) -> None:
        """Forget the card: at the start of each application selection."""
        self.data.clear()
        self._from_card.clear()
        self._card_data = 0
        self._signed_data = 0
        for i in range(5):
            self.tvr[i] = 0
        self.tsi[0] = self.tsi[1] = 0
        self.amount = self.other = 0
        self.must_reverse = False
        self.signed_records = []
        self.pdol_values = b""
        self.cdol_values = []
        self.icc_key = None
        self.scripts = []

    def note(self, bit: int, why: str) -> None:
        """Set a bit of the TVR and say so."""
        raise_bit(self.tvr, bit)
        self.why = self.why + ", " + why if self.why else why

    def store(self, tag: int, value: Buffer) -> None:
        """Keep one primitive data element read from the card (GET PROCESSING OPTIONS, READ RECORD).

        Raises EmvError("FORMAT") for a wrong length or a second occurrence (Book 3 sections 7.5 and 10.2), and for more
        data than the terminal has room for.
        A value that the terminal or the FCI has set already stays as it is.
        """
        if tag in self._from_card:
            raise EmvError("FORMAT", "tag %X: second occurrence" % tag)
        check_length(tag, value)
        self._card_data += len(value) + _OBJECT_OVERHEAD
        if self._card_data > _MOST_CARD_DATA:
            raise EmvError("FORMAT", "tag %X: more than %d bytes of data from the card" % (tag, _MOST_CARD_DATA))
        self._from_card.add(tag)
        if tag not in self.data and not _not_from_card(tag):
            self.data[tag] = value

    def sign_record(self, part: memoryview | None) -> None:
        """Keep a part of the static data to be authenticated; None: a signed record is malformed.

        Raises EmvError("FORMAT") for more data than the terminal has room for.
        """
        if part is None or self.signed_records is None:
            self.signed_records = None
            return
        self._signed_data += len(part) + _OBJECT_OVERHEAD
        if self._signed_data > _MOST_CARD_DATA:
            raise EmvError("FORMAT", "records: more than %d bytes are signed" % _MOST_CARD_DATA)
        self.signed_records.append(part)


def check_length(tag: int, value: Buffer) -> None:
    """Raise EmvError("FORMAT") if a data element of the card has not the length of Book 3 Annex A1."""
    found = len(value)
    for i in range(0, len(_LENGTHS), 4):
        if _LENGTHS[i] << 8 | _LENGTHS[i + 1] == tag:
            shortest = _LENGTHS[i + 2]
            longest = _LENGTHS[i + 3]
            if not shortest <= found <= longest:
                raise EmvError("FORMAT", "tag %X: expected %d to %d bytes, found %d" % (tag, shortest, longest, found))
            return


def _not_from_card(tag: int) -> bool:
    for i in range(0, len(_NOT_FROM_CARD_RECORDS), 2):
        if _NOT_FROM_CARD_RECORDS[i] << 8 | _NOT_FROM_CARD_RECORDS[i + 1] == tag:
            return True
    return False
