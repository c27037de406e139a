"""Who takes part: accounts and their cards, merchants and their terminals."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import instance_dict
from tillbench.host.acquirer.schema.base import Base

CARD_STATUSES = ("active", "blocked", "lost", "stolen")


class WithFacts:
    """A row with `facts`: what requests ask of it, in plain form, since every look at a column of the row itself is a
    call into the ORM. They are taken when they are first asked for, and anew after anything of the row was set.
    """

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__.pop("facts", None)
        super().__setattr__(name, value)


class Account(Base):
    """What a cardholder has. `balance` is `opening` and all that was booked since; `held` of it is promised.

    The balance falls below zero only by what cannot be refused any more: a reversal of a credit already spent, or an
    offline transaction that the chip approved in the issuer's name.
    """

    __tablename__ = "accounts"
    __table_args__ = (CheckConstraint("held >= 0", name="held_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    opening: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[int] = mapped_column(BigInteger, default=0)

    @property
    def available(self) -> int:
        """What may still be spent, of a row that is loaded: past the ORM, as `write_behind` writes."""
        loaded = instance_dict(self)
        left: int = loaded["balance"] - loaded["held"]
        return left


@dataclass(repr=False, slots=True)
class CardFacts:
    """What no request changes of a card, see `Card`. currency: the account's. limited: it has limits of its own."""

    id: int
    pan: str
    scheme: str
    expiry: str
    status: str
    account: Account
    currency: str
    pin_method: str
    pin_under_lmk: bytes | None
    pin_value: str | None
    pin_key_index: int
    pin_key_under_lmk: bytes | None
    pin_try_limit: int
    limited: bool


class Card(WithFacts, Base):
    """One card: a PAN with its sequence number. Secrets are as the security module wrapped them.

    pin_method: `block` compares with the PIN itself, `pvv` (Visa PIN verification value, under key index
    `pin_key_index`) and `offset` (IBM 3624) with `pin_value`, four digits, by `pin_key_under_lmk`.
    purse: what the chip holds as electronic cash, as far as the issuer has heard. most_each, most_a_day, count_a_day:
    the card's own limits on one transaction, and on the sum and the number of a day's (any 24 hours); 0 is none.
    imk_smi_under_lmk, imk_smc_under_lmk: issuer master keys of scripts, for their MACs and for what they encipher.
    """

    __tablename__ = "cards"
    __table_args__ = (
        UniqueConstraint("pan", "psn", name="one_card_per_pan_and_sequence"),
        CheckConstraint("pin_tries_left >= 0 AND pin_tries_left <= pin_try_limit", name="pin_tries_in_range"),
        CheckConstraint("last_atc >= 0 AND last_atc <= 65535", name="atc_is_two_bytes"),
        CheckConstraint(f"status IN {CARD_STATUSES}", name="card_status_known"),
        CheckConstraint("pin_method IN ('block', 'pvv', 'offset')", name="pin_method_known"),
        CheckConstraint("purse >= 0", name="purse_not_negative"),
        CheckConstraint("most_each >= 0 AND most_a_day >= 0 AND count_a_day >= 0", name="limits_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pan: Mapped[str] = mapped_column(String(19))
    psn: Mapped[str] = mapped_column(String(2))
    scheme: Mapped[str] = mapped_column(String(16))
    expiry: Mapped[str] = mapped_column(String(4))  # YYMM, valid to the end of that month
    status: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    pin_method: Mapped[str] = mapped_column(String(8), default="block")
    pin_under_lmk: Mapped[bytes | None]
    pin_value: Mapped[str | None] = mapped_column(String(12))
    pin_key_index: Mapped[int] = mapped_column(default=1)
    pin_key_under_lmk: Mapped[bytes | None]
    pin_try_limit: Mapped[int]
    pin_tries_left: Mapped[int]
    imk_under_lmk: Mapped[bytes]
    last_atc: Mapped[int] = mapped_column(default=0)  # highest counter seen under a good cryptogram
    purse: Mapped[int] = mapped_column(BigInteger, default=0)
    most_each: Mapped[int] = mapped_column(BigInteger, default=0)
    most_a_day: Mapped[int] = mapped_column(BigInteger, default=0)
    count_a_day: Mapped[int] = mapped_column(default=0)
    imk_smi_under_lmk: Mapped[bytes | None]
    imk_smc_under_lmk: Mapped[bytes | None]

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)

    @cached_property
    def facts(self) -> CardFacts:
        """For the checks that every request goes through."""
        return CardFacts(
            id=self.id,
            pan=self.pan,
            scheme=self.scheme,
            expiry=self.expiry,
            status=self.status,
            account=self.account,
            currency=self.account.currency,
            pin_method=self.pin_method,
            pin_under_lmk=self.pin_under_lmk,
            pin_value=self.pin_value,
            pin_key_index=self.pin_key_index,
            pin_key_under_lmk=self.pin_key_under_lmk,
            pin_try_limit=self.pin_try_limit,
            limited=bool(self.most_each or self.most_a_day or self.count_a_day),
        )


class Merchant(Base):
    __tablename__ = "merchants"

    id: Mapped[str] = mapped_column(String(15), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


@dataclass(repr=False, slots=True)
class TerminalFacts:
    """What every request needs of its terminal, see `Terminal`."""

    merchant_id: str
    signed_on_with_next: bool
    pik_under_lmk: bytes | None
    mak_under_lmk: bytes | None
    batch: int
    wishes: str


class Terminal(WithFacts, Base):
    """One till. It has working keys and a batch from its first sign-on until it signs off.

    next_tmk_under_lmk: a master key sent to it that it has not proved to have; `signed_on_with_next` when its working
    keys came under that one. wishes: digits of the header's processing request that it has not met yet.
    """

    __tablename__ = "terminals"
    __table_args__ = (CheckConstraint("batch >= 0 AND batch <= 999999", name="batch_is_six_digits"),)

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    merchant_id: Mapped[str] = mapped_column(ForeignKey("merchants.id"))
    tmk_under_lmk: Mapped[bytes]
    next_tmk_under_lmk: Mapped[bytes | None]
    signed_on_with_next: Mapped[bool] = mapped_column(default=False)
    pik_under_lmk: Mapped[bytes | None]
    mak_under_lmk: Mapped[bytes | None]
    tdk_under_lmk: Mapped[bytes | None]
    batch: Mapped[int] = mapped_column(default=0)
    wishes: Mapped[str] = mapped_column(String(8), default="")
    signed_on_at: Mapped[datetime | None]

    @cached_property
    def facts(self) -> TerminalFacts:
        """For the checks that every request goes through."""
        return TerminalFacts(
            merchant_id=self.merchant_id,
            signed_on_with_next=self.signed_on_with_next,
            pik_under_lmk=self.pik_under_lmk,
            mak_under_lmk=self.mak_under_lmk,
            batch=self.batch,
            wishes=self.wishes,
        )
