"""`/metrics` and `/health` over HTTP, in a thread of their own, so that who watches waits for nobody who pays."""

import json
import threading
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIEnvironment

from prometheus_client import make_wsgi_app
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.server import words_for

TIMEOUT_S = 10.0
Health = Callable[[], str]
"""Words for what is wrong, "" when nothing is."""


class _Quiet(WSGIRequestHandler):
    timeout = TIMEOUT_S  # of a client that connects and says nothing

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class WatchPort:
    """A small HTTP server. It answers anyone who can reach its address: keep that on loopback."""

    def __init__(self, monitor: Monitor, health: Health, host: str, port: int) -> None:
        """Listen and serve until `close`. Raises CannotListen."""
        metrics: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]] = make_wsgi_app(monitor.registry)

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if path == "/metrics":
                return metrics(environ, start_response)
            if path != "/health":
                return _json(start_response, HTTPStatus.NOT_FOUND, {"paths": ["/health", "/metrics"]})
            trouble = health()
            status = HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK
            return _json(start_response, status, {"status": "failing" if trouble else "ok", "trouble": trouble})

        with words_for(host, port):
            self._server = make_server(host, port, answer, _Server, _Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, name="watch port", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The TCP port listened on, also when 0 (any) was asked for."""
        return self._server.server_port

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _json(start_response: StartResponse, status: HTTPStatus, body: dict[str, object]) -> list[bytes]:
    start_response(f"{status.value} {status.phrase}", [("Content-Type", "application/json")])
    return [json.dumps(body).encode() + b"\n"]
