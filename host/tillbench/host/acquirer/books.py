"""One unit of work on the books: what the business rules may look up and write before the commit."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session
from tillbench.host.acquirer.effect import NOTHING, Effect
from tillbench.host.acquirer.kinds import CANCELS, TRAITS, UNDOES, Kind
from tillbench.host.acquirer.request import Request
from tillbench.host.acquirer.response_code import GOOD
from tillbench.host.acquirer.schema import Account, BatchRecord, Card, Counter, Settlement, Terminal, Transaction
from tillbench.host.acquirer.schema.base import REFERENCES
from tillbench.host.acquirer.working_set import WorkingSet
from tillbench.host.acquirer.write_behind import WriteBehind
from tillbench.protocols.emv.masking import mask_pan

MILLION = 1_000_000
DOMESTIC = "unionpay"

ONLINE = (Kind.SALE, Kind.PREAUTH, Kind.BALANCE)
"""Business that makes up nearly all load. Nothing follows from such an entry before its commit but its answer."""

# Put together once: that takes as long as asking.
OF_PAN = select(Card).where(Card.pan == bindparam("pan")).order_by(Card.psn).with_for_update()
OF_PAN_AND_PSN = OF_PAN.where(Card.psn == bindparam("psn"))
OF_BATCH = (Transaction.terminal_id == bindparam("terminal_id"), Transaction.batch == bindparam("batch"))
UNDER_TRACE = select(Transaction).where(*OF_BATCH, Transaction.stan == bindparam("stan"))
HIGHEST_STAN = select(func.max(Transaction.stan)).where(*OF_BATCH)
NULLS: dict[str, Any] = {column.name: None for column in Transaction.__table__.columns if column.nullable}
LAST_KEY = select(func.max(Transaction.id))
FEW = 50_000
"""Transactions that are gone through in less time than all that one terminal may ever have done."""


class Entry(Protocol):
    """What an answer needs of a transaction in the books."""

    @property
    def response_code(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def rrn(self) -> str: ...
    @property
    def authorisation_code(self) -> str | None: ...
    @property
    def approved(self) -> int: ...
    @property
    def issuer_data(self) -> bytes | None: ...
    @property
    def card(self) -> Card | None: ...


class Entered(NamedTuple):
    """An entry that is about to be written with others: no row of the session's, which would cost more than the rest
    of its business."""

    response_code: str
    at: datetime
    rrn: str
    authorisation_code: str | None
    approved: int
    issuer_data: bytes | None
    card: Card | None


class Books:
    """Look-ups and entries of one request. `Ledger.unit_of_work` commits them, all or none."""

    def __init__(self, session: Session, known: WorkingSet | None = None, behind: WriteBehind | None = None) -> None:
        """known: rows that need not be read again. behind: other units of work share the commit, and entries of
        `ONLINE` are written with theirs, or before anything asks the database for more than `known` has."""
        self._session = session
        self._known = known or WorkingSet()
        dialect = behind.dialect if behind else session.get_bind().dialect
        # SQLite has one writer at a time; elsewhere a row read before its lock may be another's by now.
        self._shared = dialect.name != "sqlite"
        self._behind = behind

    @property
    def session(self) -> Session:
        """The database as it is with everything entered so far."""
        self.write_out()
        self._session.flush()
        return self._session

    def write_out(self) -> None:
        """Write what still waits."""
        if self._behind:
            self._behind.out()

    # Looking up. Rows that will be written are locked, always terminal, card, counter, so that two processes wait
    # for each other and never for ever.

    def terminal(self, terminal_id: str) -> Terminal | None:
        known = self._known.terminals.get(terminal_id)
        if known is None:
            known = self._session.get(Terminal, terminal_id, with_for_update=True)
            if known is not None:
                self._known.terminals[terminal_id] = known
        return known

    def card(self, pan: str, psn: str = "") -> Card | None:
        """A card by PAN and, when the terminal sent one, sequence number."""
        known = self._known.cards.get((pan, psn))
        if known is None:
            asked = (OF_PAN_AND_PSN, {"pan": pan, "psn": psn}) if psn else (OF_PAN, {"pan": pan})
            known = self._session.scalars(*asked).first()
            if known is not None:
                self._known.cards[pan, psn] = known
        return known

    def under_trace(self, terminal_id: str, batch: int, stan: int) -> dict[str, Transaction]:
        """What is booked under a trace number (terminal, batch, STAN): at most one in each `kinds.Traits.place`."""
        if stan > self.highest_stan(terminal_id, batch):
            return {}
        found = self.session.scalars(UNDER_TRACE, {"terminal_id": terminal_id, "batch": batch, "stan": stan})
        return {transaction.place: transaction for transaction in found}

    def highest_stan(self, terminal_id: str, batch: int) -> int:
        """The highest trace number in a batch, 0 for an empty one."""
        highest = self._known.highest_stans.get((terminal_id, batch))
        if highest is None:
            highest = self.session.scalar(HIGHEST_STAN, {"terminal_id": terminal_id, "batch": batch}) or 0
            self._known.highest_stans[terminal_id, batch] = highest
        return highest

    def under_reference(self, rrn: str) -> Sequence[Transaction]:
        """See `with_reference`."""
        return with_reference(self.session, rrn)

    def authorised(self, card: Card, code: str, kind: Kind) -> Sequence[Transaction]:
        """Transactions of a kind on a card under an authorisation code, the latest first."""
        query = select(Transaction).filter_by(card_id=card.id, authorisation_code=code, kind=kind.value)
        return self.session.scalars(query.order_by(Transaction.id.desc())).all()

    def standing_on(self, original: Transaction, kinds: Iterable[Kind] | None = None) -> Sequence[Transaction]:
        """What is in force and follows from a transaction: its void, refunds, completion, adjustments."""
        query = select(Transaction).where(Transaction.original_id == original.id, Transaction.standing)
        if kinds is not None:
            query = query.where(Transaction.kind.in_([kind.value for kind in kinds]))
        return self.session.scalars(query.order_by(Transaction.id)).all()

    def offline_before(self, card: Card, atc: int) -> bool:
        """Has an offline transaction of this card with this counter been approved?"""
        query = select(func.count()).select_from(Transaction).filter_by(card_id=card.id, atc=atc, standing=True)
        return bool(self.session.scalar(query.where(Transaction.kind == Kind.CHIP_OFFLINE.value)))

    def open_settlement(self, terminal: Terminal) -> Settlement | None:
        """The settlement whose batch upload has not ended: at most one a terminal."""
        query = select(Settlement).filter_by(terminal_id=terminal.id, state="open").order_by(Settlement.id.desc())
        return self.session.scalars(query).first()

    def of_settlement(self, settlement: Settlement) -> Sequence[Transaction]:
        query = select(Transaction).filter_by(settlement_id=settlement.id)
        return self.session.scalars(query.order_by(Transaction.id)).all()

    # Writing

    def take_in(self, settlement: Settlement) -> None:
        """Put all that its terminal has done, and that is in no settlement yet, into this one."""
        up_to, last = select(func.max(Settlement.up_to)), last_key(self.session)
        since = self.session.scalar(up_to.filter_by(terminal_id=settlement.terminal_id)) or 0
        own = Transaction.terminal_id == settlement.terminal_id
        if last - since < FEW:
            # By key: without this SQLite would go through all that the terminal ever did.
            own = Transaction.terminal_id.concat("") == settlement.terminal_id
        for transaction in self.session.scalars(
            select(Transaction).where(own, Transaction.id > since, Transaction.settlement_id.is_(None))
        ):
            transaction.settlement_id = settlement.id
        settlement.up_to = last
        self.session.flush()

    def empty_settlement(self, settlement: Settlement) -> None:
        """Take everything out of an open settlement, as if it had just begun."""
        for transaction in self.of_settlement(settlement):
            transaction.settlement_id = None
        settlement.totals = []
        settlement.up_to = 0
        self.session.execute(delete(BatchRecord).where(BatchRecord.settlement_id == settlement.id))

    def change(self, row: Account | Card | Counter, **values: Any) -> None:
        """Give columns of a row (those of `write_behind.CHANGES`) other values."""
        if self._behind:
            self._behind.change(row, **values)
        else:
            for name, value in values.items():
                setattr(row, name, value)

    def _next_reference(self, *, entered: bool) -> int:
        """Count one up: the number behind the retrieval reference number and the authorisation code. A transaction
        that is `entered` has it as its key; otherwise the counter keeps it, and so it does where others wait for it."""
        known = self._known
        if known.counter is None:
            known.counter = self._session.get_one(Counter, REFERENCES, with_for_update=True)
            known.reference = max(known.counter.last, last_key(self.session))
        known.reference += 1
        if self._shared or not entered:
            self.change(known.counter, last=known.reference)
        return known.reference

    def next_rrn(self, at: datetime) -> str:
        """A new retrieval reference number, for an answer that is no transaction."""
        return retrieval_reference_number(self._next_reference(entered=False), at)

    def enter(
        self,
        request: Request,
        *,
        at: datetime,
        code: str,
        effect: Effect = NOTHING,
        approved: int = 0,
        card: Card | None = None,
        purse_card: Card | None = None,
        original: Transaction | None = None,
        authorises: bool = False,
        issuer_data: bytes = b"",
        atc: int | None = None,
        script_result: bytes | None = None,
        settlement: Settlement | None = None,
    ) -> Entry:
        """Write the transaction that answers a request, move what it moves, and mark what it undoes.

        authorises: give it an authorisation code; otherwise it keeps the one that the request brought, if any.
        """
        kind, good = request.kind, code in GOOD
        self._move(effect, card, purse_card)
        reference = self._next_reference(entered=True)
        rrn = retrieval_reference_number(reference, at)
        authorised = None
        if authorises and good:
            authorised = authorisation_code(reference)
        elif kind is Kind.OFFLINE_SALE:
            authorised = request.original.authorisation_code or None
        facts = card.facts if card else None
        values: dict[str, Any] = {
            "id": reference,
            "kind": str(kind),
            "place": TRAITS[kind].place,
            "terminal_id": request.terminal_id,
            "merchant_id": request.merchant_id,
            "batch": request.batch,
            "stan": request.stan,
            "at": at,
            "masked_pan": mask_pan(request.pan),
            "domestic": facts is None or facts.scheme == DOMESTIC,
            "amount": request.amount,
            "approved": approved,
            "currency": request.currency,
            "entry_mode": request.entry_mode,
            "booked": effect.booked,
            "held": effect.held,
            "purse": effect.purse,
            "standing": good and kind not in UNDOES,
            "response_code": code,
            "rrn": rrn,
        }
        # A column that stays null is left out: to pass a null costs SQLite's driver as much as ten values.
        if facts:
            values["card_id"] = facts.id
        if purse_card:
            values["purse_card_id"] = purse_card.id
        if authorised:
            values["authorisation_code"] = authorised
        if issuer_data:
            values["issuer_data"] = issuer_data
        if atc is not None:
            values["atc"] = atc
        if script_result is not None:
            values["script_result"] = script_result
        if request.reason:
            values["reason"] = request.reason
        if original:
            values["original_id"] = original.id
        if settlement:
            values["settlement_id"] = settlement.id
        if good and original is not None:
            self._undo_standing(kind, original)
        trace = request.terminal_id, request.batch
        self._known.highest_stans[trace] = max(self._known.highest_stans.get(trace, 0), request.stan)
        if self._behind and kind in ONLINE:
            self._behind.enter(values)
            return Entered(code, at, rrn, authorised, approved, issuer_data, card)
        transaction = Transaction(**NULLS | values, card=card, purse_card=purse_card, original=original)
        self.session.add(transaction)
        self._session.flush()
        return transaction

    def _move(self, effect: Effect, card: Card | None, purse_card: Card | None) -> None:
        if effect == NOTHING:
            return
        assert card is not None, "money moves on a card"
        purse = purse_card or card
        if self._shared:
            for row in (card.account, purse):
                self.session.refresh(row, with_for_update=True)
        account = card.facts.account
        if effect.booked:
            self.change(account, balance=account.balance + effect.booked)
        if effect.held:
            self.change(account, held=account.held + effect.held)
        if effect.purse:
            self.change(purse, purse=purse.purse + effect.purse)

    def _undo_standing(self, kind: Kind, original: Transaction) -> None:
        """A reversal or a void ends its original's effect; a void that is reversed leaves its original in force."""
        if kind in UNDOES:
            if original.standing and Kind(original.kind) in CANCELS and original.original is not None:
                original.standing = False
                self._session.flush()  # before its original may be cancelled again
                original.original.standing = True
            original.standing = False
        elif kind in CANCELS:
            original.standing = False


