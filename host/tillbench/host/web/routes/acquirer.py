"""The acquirer in this process: cards and accounts, rules of misbehaviour, ledger, settlement, sign-on."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from sqlalchemy import select
from tillbench.host.acquirer import Acquirer, reports
from tillbench.host.acquirer.rule_file import RuleEntry
from tillbench.host.acquirer.schema import Card
from tillbench.host.emulator.emulator import TERMINAL_ID, Emulator
from tillbench.host.web.errand import Impossible
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill
from tillbench.protocols.emv import mask_pan

router = APIRouter(prefix="/acquirer", tags=["acquirer"], responses=documented(404, 409, 422))


class Host(BaseModel):
    """How the terminal stands in the host's books."""

    terminal: str
    merchant: str
    signed_on: bool
    signed_on_at: str | None
    batch: int
    last_stan: int
    wishes: str = Field(description="Digits of the header's processing request that it has not met yet.")
    messages: int
    rules: list[str]


class Account(BaseModel):
    """A card with what its account holds, in minor units."""

    id: int
    pan: str
    scheme: str
    expiry: str
    status: str
    balance: int
    held: int
    available: int
    pin_tries_left: int


class AccountChange(Body):
    """What is absent stays as it is."""

    status: Literal["active", "blocked", "lost", "stolen"] | None = None
    pin_tries_left: int | None = Field(None, ge=0, le=15)
    balance: int | None = Field(None, ge=0, le=10**12, description="Paid in or out at the counter: no transaction.")


class Exchanged(BaseModel):
    """A message that the host received, and its answer."""

    number: int
    at: str
    mti: str
    code: str
    because: str
    fault: str


class Wish(Body):
    """What to ask of the terminal in the header of the next answers."""

    digit: Literal["1", "2", "3", "4", "5", "6", "7"]


Row = dict[str, str]


@router.get("")
async def host(till: TheTill) -> Host:
    """Sign-on state, batch, rules."""
    return await till.do(_host)


@router.get("/accounts")
async def accounts(till: TheTill) -> list[Account]:
    """Every card in the books."""
    return await till.do(_accounts)


@router.patch("/accounts/{card}")
async def change_account(till: TheTill, card: Annotated[int, Path(ge=1, le=2**53)], body: AccountChange) -> Account:
    """Block a card, give it its PIN tries back, pay in."""

    def apply(emulator: Emulator) -> Account:
        with _acquirer(emulator).ledger.unit_of_work() as books:
            row = books.session.get(Card, card)
            if row is None:
                raise LookupError(f"no card {card} in the books")
            if body.status is not None:
                row.status = body.status
            if body.pin_tries_left is not None:
                most = row.pin_try_limit
                if body.pin_tries_left > most:
                    raise ValueError(f"pin_tries_left: expected at most {most}, found {body.pin_tries_left}")
                row.pin_tries_left = body.pin_tries_left
            if body.balance is not None:
                # The books are right when the balance is what was there at first and all that was booked since.
                row.account.opening += body.balance - row.account.balance
                row.account.balance = body.balance
            return _account(row)

    return await till.do(apply)


@router.get("/rules")
async def rules(till: TheTill) -> list[str]:
    """The rules in force, in words."""
    return await till.do(lambda emulator: [str(rule) for rule in _acquirer(emulator).rules])


@router.post("/rules")
async def add_rule(till: TheTill, body: RuleEntry) -> list[str]:
    """Add a rule, as in a rule file: {"name": "no answer", "when": {"message": "0200"}, "do": {"silent": true},
    "times": 1}."""

    def add(emulator: Emulator) -> list[str]:
        found = _acquirer(emulator).rules
        found.add([body.rule()])
        return [str(rule) for rule in found]

    there = await till.do(add)
    await till.note(f"rule {body.name}", {"rule": body.model_dump(mode="json", exclude_unset=True)})
    return there


@router.delete("/rules")
async def clear_rules(till: TheTill) -> list[str]:
    """Behave from now on."""
    await till.do(lambda emulator: _acquirer(emulator).rules.clear())
    return []


@router.get("/ledger")
async def ledger(till: TheTill, last: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Row]:
    """The latest transactions, oldest first."""
    return await till.do(lambda emulator: reports.entries(_acquirer(emulator).ledger, last=last))


@router.get("/audit")
async def audit(till: TheTill) -> list[str]:
    """What is wrong with the books; empty when they are right."""
    return await till.do(lambda emulator: _acquirer(emulator).ledger.faults())


@router.get("/settlement")
async def settlement(till: TheTill) -> list[Row]:
    """What is not settled yet, and every settlement as both sides counted it."""
    return await till.do(lambda emulator: reports.batch_totals(_acquirer(emulator).ledger))


@router.get("/journal")
async def journal(till: TheTill, last: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Exchanged]:
    """Messages received and what became of them."""

    def read(emulator: Emulator) -> list[Exchanged]:
        return [
            Exchanged(
                number=each.number,
                at=each.at.isoformat(),
                mti=each.mti,
                code=each.code,
                because=each.because,
                fault=each.fault,
            )
            for each in _acquirer(emulator).journal(last=last)
        ]

    return await till.do(read)


@router.post("/wishes")
async def wish(till: TheTill, body: Wish) -> Host:
    """Ask the terminal for something, until it has done it: 3 is to sign on again."""

    def ask(emulator: Emulator) -> Host:
        _acquirer(emulator).wish(TERMINAL_ID, body.digit)
        return _host(emulator)

    return await till.do(ask)


def _acquirer(emulator: Emulator) -> Acquirer:
    if emulator.acquirer is None:
        raise Impossible("the acquirer is elsewhere: there is none in this process")
    return emulator.acquirer


def _host(emulator: Emulator) -> Host:
    acquirer = _acquirer(emulator)
    terminal = acquirer.ledger.terminal(TERMINAL_ID)
    return Host(
        terminal=terminal.id,
        merchant=terminal.merchant_id,
        signed_on=terminal.mak_under_lmk is not None,
        signed_on_at=terminal.signed_on_at.isoformat() if terminal.signed_on_at else None,
        batch=terminal.batch,
        last_stan=acquirer.ledger.last_stan(terminal),
        wishes=terminal.wishes,
        messages=len(acquirer.journal),
        rules=[str(rule) for rule in acquirer.rules],
    )


def _accounts(emulator: Emulator) -> list[Account]:
    with _acquirer(emulator).ledger.reading() as session:
        return [_account(card) for card in session.scalars(select(Card).order_by(Card.id))]


def _account(card: Card) -> Account:
    return Account(
        id=card.id,
        pan=mask_pan(card.pan),
        scheme=card.scheme,
        expiry=card.expiry,
        status=card.status,
        balance=card.account.balance,
        held=card.account.held,
        available=card.account.available,
        pin_tries_left=card.pin_tries_left,
    )
