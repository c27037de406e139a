"""What the terminal's application itself tells and takes: journal, totals, settings, health."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill

router = APIRouter(prefix="/application", tags=["application"], responses=documented(404, 409, 422))

_PATIENCE_S = 10.0

Json = dict[str, Any]


class Settings(Body):
    """Names and values; all of them are taken, or none."""

    changes: Json = Field(min_length=1, max_length=50, examples=[{"language": "zh"}])


@router.get("/journal")
async def journal(
    till: TheTill,
    start: Annotated[int, Query(ge=0, le=100_000)] = 0,
    count: Annotated[int, Query(ge=1, le=20)] = 20,
) -> Json:
    """Transactions in the terminal's journal, the latest first. 409 while a transaction is going on."""
    return _object(await till.ask({"journal": {"from": start, "count": count}}, _PATIENCE_S))


@router.get("/totals")
async def totals(till: TheTill, by: Literal["type", "operator", "card", "hour"] = "type") -> Json:
    """Its totals."""
    return {"by": by, "totals": await till.ask({"totals": f"by_{by}"}, _PATIENCE_S)}


@router.get("/info")
async def info(till: TheTill) -> Json:
    """Who and where it is: version, merchant, terminal, batch, trace number, whether it owes a reversal."""
    return _object(await till.ask({"info": {}}, _PATIENCE_S))


@router.get("/health")
async def health(till: TheTill) -> Json:
    """How it is: heap, flash, counts of what failed."""
    return _object(await till.ask({"health": {}}, _PATIENCE_S))


@router.get("/settings")
async def settings(till: TheTill) -> Json:
    """Every setting."""
    return _object(await till.ask({"settings": {}}, _PATIENCE_S))


@router.patch("/settings")
async def change_settings(till: TheTill, body: Settings) -> Json:
    """Change settings. 422: the terminal refuses one, and says which."""
    return _object(await till.ask({"settings": body.changes}, _PATIENCE_S))


def _object(found: Any) -> Json:
    assert isinstance(found, dict), "the terminal answers with an object"
    return found
