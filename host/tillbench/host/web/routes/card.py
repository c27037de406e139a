"""The card slot, and the cards that lie beside it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from tillbench.host.cards import CardProfile
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheReaders, TheTill
from tillbench.host.web.routes.keys import Done
from tillbench.host.web.till import need_power

router = APIRouter(tags=["card"], responses=documented(404, 409, 422))


class CardOnTray(BaseModel):
    """A card that can be inserted; its number masked."""

    name: str
    scheme: str
    pan: str
    summary: str


class Insert(Body):
    """Which card, one of the tray or the one in a reader of this computer, and how far."""

    name: str | None = Field(None, max_length=80, examples=["unionpay-debit"])
    reader: str | None = Field(None, max_length=200, description="Name of a PC/SC reader, see `GET readers`.")
    depth: Literal["full", "half"] = Field("full", description="Half in: the switch closes, the contacts do not meet.")

    @model_validator(mode="after")
    def _is_one(self) -> Insert:
        if (self.name is None) == (self.reader is None):
            raise ValueError("expected name or reader, one of them")
        if self.reader is not None and self.depth == "half":
            raise ValueError("depth: expected full: a card in a reader is in it, or it is not")
        return self


class Swipe(Body):
    """Which card goes through the stripe reader."""

    name: str = Field(max_length=80, examples=["unionpay-stripe"])
    damaged: bool = Field(False, description="What comes has a wrong parity.")


class Tap(Body):
    """Which card is held into the contactless field."""

    name: str = Field(max_length=80)


class InSlot(BaseModel):
    """The card in the slot, if there is one."""

    name: str | None
    depth: Literal["full", "half"] | None


@router.get("/cards")
async def cards(till: TheTill) -> list[CardOnTray]:
    """The cards there are."""
    return await till.do(lambda emulator: [_on_tray(profile) for profile in emulator.profiles.values()])


@router.get("/card")
async def card(till: TheTill) -> InSlot:
    """What is in the slot."""
    return await till.do(in_slot)


@router.put("/card")
async def insert(till: TheTill, there: TheReaders, body: Insert) -> Done:
    """Insert a card; the one that is in the slot comes out first. A card in a reader that is none of the bench's test
    cards may be read, and nothing else. 409: it is not to be had."""
    before = till.events.last
    if body.reader is not None:
        await till.insert_lent(body.reader, there.lend)
    if body.name is not None:
        name, half = body.name, body.depth == "half"
        await till.act(lambda emulator: emulator.entry.insert(name, half=half))
    return Done(n=before)


@router.delete("/card")
async def remove(till: TheTill) -> Done:
    """Pull the card out, at whatever it is doing."""
    before = till.events.last
    await till.act(lambda emulator: emulator.entry.remove())
    return Done(n=before)


@router.post("/card/swipe")
async def swipe(till: TheTill, body: Swipe) -> Done:
    """Pull a card through the stripe reader."""
    before = till.events.last

    def pull(emulator: Emulator) -> None:
        need_power(emulator)
        emulator.entry.swipe(body.name, damaged=body.damaged)

    await till.act(pull)
    return Done(n=before)


@router.post("/card/tap")
async def tap(till: TheTill, body: Tap) -> Done:
    """Hold a card into the contactless field."""
    before = till.events.last

    def hold(emulator: Emulator) -> None:
        need_power(emulator)
        emulator.entry.tap(body.name)

    await till.act(hold)
    return Done(n=before)


def in_slot(emulator: Emulator) -> InSlot:
    """For the snapshot too."""
    if emulator.entry.card is None or emulator.slot.card is None:
        return InSlot(name=None, depth=None)
    return InSlot(name=emulator.entry.name, depth="half" if emulator.entry.half_inserted else "full")


def _on_tray(profile: CardProfile) -> CardOnTray:
    return CardOnTray(name=profile.name, scheme=profile.scheme, pan=profile.masked_pan, summary=profile.summary)
