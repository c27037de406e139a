"""Transactions: what was decided, what it moved, and what it has to do with others."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.kinds import ADJUSTS, CANCELS, COMPLETES, CREDITS, DEBITS, TRAITS, Kind, sql_any
from tillbench.host.acquirer.schema.base import Base
from tillbench.host.acquirer.schema.parties import Card

NOTHING_MOVED = "(booked = 0 AND held = 0 AND purse = 0)"
APPROVED = sql_any("response_code", response_code.GOOD)
HAS_ORIGINAL = text("original_id IS NOT NULL")
SETTLED = text("settlement_id IS NOT NULL")
WITHOUT_AMOUNT = sql_any("kind", (kind for kind, traits in TRAITS.items() if not traits.amount))
UNBOUND = sql_any("kind", ADJUSTS)


def _once(name: str, condition: str) -> Index:
    """At most one transaction that meets the condition may name the same original."""
    where = text(condition)
    return Index(name, "original_id", unique=True, sqlite_where=where, postgresql_where=where)


class Transaction(Base):
    """One booked decision, approved or declined.

    id: the running number behind its reference number and its authorisation code. There are gaps: answers that are no
    transactions have such numbers too.
    booked, held, purse: what moved on the account's balance, on what is held of it and on the card's purse; zero is
    nothing, below zero less. approved: minor units granted, up to `amount`. standing: approved, and its effect is
    still in force: neither reversed nor cancelled. A reversal's `original_id` names the transaction that it undid; it
    is null when the reversal came before, or without, its original, and then the row stands guard against that
    original coming late.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint(sql_any("kind", TRAITS), name="kind_known"),
        CheckConstraint(f"amount > 0 OR (amount = 0 AND {WITHOUT_AMOUNT})", name="amount_positive"),
        CheckConstraint("approved >= 0 AND approved <= amount", name="approved_within_amount"),
        CheckConstraint(f"abs(booked) <= amount OR {UNBOUND}", name="booked_within_amount"),
        CheckConstraint(
            f"(booked <= 0 OR NOT {sql_any('kind', DEBITS)}) AND (booked >= 0 OR NOT {sql_any('kind', CREDITS)})",
            name="debits_take_and_credits_give",
        ),
        CheckConstraint(f"{NOTHING_MOVED} OR {APPROVED}", name="moved_only_when_approved"),
        CheckConstraint(f"{NOTHING_MOVED} OR card_id IS NOT NULL", name="moved_on_a_card"),
        CheckConstraint("booked <= 0 OR original_id IS NOT NULL", name="credit_has_its_original"),
        CheckConstraint(f"NOT standing OR {APPROVED}", name="standing_only_when_approved"),
        Index("one_use_of_a_trace_number", "terminal_id", "batch", "stan", "place", unique=True),
        _once("reversed_at_most_once", f"kind = '{Kind.REVERSAL.value}'"),
        _once("cancelled_at_most_once", f"standing AND {sql_any('kind', CANCELS)}"),
        _once("completed_at_most_once", f"standing AND {sql_any('kind', COMPLETES)}"),
        Index("by_original", "original_id", sqlite_where=HAS_ORIGINAL, postgresql_where=HAS_ORIGINAL),
        Index("by_card", "card_id", "authorisation_code"),
        Index("by_settlement", "settlement_id", sqlite_where=SETTLED, postgresql_where=SETTLED),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(24))
    place: Mapped[str] = mapped_column(String(8))
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"))
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    batch: Mapped[int]
    stan: Mapped[int]
    at: Mapped[datetime]  # host time, answered in fields 12 and 13
    masked_pan: Mapped[str] = mapped_column(String(19))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    purse_card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))  # when the purse is another card's
    domestic: Mapped[bool] = mapped_column(default=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    approved: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    entry_mode: Mapped[str] = mapped_column(String(3))
    booked: Mapped[int] = mapped_column(BigInteger, default=0)
    held: Mapped[int] = mapped_column(BigInteger, default=0)
    purse: Mapped[int] = mapped_column(BigInteger, default=0)
    standing: Mapped[bool] = mapped_column(default=False)
    response_code: Mapped[str] = mapped_column(String(2))
    rrn: Mapped[str] = mapped_column(String(12))
    authorisation_code: Mapped[str | None] = mapped_column(String(6))
    issuer_data: Mapped[bytes | None]  # field 55 of the answer
    atc: Mapped[int | None]  # the chip's transaction counter
    script_result: Mapped[bytes | None]  # tag DF31 of a script notice
    reason: Mapped[str | None] = mapped_column(String(2))  # a reversal's field 39: why the terminal undoes
    original_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"))
    settlement_id: Mapped[int | None] = mapped_column(ForeignKey("settlements.id"))

    card: Mapped[Card | None] = relationship(foreign_keys=[card_id])
    purse_card: Mapped[Card | None] = relationship(foreign_keys=[purse_card_id])
    original: Mapped["Transaction | None"] = relationship(remote_side=[id])

    def __repr__(self) -> str:
        return (
            f"<{self.kind} {self.terminal_id} batch {self.batch:06} STAN {self.stan:06} {self.masked_pan} "
            f"{self.amount} {self.currency} -> {self.response_code}, booked {self.booked}>"
        )
