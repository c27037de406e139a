"""One server with one terminal for all tests of a module: a start costs as much as a sale."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from tillbench.host.cards import load_profile

from .served import CARD, Served, served

PROFILES = [CARD, load_profile("unionpay-debit")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A terminal whose clock is steered: no wait depends on how busy the computer is."""
    with served(tmp_path_factory.mktemp("web"), PROFILES) as running:
        with httpx.Client(base_url=running.api(), timeout=30) as client:
            client.post("screen/wait", json={"text": "READY"}).raise_for_status()
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[httpx.Client]:
    """Its API."""
    with httpx.Client(base_url=server.api(), timeout=30) as client:
        yield client