def retrieval_reference_number(reference: int, at: datetime) -> str:
    """Field 37, 12 digits: last digit of the year, day of the year, hour, and a running number (ISO 8583 usage).

    A host under load makes more than a million in an hour: each further million has hours of its own, up to 95, so
    that four millions an hour stay apart. After those they come again.
    """
    hour = at.hour + 24 * (reference // MILLION % 4)
    return _hour(at.year, at.month, at.day, hour) + str(reference % MILLION).zfill(6)


@lru_cache(2)  # the same for all messages of an hour
def _hour(year: int, month: int, day: int, hour: int) -> str:
    return f"{year % 10}{date(year, month, day):%j}{hour:02}"


def authorisation_code(reference: int) -> str:
    """Field 38, 6 digits: the running number, stepped by a prime so that neighbours do not look alike."""
    return str((reference * 618_041 + 271_828) % MILLION).zfill(6)


def with_reference(session: Session, rrn: str) -> Sequence[Transaction]:
    """The transactions that were answered with a retrieval reference number: one, or more in an hour so busy that the
    numbers came again; none for what is no such number."""
    number = rrn[-6:]
    if not (rrn.isascii() and number.isdecimal()):
        return []
    # The key is the running number, of which the last six digits are known: each million has one.
    keys = range(int(number), last_key(session) + 1, MILLION)
    query = select(Transaction).where(Transaction.id.in_(keys), Transaction.rrn == rrn)
    return session.scalars(query.order_by(Transaction.id)).all()


def last_key(session: Session) -> int:
    """Of the transactions; 0 when there are none."""
    return session.scalar(LAST_KEY) or 0
