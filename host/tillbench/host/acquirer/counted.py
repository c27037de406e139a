"""Totals as both sides of a settlement state them: debits and credits, of domestic and of foreign cards."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Totals:
    """One side's sums, minor units and numbers."""

    debit_amount: int = 0
    debit_count: int = 0
    credit_amount: int = 0
    credit_count: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.debit_amount + other.debit_amount,
            self.debit_count + other.debit_count,
            self.credit_amount + other.credit_amount,
            self.credit_count + other.credit_count,
        )


@dataclass(frozen=True)
class Counted:
    """The totals of a batch."""

    domestic: Totals = field(default_factory=Totals)
    foreign: Totals = field(default_factory=Totals)
