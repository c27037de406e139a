"""Who may talk to the emulator: programs and pages of this computer; from elsewhere only who has the token."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tillbench.host.web.problem_response import problem

COOKIE = "tillbench_token"
_REFUSED_WEBSOCKET = 4403
_HARDENING = [
    (b"content-security-policy", b"default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


class Guard:
    """ASGI middleware.

    A page of another site that makes the browser talk to this port is refused: by `Host` (a name that was bound to
    127.0.0.1 afterwards), by `Origin`, and by `Sec-Fetch-Site`.

    Args:
        app: what is guarded.
        hosts: values of `Host` that are this server; a port counts only where one is given.
        token: what a request must carry, as `Authorization: Bearer`, as `?token=` or as the cookie that this sets;
            None: nothing.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], token: str | None) -> None:
        self._app = app
        self._hosts = hosts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers, scope)
        if refusal is None:
            await self._app(scope, receive, self._hardened(scope, send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _REFUSED_WEBSOCKET, "reason": refusal[1]})
        else:
            await problem(*refusal)(scope, receive, send)

    def _refusal(self, headers: Headers, scope: Scope) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host not in self._hosts:
            return HTTPStatus.FORBIDDEN, f"Host: expected one of {', '.join(sorted(self._hosts))}"
        origin = headers.get("origin")
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return HTTPStatus.FORBIDDEN, f"Origin: expected http://{host}"
        if headers.get("sec-fetch-site", "none") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return HTTPStatus.FORBIDDEN, "Sec-Fetch-Site: no page of another site may use this"
        if self._token is not None and not self._has_token(headers, scope):
            return HTTPStatus.UNAUTHORIZED, "expected the token, as Authorization: Bearer TOKEN or as ?token=TOKEN"
        return None

    def _has_token(self, headers: Headers, scope: Scope) -> bool:
        assert self._token is not None
        cookie: SimpleCookie = SimpleCookie(headers.get("cookie", ""))
        offered = [headers.get("authorization", "").removeprefix("Bearer "), *_query_tokens(scope)]
        if COOKIE in cookie:
            offered.append(cookie[COOKIE].value)
        return any(hmac.compare_digest(each.encode(), self._token.encode()) for each in offered)

    def _hardened(self, scope: Scope, send: Send) -> Send:
        """Headers that keep other pages out; who came with the token in the address gets it as a cookie."""
        more = list(_HARDENING)
        if self._token is not None and _query_tokens(scope):
            more.append((b"set-cookie", f"{COOKIE}={self._token}; HttpOnly; SameSite=Strict; Path=/".encode()))

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *more]}
            await send(message)

        return hardened


def _query_tokens(scope: Scope) -> list[str]:
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [])
