"""The tables of the books. Every amount is an integer in minor units of its currency."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

CARD_STATUSES = ("active", "blocked", "lost", "stolen")
KINDS = ("sale", "reversal")


class Base(DeclarativeBase):
    pass


class Account(Base):
    """What a cardholder has. The balance never goes below zero: there is no credit line."""

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("balance >= 0", name="balance_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    balance: Mapped[int]


class Card(Base):
    """One card: a PAN with its sequence number. Secrets are as the security module wrapped them."""

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("pan", "psn", name="one_card_per_pan_and_sequence"),
        CheckConstraint("pin_tries_left >= 0 AND pin_tries_left <= pin_try_limit", name="pin_tries_in_range"),
        CheckConstraint("last_atc >= 0 AND last_atc <= 65535", name="atc_is_two_bytes"),
        CheckConstraint(f"status IN {CARD_STATUSES}", name="card_status_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pan: Mapped[str] = mapped_column(String(19))
    psn: Mapped[str] = mapped_column(String(2))
    scheme: Mapped[str] = mapped_column(String(16))
    expiry: Mapped[str] = mapped_column(String(4))  # YYMM, valid to the end of that month
    status: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    pin_under_lmk: Mapped[bytes]
    pin_try_limit: Mapped[int]
    pin_tries_left: Mapped[int]
    imk_under_lmk: Mapped[bytes]
    last_atc: Mapped[int] = mapped_column(default=0)  # highest counter seen under a good cryptogram

    account: Mapped[Account] = relationship(lazy="joined")


class Merchant(Base):
    __tablename__ = "merchants"

    id: Mapped[str] = mapped_column(String(15), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class Terminal(Base):
    """One till. It has working keys and a batch from its first sign-on."""

    __tablename__ = "terminals"
    __table_args__ = (CheckConstraint("batch >= 0 AND batch <= 999999", name="batch_is_six_digits"),)

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    tmk_under_lmk: Mapped[bytes]
    pik_under_lmk: Mapped[bytes | None]
    mak_under_lmk: Mapped[bytes | None]
    batch: Mapped[int] = mapped_column(default=0)
    signed_on_at: Mapped[datetime | None]


class Transaction(Base):
    """One booked decision: a sale approved or declined, or a reversal answered.

    `booked` is what moved on the account: below zero a debit, above zero a credit, zero nothing. A reversal's
    `original_id` names the transaction that it undid; it is null when the reversal came before, or without, its
    original, and then the row stands guard against that original coming late.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("booked IN (0, amount, -amount)", name="booked_all_or_nothing"),
        CheckConstraint("booked = 0 OR (kind = 'sale') = (booked < 0)", name="a_sale_debits_a_reversal_credits"),
        CheckConstraint("booked = 0 OR response_code = '00'", name="booked_only_when_approved"),
        CheckConstraint("booked = 0 OR card_id IS NOT NULL", name="booked_on_a_card"),
        CheckConstraint("booked = 0 OR kind = 'sale' OR original_id IS NOT NULL", name="credit_has_its_original"),
        UniqueConstraint("kind", "terminal_id", "batch", "stan", name="one_transaction_per_trace_number"),
        Index(
            "reversed_at_most_once",
            "original_id",
            unique=True,
            sqlite_where=text("kind = 'reversal'"),
            postgresql_where=text("kind = 'reversal'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    terminal_id: Mapped[str] = mapped_column(ForeignKey("terminals.id"))
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    batch: Mapped[int]
    stan: Mapped[int]
    at: Mapped[datetime]  # host time, answered in fields 12 and 13
    masked_pan: Mapped[str] = mapped_column(String(19))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("cards.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    entry_mode: Mapped[str] = mapped_column(String(3))
    booked: Mapped[int] = mapped_column(default=0)
    response_code: Mapped[str] = mapped_column(String(2))
    rrn: Mapped[str] = mapped_column(String(12), unique=True)
    authorisation_code: Mapped[str | None] = mapped_column(String(6))
    reason: Mapped[str | None] = mapped_column(String(2))  # a reversal's field 39: why the terminal undoes
    original_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"))

    card: Mapped[Card | None] = relationship()
    original: Mapped["Transaction | None"] = relationship(remote_side=[id])

    def __repr__(self) -> str:
        return (
            f"<{self.kind} {self.terminal_id} batch {self.batch:06} STAN {self.stan:06} {self.masked_pan} "
            f"{self.amount} {self.currency} -> {self.response_code}, booked {self.booked}>"
        )


class Counter(Base):
    """A named number that only grows, e.g. the one behind retrieval reference numbers."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    last: Mapped[int]
