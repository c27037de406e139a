"""The API: its routes and errors."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from tillbench.host.pcsc.readers import CardReaders
from tillbench.host.web import problems
from tillbench.host.web.routes import (
    acquirer,
    application,
    assist,
    bench,
    card,
    keys,
    printer,
    readers,
    scanner,
    scenarios,
    screen,
    wires,
)
from tillbench.host.web.till import Till

_RESOURCES = (bench, screen, keys, card, readers, printer, scanner, wires, acquirer, application, assist, scenarios)

top = APIRouter(prefix="/api", tags=["terminals"])


class Listed(BaseModel):
    """A terminal of this emulator."""

    number: int
    page: str
    api: str


@top.get("/terminals")
async def terminals(request: Request) -> list[Listed]:
    """The terminals there are."""
    return [
        Listed(number=till.number, page=f"/?terminal={till.number}", api=f"/api/terminals/{till.number}")
        for till in request.app.state.tills
    ]


def make_app(tills: Sequence[Till], card_readers: CardReaders) -> FastAPI:
    """The API of some terminals, which `serve` switches on.

    Args:
        tills: the terminals.
        card_readers: whose cards may be in the slots.
    """
    app = FastAPI(
        title="tillbench",
        version=version("tillbench"),
        description="A payment terminal to use, to break and to watch. Times are virtual. A lab tool: test cards only.",
        docs_url=None,  # both would fetch from elsewhere
        redoc_url=None,
    )
    app.state.tills = list(tills)
    app.state.readers = card_readers
    problems.install(app)
    app.include_router(top)
    for resource in _RESOURCES:
        app.include_router(resource.router, prefix="/api/terminals/{number}")
    app.include_router(wires.live)
    make_schema = app.openapi
    app.openapi = lambda: _with_problem(make_schema())  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def _with_problem(schema: dict[str, Any]) -> dict[str, Any]:
    made = problems.ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas |= made.pop("$defs", {})
    schemas["ProblemBody"] = made
    return schema
