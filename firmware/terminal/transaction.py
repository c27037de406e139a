"""One transaction as the journal keeps it: what a reversal must say, what a slip must show, and what became of it.

A transaction is written when it opens, before its request leaves, in the state PENDING: from then on the host may
have booked it and the terminal owes a reversal. It is written again at every change of what is known.

    PENDING --- approved by host and card -------------> APPROVED
       |------- declined by an answer that is authentic -> DECLINED
       `------- reversal answered 00, 12 or 25 --------> REVERSED

Nothing leads back to PENDING, and nothing leads out of it but an answer.

What happened without the host (an offline sale, a tip) opens STORED instead: it stands, and the host is told of it when
there is a line. It becomes APPROVED or DECLINED with the host's answer, which is a record of its own further down.

Layout of a record body: kind(1) | STAN(4) | batch(4) | items, each tag(1) | length(1) | value. Items that are empty
are not written and tags that are not known are ignored, so the form needs no version: a newer firmware finds a record
of an older one with its newer items empty, which is what they were, and an older one reads what a newer wrote. The card
number is kept twice: masked for the slip, and sealed (`vault.py`) for F2 and F14 of the reversal. Track data, PIN and
PIN block are not kept.
"""

import struct

from terminal.text_table import rows

PENDING = "P"
APPROVED = "A"
DECLINED = "D"
REVERSED = "R"
STORED = "S"
"""On flash only: whoever reads the journal sees it APPROVED and `untold`, or what the host has said."""
STATE_TEXTS = {PENDING: "pending", APPROVED: "approved", DECLINED: "declined", REVERSED: "reversed"}
"""Keys of the text table."""

OPENED = 0x4F
CHANGED = 0x43
ANSWERED = 0x41
"""The host's answer to a stored advice."""
NOTIFIED = 0x4E
"""The host's answer to a script notice."""
HELPED = 0x48
"""Something that was done from elsewhere (`assist.py`); about no transaction."""

# For `text_table.rows`: tag, attribute, what it is, and whether it changes after the transaction
# was opened.
_ITEMS = (
    "\n"
    "01 state text changes\n"
    "02 type text\n"
    "03 processing_code text\n"
    "04 amount number\n"
    "05 entry_mode text\n"
    "06 sequence_number text\n"
    "07 condition_code text\n"
    "08 private_use text\n"
    "09 sealed_card bytes\n"
    "0A masked_pan text\n"
    "0B reason text changes\n"
    "0C time text changes\n"
    "0D response_code text changes\n"
    "0E authorisation_code text changes\n"
    "0F reference text changes\n"
    "10 reversal_code text changes\n"
    "11 cvm text\n"
    "12 aid bytes\n"
    "13 label text\n"
    "14 tvr bytes changes\n"
    "15 tsi bytes changes\n"
    "16 atc bytes changes\n"
    "17 cryptogram_type text changes\n"
    "18 cryptogram bytes changes\n"
    "19 reversal_data bytes changes\n"
    "1A operator text\n"
    "1B original_stan number\n"
    "1C original_batch number\n"
    "1D original_date text\n"
    "1E original_reference text\n"
    "1F original_authorisation text\n"
    "20 approved_amount number changes\n"
    "21 tip number\n"
    "22 account_type text\n"
    "23 script_results bytes changes\n"
    "24 original_amount number\n"
    "25 notice_stan number changes\n"
    "26 chip_inputs bytes changes\n"
)


def _item(tag: int) -> "tuple[str, str] | None":
    """(attribute, what it is), None for a tag that is not known."""
    at = _ITEMS.find("\n%02X " % tag)
    if at < 0:
        return None
    words = _ITEMS[at + 4 : _ITEMS.find("\n", at + 1)].split(" ")
    return words[0], words[1]


