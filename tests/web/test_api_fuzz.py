"""Requests that nobody would think of: whatever comes, the answer is one that the description promises."""

from __future__ import annotations

import os
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .served import Served

EXAMPLES = int(os.environ.get("TILLBENCH_FUZZ", "0"))
"""Requests for each operation, as `make long` has them; 0: one, for each `SAMPLED`-th operation."""
SAMPLED = 6
CHECKS: list[CheckFunction] = [content_type_conformance, response_schema_conformance, status_code_conformance]


def operation_of(found: object) -> Any:
    assert isinstance(found, Ok), found
    return found.ok()


def test_every_operation_keeps_to_its_description(server: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{server.root}/openapi.json")
    operations = [operation_of(found) for found in schema.get_all_operations()]
    # Switched off, most of them would have nothing to do.
    operations.sort(key=lambda operation: operation.path.endswith("/power"))
    assert len(operations) > 40
    for operation in operations if EXAMPLES else operations[::SAMPLED]:

        @settings(
            max_examples=EXAMPLES or 1,
            database=None,
            phases=[Phase.generate],
            derandomize=EXAMPLES < 10,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Case[Any]) -> None:
            if "number" in case.path_parameters:
                case.path_parameters["number"] = 1
            response = case.call(base_url=server.root)
            # A clock that stands, or creeps, would keep every wait.
            httpx.patch(server.api() + "clock", json={"steered": True}).raise_for_status()
            assert response.status_code < 500, response.text
            case.validate_response(response, checks=CHECKS)

        check()
    assert httpx.get(server.api() + "faults").is_success, "it is still there"
