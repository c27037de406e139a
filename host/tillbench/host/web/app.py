"""The application: routes, errors, static files of the page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel
from tillbench.host.pcsc.readers import CardReaders
from tillbench.host.web import problems
from tillbench.host.web.guard import Guard
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

STATIC = Path(__file__).parent / "static"
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


def make_app(tills: Sequence[Till], hosts: Sequence[str], token: str | None, card_readers: CardReaders) -> FastAPI:
    """The API and the page of some terminals, which `serve` switches on.

    Args:
        tills: the terminals.
        hosts: what a browser or program may call this server; see `Guard`.
        token: what it must show; None: nothing.
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
    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    make_schema = app.openapi
    app.openapi = lambda: _with_problem(make_schema())  # type: ignore[method-assign]  # FastAPI's own way to extend it
    app.add_middleware(Guard, hosts=frozenset(hosts), token=token)
    return app


def _with_problem(schema: dict[str, Any]) -> dict[str, Any]:
    made = problems.ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas |= made.pop("$defs", {})
    schemas["ProblemBody"] = made
    return schema
