"""Settlements: what both sides counted, what the terminal uploaded, and the answers that must be given again."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from tillbench.host.acquirer.schema.base import Base


class Settlement(Base):
    """A terminal's batch, compared. It is `open` until the batch upload has ended.

    flag_domestic, flag_foreign: 1 balanced, 2 not, 3 not comparable. repaired: the upload made both sides agree. up_to:
    the last transaction's key when it began; those of its terminal up to there are in it, or in an earlier one.
    """

    __tablename__ = "settlements"
    __table_args__ = (CheckConstraint("state IN ('open', 'closed')", name="settlement_state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"))
    batch: Mapped[int]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="open")
    flag_domestic: Mapped[int]
    flag_foreign: Mapped[int]
    repaired: Mapped[bool] = mapped_column(default=False)
    up_to: Mapped[int] = mapped_column(default=0)

    totals: Mapped[list["SettlementTotals"]] = relationship(
        order_by="SettlementTotals.id", cascade="all, delete-orphan"
    )


class SettlementTotals(Base):
    """What one side counted of the domestic or the foreign cards. counted_by: terminal, host, or repair."""

    __tablename__ = "settlement_totals"
    __table_args__ = (UniqueConstraint("settlement_id", "counted_by", "domestic", name="one_count_per_side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    counted_by: Mapped[str] = mapped_column(String(8))
    domestic: Mapped[bool]
    debit_amount: Mapped[int] = mapped_column(BigInteger)
    debit_count: Mapped[int]
    credit_amount: Mapped[int] = mapped_column(BigInteger)
    credit_count: Mapped[int]


class BatchRecord(Base):
    """One transaction as the terminal uploaded it. outcome: agreed, repaired, or unknown to the host."""

    __tablename__ = "batch_records"
    __table_args__ = (UniqueConstraint("settlement_id", "kind", "stan", name="one_record_per_trace_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlements.id"))
    kind: Mapped[str] = mapped_column(String(8))  # stripe, chip, failed, advice
    stan: Mapped[int]
    masked_pan: Mapped[str] = mapped_column(String(19))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    domestic: Mapped[bool]
    amount: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(8), default="agreed")


class StoredAnswer(Base):
    """The answer to a message that enters no transaction, kept because a repeat must get it again."""

    __tablename__ = "stored_answers"
    __table_args__ = (
        UniqueConstraint("mti", "function", "terminal_id", "batch", "stan", name="one_answer_per_trace_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mti: Mapped[str] = mapped_column(String(4))
    function: Mapped[str] = mapped_column(String(3))  # field 60.3
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"))
    batch: Mapped[int]
    stan: Mapped[int]
    at: Mapped[datetime]
    code: Mapped[str] = mapped_column(String(2))
    rrn: Mapped[str] = mapped_column(String(12))
    flags: Mapped[str] = mapped_column(String(2), default="")  # of a settlement: domestic, foreign
