"""What a sale puts down: its record for the journal, and its request (0200) for the host."""

from terminal.card_data import card_number, entry_mode, expiry, label, sequence_number, track_2
from terminal.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from emv.kernel import Kernel

    from terminal.app import Terminal
    from terminal.host_link import Fields

_PROCESSING_CODE = "000000"
_NORMAL = "00"
_TYPE = "22"
_NO_NETWORK_CODE = "000"
_CHIP_READER_NO_FALLBACK = "50"
_SECURITY_WITHOUT_PIN = "0600000000000000"
_SECURITY_WITH_PIN = "2600000000000000"
"""F53: PIN block with PAN (2), double-length keys (6), track data in clear (0)."""


def describe(
    terminal: Terminal, kernel: Kernel, amount: int, stan: int, time: str, cvm: str, with_pin: bool
) -> Transaction:
    """The transaction as the journal will have it: all that its reversal and its slip will need."""
    t = Transaction(stan, terminal.counters.batch)
    t.type = "sale"
    t.operator = terminal.operator
    t.processing_code = _PROCESSING_CODE
    t.amount = amount
    t.entry_mode = entry_mode(with_pin)
    t.sequence_number = sequence_number(kernel)
    t.condition_code = _NORMAL
    t.private_use = _TYPE + "%06d" % t.batch + _NO_NETWORK_CODE + _CHIP_READER_NO_FALLBACK
    pan = card_number(kernel)
    t.sealed_card = terminal.vault.seal(pan, expiry(kernel), stan, t.batch)
    t.masked_pan = pan[:6] + "*" * (len(pan) - 10) + pan[-4:]
    t.time = time
    t.cvm = "PIN" if with_pin else ("NONE" if cvm == "NONE" else "SIGNATURE")
    t.aid = kernel.tag("84")
    t.label = label(kernel)
    take_from_card(t, kernel, "ARQC")
    return t


def take_from_card(t: Transaction, kernel: Kernel, cryptogram_type: str) -> None:
    """What the card's last cryptogram said and what the terminal has found so far."""
    t.tvr = bytes(kernel.tvr)
    t.tsi = bytes(kernel.tsi)
    t.atc = kernel.tag("9F36")
    t.cryptogram_type = cryptogram_type
    t.cryptogram = kernel.tag("9F26")
    t.reversal_data = kernel.reversal_data()


def sale_request(terminal: Terminal, kernel: Kernel, t: Transaction, pin_block: bytes | None) -> Fields:
    """The fields of the 0200."""
    fields: Fields = {
        2: card_number(kernel),
        3: t.processing_code,
        4: "%012d" % t.amount,
        11: "%06d" % t.stan,
        22: t.entry_mode,
        25: t.condition_code,
        35: track_2(kernel),
        41: terminal.parameters.terminal,
        42: terminal.parameters.merchant,
        49: terminal.parameters.currency,
        53: _SECURITY_WITHOUT_PIN,
        55: kernel.online_data(),
        60: t.private_use,
    }
    if expiry(kernel):
        fields[14] = expiry(kernel)
    if t.sequence_number:
        fields[23] = t.sequence_number
    if pin_block is not None:
        fields[26] = "%02d" % terminal.parameters.pin_longest
        fields[52] = pin_block
        fields[53] = _SECURITY_WITH_PIN
    return fields
