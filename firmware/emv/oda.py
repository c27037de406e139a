"""Offline data authentication (EMV Book 3 section 10.3).

This kernel has no public-key methods, and `Config` refuses a 9F33 that promises one; so no method is ever common to
card and terminal, and the step says just that.
"""

from emv.bits import TVR_ODA_NOT_PERFORMED, raise_bit
from emv.transaction import Transaction


def data_authentication(tx: Transaction) -> None:
    """Say in the TVR that offline data authentication was not performed; the TSI bit stays clear."""
    raise_bit(tx.tvr, TVR_ODA_NOT_PERFORMED)
