"""The PC/SC readers of this computer, whose cards can be in the terminal's slot."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter
from pydantic import BaseModel, Field
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.web.event_data import reader_data
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import TheReaders, TheTill

router = APIRouter(tags=["card"], responses=documented(404))


class Reader(BaseModel):
    """A reader, and whether a card is in it."""

    name: str
    card: bool
    atr: str = Field(description="Answer to reset of that card, in hexadecimal digits.")


class Readers(BaseModel):
    """The readers there are. `problem`: why there can be none, and what to install."""

    readers: list[Reader]
    problem: str


@router.get("/readers")
async def readers(till: TheTill, there: TheReaders) -> Readers:
    """The PC/SC readers. When a card or a reader comes or goes, an event of the wire `bench` has them all."""
    del till
    try:
        states = await asyncio.to_thread(there.look)
    except NoReader as error:
        return Readers(readers=[], problem=str(error))
    return Readers(readers=[Reader(**reader_data(state)) for state in states], problem="")
