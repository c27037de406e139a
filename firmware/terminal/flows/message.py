"""What leaves for the host and what comes back: the fields of a request, of its reversal, of an advice, of an answer.

All are made of the record in the journal. A request adds what is never kept: track data, PIN block, cryptogram.
"""

from binascii import unhexlify

from emv import tlv

from terminal import kinds
from terminal.parameters import COUNTRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.flows.card import Card
    from terminal.host_link import Fields
    from terminal.transaction import Transaction

_SECURITY_WITHOUT_PIN = "0600000000000000"
_SECURITY_WITH_PIN = "2600000000000000"
"""F53: PIN block with PAN (2), double-length keys (6), track data in clear (0)."""
_UNKNOWN_DATE = "0000"
_ORGANISATION = "CUP"
"""F63 of advices."""
_AUTHORISED_BY_TELEPHONE = "000000000000000001"
"""F61 of an offline sale: no original, no date, authorised by telephone (01)."""
_INFORMATION = {"ARQC": b"\x80", "TC": b"\x40", "AAC": b"\x00"}
"""9F27."""
CERTIFICATE = (
    b"\x9f\x26\x9f\x27\x9f\x10\x9f\x37\x9f\x36\x00\x95\x00\x9a\x00\x9c\x9f\x02\x5f\x2a\x00\x82\x9f\x1a\x9f\x03\x9f\x33"
    b"\x9f\x34\x9f\x1e"
)
_NOTICE = b"\x9f\x33\x00\x95\x9f\x37\x9f\x1e\x9f\x10\x9f\x26\x9f\x36\x00\x82\xdf\x31\x9f\x1a\x00\x9a"
"""F55 of a certificate that is uploaded, and of a script notice, two bytes a tag."""


def request_of(terminal: Terminal, t: Transaction, card: Card) -> Fields:
    """The fields of the request (0100, 0200)."""
    fields = _fields_of(terminal, t, card.pan, card.expiry)
    _name_original(fields, t)
    if card.track_2:
        fields[35] = card.track_2
        fields[53] = _SECURITY_WITHOUT_PIN
    if card.pin_block is not None:
        fields[26] = "%02d" % terminal.parameters.pin_longest
        fields[52] = card.pin_block
        fields[53] = _SECURITY_WITH_PIN
    data = card.online_data()
    if data:
        fields[55] = data
    return fields


def advice_of(terminal: Terminal, t: Transaction) -> Fields:
    """The fields of an advice (0220), the first time and every time after: it has nothing that the record has not.

    Raises CannotUnseal as below.
    """
    pan, expiry = terminal.vault.unseal(t.sealed_card, t.stan, t.batch)
    fields = _fields_of(terminal, t, pan, expiry)
    _name_original(fields, t)
    if t.type == "offline_sale":
        fields[38] = t.authorisation_code
        fields[61] = _AUTHORISED_BY_TELEPHONE
    if t.type == "tip":
        fields[48] = "%012d" % t.tip
    if t.type == "chip_offline":
        fields[55] = chip_data_of(terminal, t, CERTIFICATE)
    if t.type != "completion_advice":
        fields[63] = _ORGANISATION
    return fields


def notice_of(terminal: Terminal, t: Transaction) -> Fields:
    """The fields of the script notice (0620): what the card made of the issuer's scripts. Raises CannotUnseal."""
    pan, _ = terminal.vault.unseal(t.sealed_card, t.stan, t.batch)
    fields = _fields_of(terminal, t, pan, "")
    fields[11] = "%06d" % t.notice_stan
    # The PIN went with the transaction, not with this.
    fields[22] = t.entry_mode[:2] + "2"
    if t.reference:
        fields[37] = t.reference
    if t.authorisation_code:
        fields[38] = t.authorisation_code
    fields[55] = chip_data_of(terminal, t, _NOTICE)
    fields[60] = "00%06d951" % t.batch + t.private_use[11:13]
    fields[61] = "%06d%06d" % (t.batch, t.stan) + t.time[4:8]
    return fields


def chip_data_of(terminal: Terminal, t: Transaction, tags: bytes) -> bytes:
    """F55 out of the record: the TLV objects of `tags` (two bytes each) that there are, in their order."""
    found = {
        0x9F26: t.cryptogram,
        0x9F27: _INFORMATION[t.cryptogram_type],
        0x9F02: unhexlify("%012d" % t.amount),
        0x9F03: bytes(6),
        0x9F1A: COUNTRY,
        0x5F2A: unhexlify("0" + terminal.parameters.currency),
    }
    for part in (t.reversal_data, t.chip_inputs):
        for tag, start, stop in tlv.walk(part):
            found[tag] = part[start:stop]
    data = b""
    for at in range(0, len(tags), 2):
        tag = tags[at] << 8 | tags[at + 1]
        if tag in found:
            data += tlv.encode(tag, found[tag])
    return data


def reversal_of(terminal: Terminal, t: Transaction) -> Fields:
    """The fields of the reversal (0400), from the record alone. No track data, PIN or F37 (dialect, table of flows).

    Raises CannotUnseal when the record was sealed under another master key.
    """
    pan, expiry = terminal.vault.unseal(t.sealed_card, t.stan, t.batch)
    fields = _fields_of(terminal, t, pan, expiry)
    fields[39] = t.reason
    if t.authorisation_code:
        fields[38] = t.authorisation_code
    if t.reversal_data:
        fields[55] = t.reversal_data
    return fields


def _fields_of(terminal: Terminal, t: Transaction, pan: str, expiry: str) -> Fields:
    """What request, advice and reversal have alike."""
    fields: Fields = {
        2: pan,
        3: t.processing_code,
        11: "%06d" % t.stan,
        22: t.entry_mode,
        25: t.condition_code,
        41: terminal.parameters.terminal,
        42: terminal.parameters.merchant,
        49: terminal.parameters.currency,
        60: t.private_use,
    }
    if t.amount:
        fields[4] = "%012d" % t.amount
    if expiry:
        fields[14] = expiry
    if t.sequence_number:
        fields[23] = t.sequence_number
    if follows(t):
        fields[61] = "%06d%06d" % (t.original_batch, t.original_stan) + (t.original_date or _UNKNOWN_DATE)
    return fields


def _name_original(fields: Fields, t: Transaction) -> None:
    if t.original_reference:
        fields[37] = t.original_reference
    if t.original_authorisation:
        fields[38] = t.original_authorisation


def follows(t: Transaction) -> bool:
    """True if the transaction follows from another one, which F61 names."""
    return kinds.gives_back(t.type) or bool(t.original_authorisation)


def take_answer(t: Transaction, answer: Fields) -> None:
    """What the host said of the transaction, into its record."""
    t.response_code = str(answer.get(39, ""))
    t.authorisation_code = str(answer.get(38, "")).strip()
    t.reference = str(answer.get(37, "")).strip()
    if 54 in answer:
        t.balance = _balance(str(answer[54]))
    if 12 in answer and 13 in answer:
        t.time = t.time[:4] + str(answer[13]) + str(answer[12])


def _balance(amounts: str) -> int | None:
    """The first amount of F54: account type (2), amount type (2), currency (3), C or D, 12 digits; None if it is none.

    A debit balance is below zero.
    """
    if len(amounts) < 20 or amounts[7] not in "CD" or not amounts[8:20].isdigit():
        return None
    return int(amounts[8:20]) if amounts[7] == "C" else -int(amounts[8:20])
