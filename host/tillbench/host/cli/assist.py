"""`tillbench assist`: help at a terminal that somebody else has in front of them."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.assistance import HERE_S
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

HELP = "keys as in `1 2 3 4 ENTER`, `quit`"
_CONSENT_S = 100.0
_NOBODY = "no terminal answers there; `tillbench emulate --page` prints where it is"


@dataclass(frozen=True)
class Api:
    """One terminal of a running `tillbench emulate --page`.

    Args:
        url: as it has printed it, with the token if there is one.
        number: which of its terminals.
    """

    url: str
    number: int

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, timeout_s: float = 15.0) -> Any:
        """Raises Refused: nobody is there, or the answer is no; the text is the server's."""
        address = f"http://{self._host}/api/terminals/{self.number}/{path}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, self._headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310  the scheme is ours: http
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(_detail(error)) from None
        except (OSError, ValueError) as error:
            raise Refused(f"{self.url}: {_NOBODY} ({error})") from None

    def events(self) -> ClientConnection:
        """What happens from now on. Raises Refused."""
        address = f"ws://{self._host}/api/terminals/{self.number}/events"
        try:
            return connect(address, additional_headers=self._headers)
        except (OSError, WebSocketException) as error:
            raise Refused(f"{self.url}: {_NOBODY} ({error})") from None

    @property
    def _host(self) -> str:
        parts = urlsplit(self.url)
        if parts.scheme != "http" or not parts.hostname:
            raise Refused(f"{self.url}: expected an address as in http://127.0.0.1:8600/")
        return parts.netloc

    @property
    def _headers(self) -> dict[str, str]:
        token = parse_qs(urlsplit(self.url).query).get("token", [""])[0]
        return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(error)["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{error.url}: {error.code} {error.reason}"


def assist(url: str, who: str, number: int) -> None:
    """Ask, show what the terminal shows, press what is typed, until one of the two ends it.

    Raises:
        Refused: nobody agrees, or there is no terminal.
    """
    api = Api(url, number)
    with api.events() as stream:
        print(f"asked; waiting for ENTER on terminal {number}", file=sys.stderr, flush=True)
        api.call("POST", "assist", {"who": who}, _CONSENT_S)
        print(f"agreed; {HELP}", file=sys.stderr, flush=True)
        mirror = _Mirror(api, stream)
        mirror.start()
        try:
            mirror.over = _press_what_is_typed(api, mirror)
        finally:
            mirror.stop()


class _Mirror:
    """Prints what the terminal shows, and says meanwhile that the helper is there."""

    def __init__(self, api: Api, stream: ClientConnection) -> None:
        self.over = ""
        self.ended, self._ending = os.pipe()
        self._api = api
        self._stream = stream
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)
        self._stopping = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="here", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._heart.start()

    def stop(self) -> None:
        self._stopping.set()
        self._stream.close()
        self._thread.join()
        self._heart.join()

    def _run(self) -> None:
        try:
            for message in self._stream:
                event = json.loads(message)
                if event["wire"] == "assist" and self._show(event["mirror"]):
                    break
        except ConnectionClosed:
            pass
        os.write(self._ending, b"x")

    def _show(self, told: dict[str, Any]) -> bool:
        if "ended" in told:
            self.over = told["ended"]
        elif "hidden" in told:
            print("| (hidden: something secret is entered)", flush=True)
        else:
            print("\n".join(f"| {row.rstrip()}" for row in told["rows"]), end="\n\n", flush=True)
        return bool(self.over)

    def _beat(self) -> None:
        while not self._stopping.wait(HERE_S):
            try:
                self._api.call("PUT", "assist/here")
            except Refused:
                return  # it has ended; the stream says why


def _press_what_is_typed(api: Api, mirror: _Mirror) -> str:
    """Returns why it has ended."""
    typed = b""
    while True:
        # Read as bytes: lines that wait in the buffer of sys.stdin nobody would be woken for.
        if mirror.ended in select.select([sys.stdin, mirror.ended], [], [])[0]:
            print(f"ended: {mirror.over or 'the terminal has gone away'}", file=sys.stderr, flush=True)
            return mirror.over
        data = os.read(sys.stdin.fileno(), 4096)
        *lines, typed = (typed + data).split(b"\n")
        for line in lines if data else [*lines, typed, b"quit"]:
            keys = line.decode(errors="replace").strip()
            if keys == "quit":
                api.call("DELETE", "assist")
                return "helper"
            if keys:
                _press(api, keys)


def _press(api: Api, keys: str) -> None:
    try:
        api.call("POST", "assist/keys", {"keys": keys})
    except Refused as error:
        print(error, file=sys.stderr, flush=True)
