"""The tables of the books. Every amount is an integer in minor units of its currency."""

from tillbench.host.acquirer.schema.base import Base, Counter, SchemaVersion
from tillbench.host.acquirer.schema.parties import (
    CARD_STATUSES,
    Account,
    Card,
    CardFacts,
    Merchant,
    Terminal,
    TerminalFacts,
)
from tillbench.host.acquirer.schema.settlement import BatchRecord, Settlement, SettlementTotals, StoredAnswer
from tillbench.host.acquirer.schema.transaction import Transaction

__all__ = [
    "CARD_STATUSES",
    "Account",
    "Base",
    "BatchRecord",
    "Card",
    "CardFacts",
    "Counter",
    "Merchant",
    "SchemaVersion",
    "Settlement",
    "SettlementTotals",
    "StoredAnswer",
    "Terminal",
    "TerminalFacts",
    "Transaction",
]
