"""`tillbench assist` against a served terminal: asked, agreed, seen, pressed, ended by either side."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from tillbench.host.cli.assist import assist
from tillbench.host.cli.errors import Refused

from .conftest import PROFILES
from .served import CARD, Served, served
from .test_api import done, refused, shows


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """On the computer's clock: a steered one would not wait for a helper."""
    with served(tmp_path_factory.mktemp("web"), PROFILES, realtime=True) as running:
        with httpx.Client(base_url=running.api(), timeout=30) as client:
            client.post("screen/wait", json={"text": "READY"}).raise_for_status()
        yield running


@contextmanager
def helping(server: Served, monkeypatch: pytest.MonkeyPatch, who: str = "ANNA") -> Iterator[Callable[[str], None]]:
    """`tillbench assist` in a thread; what it is given types a line. At the end it has ended by itself."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            assist(server.root + "/", who, 1)
        except BaseException as error:
            failures.append(error)

    with os.fdopen(reading) as stdin, os.fdopen(writing, "w") as typing:
        monkeypatch.setattr(sys, "stdin", stdin)
        thread = threading.Thread(target=run)
        thread.start()
        yield lambda line: print(line, file=typing, flush=True)
        thread.join(30)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def agree(api: httpx.Client) -> None:
    assert shows(api, "SEE AND PRESS?")[1].strip() == "ANNA"
    done(api.post("keys", json={"keys": "ENTER"}))
    shows(api, "CANCEL ENDS HELP")


def test_a_helper_sees_and_presses_and_never_sees_a_pin(
    server: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with helping(server, monkeypatch) as type_line:
        agree(api)
        type_line("1 2 3 4 ENTER")
        shows(api, "INSERT CARD")
        done(api.put("card", json={"name": CARD.name}))
        shows(api, "ENTER PIN")
        type_line("9")
        done(api.post("keys", json={"keys": " ".join(CARD.pin[:2])}))
        done(api.post("keys", json={"keys": "CANCEL"}))
        done(api.delete("card"))
    said = capfd.readouterr()
    assert "|   REMOTE HELP\n" in said.out
    assert "| INSERT CARD" in said.out
    assert "| (hidden: something secret is entered)\n" in said.out
    assert "**" not in said.out
    assert said.err.splitlines()[-1] == "ended: cancelled"
    shows(api, "READY")
    records = done(api.get("assist/records"))["records"]
    assert isinstance(records, list)
    assert ["keys", "1 2 3 4 ENTER"] in [record[3:] for record in records]


def test_the_helper_ends_it(
    server: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with helping(server, monkeypatch) as type_line:
        agree(api)
        type_line("NO_SUCH_KEY")
        type_line("quit")
    assert "keys: expected digits, * # or CLEAR, ENTER" in capfd.readouterr().err
    shows(api, "READY")
    assert "before anything else" in refused(api.post("assist/keys", json={"keys": "1"}), 422)


def test_without_consent_it_ends_with_a_sentence(
    server: Served, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        with helping(server, monkeypatch):
            shows(api, "SEE AND PRESS?")
            done(api.post("keys", json={"keys": "CANCEL"}))

    with pytest.raises(Refused, match="assist: expected consent, found 'cancelled'"):
        refuse()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1:1/", "no terminal answers there; `tillbench emulate --page` prints where it is"),
        ("https://127.0.0.1:1/", "expected an address as in http://127.0.0.1:8600/"),
        ("8600", "expected an address as in http://127.0.0.1:8600/"),
    ],
)
def test_an_address_that_is_none_is_told(url: str, problem: str) -> None:
    with pytest.raises(Refused, match=problem):
        assist(url, "ANNA", 1)
