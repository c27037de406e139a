"""One unit of work on the books: what the business rules may look up and write before the commit."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from tillbench.host.acquirer.request import Request
from tillbench.host.acquirer.schema import Card, Counter, Terminal, Transaction
from tillbench.protocols.emv.masking import mask_pan

REFERENCES = "references"
MILLION = 1_000_000


class Books:
    """Look-ups and entries of one request. `Ledger.unit_of_work` commits them, all or none."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def terminal(self, terminal_id: str) -> Terminal | None:
        return self.session.get(Terminal, terminal_id)

    def card(self, pan: str, psn: str = "") -> Card | None:
        """A card by PAN and, when the terminal sent one, sequence number."""
        query = select(Card).where(Card.pan == pan).order_by(Card.psn)
        if psn:
            query = query.where(Card.psn == psn)
        return self.session.scalars(query).first()

    def under_trace(self, request: Request) -> dict[str, Transaction]:
        """What is booked under the trace number of a request (terminal, batch, STAN): at most one of each kind."""
        found = self.session.scalars(
            select(Transaction).filter_by(terminal_id=request.terminal_id, batch=request.batch, stan=request.stan)
        )
        return {transaction.kind: transaction for transaction in found}

    def next_reference(self) -> int:
        """Count one up: the number behind the retrieval reference number and the authorisation code."""
        counter = self.session.get(Counter, REFERENCES, with_for_update=True)
        if counter is None:
            counter = Counter(name=REFERENCES, last=0)
            self.session.add(counter)
        counter.last += 1
        return counter.last

    def next_rrn(self, at: datetime) -> str:
        """A new retrieval reference number, for an answer that is no transaction."""
        return retrieval_reference_number(self.next_reference(), at)

    def enter(
        self,
        request: Request,
        *,
        at: datetime,
        code: str,
        booked: int = 0,
        card: Card | None = None,
        original: Transaction | None = None,
    ) -> Transaction:
        """Write the transaction that answers a request, and move `booked` minor units on the card's account."""
        reference = self.next_reference()
        transaction = Transaction(
            kind=request.kind.value,
            terminal_id=request.terminal_id,
            merchant_id=request.merchant_id,
            batch=request.batch,
            stan=request.stan,
            at=at,
            masked_pan=mask_pan(request.pan),
            card_id=card.id if card else None,
            amount=request.amount,
            currency=request.currency,
            entry_mode=request.entry_mode,
            booked=booked,
            response_code=code,
            rrn=retrieval_reference_number(reference, at),
            authorisation_code=authorisation_code(reference) if booked < 0 else None,
            reason=request.reason or None,
            original_id=original.id if original else None,
        )
        if card is not None and booked:
            card.account.balance += booked
        self.session.add(transaction)
        self.session.flush()
        return transaction


def retrieval_reference_number(reference: int, at: datetime) -> str:
    """Field 37, 12 digits: last digit of the year, day of the year, hour, and a running number (ISO 8583 usage)."""
    return f"{at.year % 10}{at:%j%H}{reference % MILLION:06}"


def authorisation_code(reference: int) -> str:
    """Field 38, 6 digits: the running number, stepped by a prime so that neighbours do not look alike."""
    return f"{(reference * 618_041 + 271_828) % MILLION:06}"
