"""The acquirer and issuer host: a ledger, the business rules of a UnionPay POS host, and a line that can misbehave."""

from tillbench.host.acquirer.business import Business, Delivery, Incoming, Outcome
from tillbench.host.acquirer.connection import Connection, Reply
from tillbench.host.acquirer.core import Acquirer
from tillbench.host.acquirer.journal import Exchange
from tillbench.host.acquirer.ledger import Ledger, LedgerUnavailable
from tillbench.host.acquirer.provisioning import CardProfile, TerminalSetup
from tillbench.host.acquirer.rules import Rules

__all__ = [
    "Acquirer",
    "Business",
    "CardProfile",
    "Connection",
    "Delivery",
    "Exchange",
    "Incoming",
    "Ledger",
    "LedgerUnavailable",
    "Outcome",
    "Reply",
    "Rules",
    "TerminalSetup",
]
