"""Which errors are answered as which problems, and how the schema describes them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from tillbench.host.cards import ProfileError
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.web.errand import Impossible, InVain
from tillbench.host.web.problem_response import MEDIA_TYPE, problem


class Fault(BaseModel):
    """One thing that is wrong: where in the request, what was expected, what was found."""

    where: str
    expected: str
    found: str = ""


class ProblemBody(BaseModel):
    """RFC 9457, with `faults` as extension."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    faults: list[Fault] = []


class Problem(Exception):
    """A request that cannot be met."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


_STATUS: dict[type[Exception], int] = {
    NoReader: HTTPStatus.CONFLICT,
    Impossible: HTTPStatus.CONFLICT,
    InVain: HTTPStatus.CONFLICT,
    DeskError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ProfileError: HTTPStatus.NOT_FOUND,
    LookupError: HTTPStatus.NOT_FOUND,
    ValueError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For `responses=` of a route: which problems it answers."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    content = {MEDIA_TYPE: {"schema": schema}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _fault(error: dict[str, Any]) -> Fault:
    where = ".".join(str(step) for step in error["loc"])
    found = repr(error.get("input"))[:80] if error["type"] not in ("missing", "json_invalid") else ""
    return Fault(where=where, expected=error["msg"], found=found)


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each) for each in error.errors()]
    first = faults[0]
    detail = f"{first.where}: {first.expected}" + (f", found {first.found}" if first.found else "")
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, [each.model_dump(exclude_defaults=True) for each in faults])


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _refused(_request: Request, error: Exception) -> Response:
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    return problem(status, str(error.args[0]) if error.args else type(error).__name__)


async def _problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem(error.status, str(error))


def install(app: FastAPI) -> None:
    """Have every error of `app` told that way."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Problem, _problem)
    for kind in _STATUS:
        app.add_exception_handler(kind, _refused)
