"""Language preference of the cardholder (EMV Book 4 section 11.1)."""

from emv.transaction import Transaction


def preferred(tx: Transaction, supported: "tuple[str, ...]") -> str | None:
    """The first language of the card (5F2D, two letters each, best first) that the terminal has.

    supported: such as ("zh", "en"). With a single one that is the answer; None: the cardholder must choose.
    """
    if len(supported) == 1:
        return supported[0]
    wanted = tx.languages
    for i in range(0, len(wanted) - 1, 2):
        # Letters by ISO 639 are small; capital ones are accepted all the same.
        code = "".join([chr(byte | 0x20) for byte in wanted[i : i + 2]])
        if code in supported:
            return code
    return None
