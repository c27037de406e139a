"""The record of a slip: what its QR code says, so that a printed slip can be checked against the books.

    TB1/merchant/terminal/batch/voucher/YYYYMMDDhhmmss/TYPE/amount in minor units/last four digits/auth code/MAC

The MAC is the first 8 hex digits of the retail MAC (ANSI X9.19, zero padding) of everything before its slash, under a
key that is E(TMK, "tillbench:slip-1"), two blocks in ECB mode: whoever has the terminal's master key can verify it, and
nobody else can make one. All characters are of the QR code's alphanumeric set.
"""

from binascii import hexlify

from crypto.mac import x9_19

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.parameters import Parameters
    from terminal.transaction import Transaction
    from terminal.vault import Vault

LABEL = b"tillbench:slip-1"


def slip_record(t: Transaction, parameters: Parameters, vault: Vault) -> str:
    """The record of one transaction."""
    fields = (
        "TB1",
        parameters.merchant.upper(),
        parameters.terminal.upper(),
        "%06d" % t.batch,
        "%06d" % t.stan,
        t.time,
        t.type.upper().replace("_", "-"),
        "%d" % t.worth,
        t.masked_pan[-4:],
        t.authorisation_code.upper(),
    )
    record = "/".join(fields)
    mac = x9_19(vault.derived(LABEL), record.encode())
    return record + "/" + hexlify(mac).decode().upper()[:8]
