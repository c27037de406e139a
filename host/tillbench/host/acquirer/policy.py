"""What one acquirer allows and another does not: the switches of the business rules, with this host's defaults."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How strict the host is.

    Attributes:
        repeats: what a repeated 0100 or 0200 gets: `refused` with 94, or its `first-answer`.
        completion_percent: most that a completion may take, of the amount pre-authorised.
        preauth_days: how long a pre-authorisation may be completed.
        tip_percent: most that tips may add to a sale.
        adjustment_percent: most that adjustments may add to a sale.
        partial_approval: approve what there is, with code 10, when the terminal says that it takes less.
        overdraw_completions: book a completion that the account cannot pay, up to its percentage, all the same.
        voids_as_credits: settlement totals count a voided sale as debit and its void as credit, instead of neither.
    """

    repeats: Literal["refused", "first-answer"] = "refused"
    completion_percent: int = 115
    preauth_days: int = 30
    tip_percent: int = 10
    adjustment_percent: int = 10
    partial_approval: bool = True
    overdraw_completions: bool = False
    voids_as_credits: bool = False
