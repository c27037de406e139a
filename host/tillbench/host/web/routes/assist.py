"""Remote assistance: what the terminal's firmware shows to a helper, and takes from them, once a person has agreed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from tillbench.host.emulator.assistance import groups
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill
from tillbench.host.web.routes.keys import Keys

router = APIRouter(prefix="/assist", tags=["assist"], responses=documented(404, 409, 422))

_CONSENT_S = 90.0
_PATIENCE_S = 10.0


class Request(Body):
    """Who wants to help."""

    who: str = Field(min_length=1, max_length=16, pattern="^[ -~]+$", examples=["ANNA"])


class Agreed(BaseModel):
    """The person at the terminal has agreed. `n`: number of the latest event before they were asked."""

    n: int


class Pressed(BaseModel):
    """So many keys were pressed."""

    pressed: int


@router.post("")
async def ask(till: TheTill, body: Request) -> Agreed:
    """Ask for leave; answers when ENTER is pressed on the terminal's keypad. 422: CANCEL, or nobody answers.

    From then on events of the wire "assist" have the rows of each picture as `mirror`, or that it is hidden or over.
    """
    before = till.events.last
    await till.ask({"assist": {"who": body.who}}, _CONSENT_S)
    return Agreed(n=before)


@router.post("/keys")
async def press(till: TheTill, body: Keys) -> Pressed:
    """Press keys. 422: something secret is entered, or nobody has agreed; then none of the rest is pressed."""
    pressed = 0
    for names in groups(body.keys):
        pressed += (await till.ask({"assist": {"keys": names}}, _PATIENCE_S))["pressed"]
    return Pressed(pressed=pressed)


@router.put("/here")
async def here(till: TheTill) -> dict[str, Any]:
    """Say that the helper is there: ten seconds without a word end it."""
    await till.ask({"assist": {"here": True}}, _PATIENCE_S)
    return {}


@router.delete("")
async def end(till: TheTill) -> dict[str, Any]:
    """End it."""
    await till.ask({"assist": {"end": True}}, _PATIENCE_S)
    return {}


@router.get("/records")
async def records(till: TheTill, start: Annotated[int, Field(ge=0, le=100_000)] = 0) -> dict[str, Any]:
    """What helpers have done in the open batch, twenty at once: time, operator, who, what, detail."""
    found = await till.ask({"assisted": start}, _PATIENCE_S)
    assert isinstance(found, dict)
    return found