class Transaction:
    """A transaction under its trace number `stan` in `batch`; amounts in minor units of the currency."""

    def __init__(self, stan: int, batch: int) -> None:
        self.stan = stan
        self.batch = batch
        self.state = PENDING
        self.type = ""
        """Its kind, a key of `kinds.py` and of the text table: "sale"."""
        self.processing_code = ""
        """F3."""
        self.amount = 0
        """What was asked for, F4 of request and reversal; `worth` is what came of it."""
        self.entry_mode = ""
        """F22."""
        self.sequence_number = ""
        """F23, empty when the card has none."""
        self.condition_code = ""
        """F25."""
        self.private_use = ""
        """F60 of the request, repeated in the reversal."""
        self.sealed_card = b""
        self.masked_pan = ""
        self.reason = "98"
        """F39 of the reversal. 98, no answer, is what a power cut leaves behind."""
        self.time = ""
        """YYYYMMDDhhmmss: the terminal's, then the host's (F12, F13)."""
        self.response_code = ""
        """F39 of the answer."""
        self.authorisation_code = ""
        """F38."""
        self.reference = ""
        """F37."""
        self.reversal_code = ""
        """F39 of the answer to the last reversal."""
        self.cvm = ""
        """"PIN", "SIGNATURE" or "NONE"."""
        self.aid = b""
        self.label = ""
        self.tvr = b""
        self.tsi = b""
        self.atc = b""
        self.cryptogram_type = ""
        """"ARQC", "TC" or "AAC": what `cryptogram` is."""
        self.cryptogram = b""
        self.reversal_data = b""
        """F55 of the reversal, TLV: 95 9F1E 9F10 9F36."""
        self.operator = ""
        """Who was signed on."""
        self.original_stan = 0
        """Trace number of the transaction that this one follows from; 0 when it has none or that is not known here."""
        self.original_batch = 0
        self.original_date = ""
        """MMDD."""
        self.original_reference = ""
        """F37 of its answer."""
        self.original_authorisation = ""
        """F38 of its answer."""
        self.approved_amount = 0
        """F4 of a partial approval; 0 when all was approved, or nothing."""
        self.tip = 0
        """Included in `amount`."""
        self.account_type = ""
        """Two digits, 5F57 of the request; empty when none was chosen."""
        self.script_results = b""
        """What the card made of the issuer's scripts (9F5B, DF31 of the notice); empty when there were none."""
        self.original_amount = 0
        """What the original was worth before a tip or an adjustment."""
        self.notice_stan = 0
        """Trace number of the script notice, taken when it was first owed; 0 when none is."""
        self.chip_inputs = b""
        """What the cryptogram was made of and no other item says, TLV: 82 9A 9C 9F37 9F33 9F34."""
        self.notice_due = False
        """True for script results that the host has still to be told; not kept as an item."""
        self.offset = 0
        """Where its first record is in the journal that it was read from; for `Journal.at`."""
        self.untold = False
        """True for a stored advice that the host has not answered; not kept as an item."""
        self.balance: int | None = None
        """What an inquiry found, in minor units; for the screen, not kept on flash."""
        self.note = ""
        """Why it was not approved, a key of the text table; for the screen, not kept on flash."""

    @property
    def worth(self) -> int:
        """What it moves when it is approved, in minor units."""
        return self.approved_amount or self.amount


def pack(transaction: Transaction, kind: int, known: "dict[int, bytes] | None" = None) -> bytes:
    """The record body: all items when OPENED, those that may have changed when CHANGED.

    `known` is what is on flash, by tag: what did not change is not written again, and the rest is added to it.
    """
    body = bytearray(struct.pack(">BII", kind, transaction.stan, transaction.batch))
    for row in rows(_ITEMS):
        tag, name, form = row[:3]
        if kind == CHANGED and len(row) < 4:
            continue
        value = getattr(transaction, name)
        if not value:
            continue
        if form == "number":
            value = struct.pack(">Q", value).lstrip(b"\x00")
        elif form == "text":
            value = value.encode()
        if len(value) > 255:
            raise ValueError("%s of %d bytes, at most 255" % (name, len(value)))
        number = int(tag, 16)
        if known is not None and len(row) > 3:
            if known.get(number) == value:
                continue
            known[number] = value
        body.append(number)
        body.append(len(value))
        body.extend(value)
    return bytes(body)


def pack_answer(transaction: Transaction, kind: int, state: str, code: str, reference: str) -> bytes:
    """The body of an ANSWERED or NOTIFIED record: the state that follows, F39 and F37 of the answer."""
    body = bytearray(struct.pack(">BII", kind, transaction.stan, transaction.batch))
    for tag, value in ((0x01, state), (0x0D, code), (0x0F, reference)):
        if value:
            body.append(tag)
            body.append(len(value))
            body.extend(value.encode())
    return bytes(body)


def key_of(body: bytes) -> "tuple[int, int, int]":
    """(kind, STAN, batch) of a record body. Raises ValueError when it is too short to have them."""
    kind, stan, batch = struct.unpack(">BII", body)
    return kind, stan, batch


def apply(body: bytes, transaction: Transaction) -> None:
    """Takes the items of a record body over into the transaction. Raises ValueError when an item runs over the end."""
    at = 9
    while at < len(body):
        tag = body[at]
        end = at + 2 + (body[at + 1] if at + 1 < len(body) else 255)
        if end > len(body):
            raise ValueError("item %02X at %d runs over the end" % (tag, at))
        value = body[at + 2 : end]
        item = _item(tag)
        if item is not None:
            name, form = item
            if form == "number":
                setattr(transaction, name, int.from_bytes(value, "big"))
            else:
                setattr(transaction, name, value.decode() if form == "text" else value)
        at = end
