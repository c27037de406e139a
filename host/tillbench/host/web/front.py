"""What a client meets first: the files of the page at once, the API as soon as there is one."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path

from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from tillbench.host.web.problem_response import problem

STATIC = Path(__file__).parent / "static"
_READING = ("GET", "HEAD")
_FILES = frozenset({"/", *(f"/{path.name}" for path in STATIC.iterdir())})


class Front:
    """ASGI application; made in the event loop in which it serves.

    A browser loads and draws the page while the terminals start. Whoever asks them for something waits for them.
    """

    def __init__(self) -> None:
        self._files = StaticFiles(directory=STATIC, html=True)
        self._api: asyncio.Future[ASGIApp] = asyncio.get_running_loop().create_future()

    def open(self, api: ASGIApp) -> None:
        """The terminals are on: from now on this answers."""
        self._api.set_result(api)

    def give_up(self) -> None:
        """Whoever waits for the terminals is told that they do not come."""
        if not self._api.done():
            self._api.set_result(_never)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] != "http" or scope["path"] not in _FILES:
            app = await asyncio.shield(self._api)
        elif scope["method"] in _READING:
            app = self._files
        else:
            allow = {"Allow": ", ".join(_READING)}
            app = problem(HTTPStatus.METHOD_NOT_ALLOWED, f"{scope['path']} is a file of the page", headers=allow)
        await app(scope, receive, send)


async def _never(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    told = "the terminals have not started: the command that was to start them has said why"
    await problem(HTTPStatus.SERVICE_UNAVAILABLE, told)(scope, receive, send)
