"""The record of a slip: what its QR code says, so that a printed slip can be checked against the books.

    TB2/merchant/terminal/batch/voucher/YYYYMMDDhhmmss/TYPE/amount in minor units/last four digits/auth code/
        reference number/MAC

The MAC is the first 8 hex digits of the retail MAC (ANSI X9.19, zero padding) of everything before its slash, under a
key that is E(TMK, "tillbench:slip-1"), two blocks in ECB mode: whoever has the terminal's master key can verify it, and
nobody else can make one. The slip of a training begins with TT2, so that nothing is given back for it. All
characters are of the QR code's alphanumeric set.
"""

from binascii import hexlify

from crypto.mac import x9_19

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.parameters import Parameters
    from terminal.transaction import Transaction
    from terminal.vault import Vault

LABEL = b"tillbench:slip-1"
FIELDS = 11
"""Without the MAC."""


def slip_record(t: Transaction, parameters: Parameters, vault: Vault, training: bool = False) -> str:
    """The record of one transaction."""
    fields = (
        form_of(training),
        parameters.merchant.upper(),
        parameters.terminal.upper(),
        "%06d" % t.batch,
        "%06d" % t.stan,
        t.time,
        t.type.upper().replace("_", "-"),
        "%d" % t.worth,
        t.masked_pan[-4:],
        t.authorisation_code.upper(),
        t.reference.upper(),
    )
    record = "/".join(fields)
    return record + "/" + mac_of(record, vault)


def form_of(training: bool) -> str:
    """What a record begins with."""
    return "TT2" if training else "TB2"


def mac_of(record: str, vault: Vault) -> str:
    """The MAC of a record without it."""
    return hexlify(x9_19(vault.derived(LABEL), record.encode())).decode().upper()[:8]
