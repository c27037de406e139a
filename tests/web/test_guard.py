"""Elsewhere than on loopback: who has the token may in, with a cookie from then on."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse
from tillbench.host.web.guard import COOKIE, Guard
from tillbench.host.web.serve import CannotServe, bind

TOKEN = "a-token-of-a-test"
HOST = "till.example:8600"


def answer(path: str, headers: dict[str, str], token: str | None = TOKEN) -> httpx.Response:
    guard = Guard(PlainTextResponse("in"), frozenset({HOST}), token)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=f"http://{HOST}") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 401),
        ("/?token=wrong", {}, 401),
        ("/", {"Authorization": "Bearer wrong"}, 401),
        ("/", {"Cookie": f"{COOKIE}=wrong"}, 401),
        (f"/?token={TOKEN}", {}, 200),
        ("/", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("/", {"Cookie": f"{COOKIE}={TOKEN}"}, 200),
        (f"/?token={TOKEN}", {"Host": "rebound.example"}, 403),
        (f"/?token={TOKEN}", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_the_token_and_nothing_else_lets_in(path: str, headers: dict[str, str], status: int) -> None:
    assert answer(path, headers).status_code == status


def test_the_cookie_is_for_this_site_alone_and_no_other_page_frames_it() -> None:
    headers = answer(f"/?token={TOKEN}", {}).headers
    assert headers["set-cookie"] == f"{COOKIE}={TOKEN}; HttpOnly; SameSite=Strict; Path=/"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "set-cookie" not in answer("/", {}, token=None).headers


def test_a_token_is_made_only_where_others_can_reach_it() -> None:
    inside, outside = bind("127.0.0.1", 0), bind("0.0.0.0", 0)
    with inside.listener, outside.listener:
        assert inside.token is None
        assert outside.token is not None
        assert len(outside.token) >= 32
        assert outside.url.endswith(f"/?token={outside.token}")
        with pytest.raises(CannotServe, match="another program has it"):
            bind("127.0.0.1", inside.port)
    with pytest.raises(CannotServe, match="expected an IP address"):
        bind("localhost")
