"""The API, as `curl` would use it: the sale, what is wrong with bad requests, and what is never told."""

from __future__ import annotations

import json
import threading

import httpx
import pytest
from openapi_spec_validator import validate
from tillbench.host import secrets_search
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from .played_readers import READER, PlayedReaders
from .served import CARD, Served

PROBLEM = "application/problem+json"


def done(response: httpx.Response) -> dict[str, object]:
    assert response.is_success, response.text
    found: dict[str, object] = response.json()
    return found


def shows(api: httpx.Client, text: str) -> list[str]:
    rows = done(api.post("screen/wait", json={"text": text}))["rows"]
    assert isinstance(rows, list)
    return rows


def refused(response: httpx.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    return str(problem["detail"])


def sell(api: httpx.Client, keys: str = "1 2 3 4 ENTER", pin: str = CARD.pin) -> list[str]:
    """From the idle screen to the one that asks to take the card."""
    done(api.post("keys", json={"keys": keys}))
    shows(api, "INSERT CARD")
    done(api.put("card", json={"name": CARD.name}))
    shows(api, "ENTER PIN")
    done(api.post("keys", json={"keys": " ".join(pin) + " ENTER"}))
    return shows(api, "REMOVE CARD")


def finish(api: httpx.Client) -> str:
    """Take the card and both slips; the text of the merchant's."""
    done(api.delete("card"))
    slip = done(api.post("printer/wait", json={}))
    shows(api, "TEAR OFF")
    assert done(api.post("printer/tear"))["number"] == slip["number"]
    done(api.post("keys", json={"keys": "ENTER"}))
    shows(api, "READY")
    done(api.post("printer/tear"))
    return str(slip["text"])


def test_a_sale_by_requests_and_nothing_secret_in_any_answer(api: httpx.Client, server: Served) -> None:
    heard: list[str] = []
    with connect(f"{server.api().replace('http', 'ws')}events?since=0") as socket:

        def listen() -> None:
            heard.extend(str(message) for message in socket)

        listener = threading.Thread(target=listen)
        listener.start()
        assert sell(api)[0].strip() == "APPROVED"
        slip = finish(api)
        socket.close()
        listener.join(10)
    assert "12.34" in slip
    entry = api.get("acquirer/ledger").json()[-1]
    assert (entry["kind"], entry["amount"], entry["code"]) == ("sale", "12.34", "00")
    assert api.get("application/journal").json()["transactions"][0]["amount"] == 1234

    events = [json.loads(each) for each in heard]
    assert [event["n"] for event in events] == list(range(1, len(events) + 1))
    exchanges = [event["n"] for event in events if event.get("exchange")]
    assert {event["wire"] for event in events if event["n"] in exchanges} == {"card", "host"}
    details = [api.get(f"wires/{n}") for n in exchanges]
    sale = next(each.json() for each in details if each.json()["event"].startswith("-> 0200"))
    section = sale["sections"][0]
    amount = next(node for node in section["nodes"] if node.get("path") == "4")
    at = section["hex"].split()[amount["offset"] : amount["offset"] + amount["size"]]
    assert "".join(at) == amount["value"] == "000000001234"

    paths = ("", "frames", "wires", "wires.jsonl", "screen", "printer", "printer.txt", "slips", "faults", "acquirer")
    more = ("acquirer/accounts", "acquirer/ledger", "acquirer/journal", "application/journal", "cards")
    answers = [api.get(server.api().rstrip("/") if not path else path) for path in (*paths, *more)]
    assert all(answer.is_success for answer in answers)
    places = [(str(answer.url), answer.content) for answer in [*answers, *details]]
    places += [("WebSocket", "\n".join(heard).encode())]
    unspaced = [(name, data.replace(b" ", b"")) for name, data in places]
    secrets = [secrets_search.pan("PAN", CARD.pan), secrets_search.pin("PIN", CARD.pin, CARD.pan)]
    assert secrets_search.find(secrets, [*places, *unspaced]) == []
    assert CARD.masked_pan.encode() in b"".join(data for _, data in places)
    planted = [("planted", b'{"hex": "' + CARD.track2.hex().encode() + b'"}')]
    assert secrets_search.find(secrets, planted), "the search finds what is there"


def test_keys_of_a_pin_are_not_told(api: httpx.Client) -> None:
    before = done(api.get("acquirer"))["messages"]
    since = api.get("wires").json()[-1]["n"]
    assert sell(api, "5 0 0 ENTER", "909090")[0].strip() == "DECLINED"
    done(api.delete("card"))
    shows(api, "READY")
    keys = [event["event"] for event in api.get("wires", params={"since": str(since), "wire": "keys"}).json()]
    assert not any(key.startswith("9") for key in keys)
    assert keys.count("*") >= 12
    assert done(api.get("acquirer"))["messages"] != before


def test_rules_accounts_and_books(api: httpx.Client) -> None:
    rule = {"name": "no money", "when": {"message": "0200"}, "do": {"answer": "51"}, "times": 1}
    assert api.post("acquirer/rules", json=rule).json() == ["no money: 0200: code 51 (1 more)"]
    assert sell(api)[0].strip() == "DECLINED"
    done(api.delete("card"))
    shows(api, "READY")
    assert api.get("acquirer/rules").json() == []
    account = next(row for row in api.get("acquirer/accounts").json() if row["pan"] == CARD.masked_pan)
    changed = done(api.patch(f"acquirer/accounts/{account['id']}", json={"balance": 777, "pin_tries_left": 3}))
    assert (changed["balance"], changed["pin_tries_left"]) == (777, 3)
    assert api.get("acquirer/audit").json() == []
    assert "at most 3" in refused(api.patch(f"acquirer/accounts/{account['id']}", json={"pin_tries_left": 9}), 422)
    assert "no card" in refused(api.patch("acquirer/accounts/99", json={}), 404)


def test_the_clock_goes_ahead_and_follows_the_computers(api: httpx.Client) -> None:
    before = done(api.get("clock"))
    assert before["speed"] is None
    ahead = done(api.patch("clock", json={"skip_s": 120}))
    assert now_of(ahead) - now_of(before) == 120_000_000
    assert "steered" in refused(api.patch("clock", json={"speed": 2}), 409)
    assert done(api.patch("clock", json={"steered": False, "speed": 0}))["speed"] == 0
    stopped = done(api.get("clock"))
    assert "the clock stands" in refused(api.post("screen/wait", json={"text": "NEVER"}), 409)
    assert now_of(done(api.get("clock"))) == now_of(stopped), "it stands"
    assert "1000" in refused(api.patch("clock", json={"speed": 1001}), 422)
    done(api.patch("clock", json={"speed": 1000, "skip_s": 60}))
    done(api.post("keys", json={"keys": "CANCEL"}))
    steered = done(api.patch("clock", json={"steered": True}))
    assert now_of(steered) - now_of(stopped) >= 60_000_000


def now_of(clock: dict[str, object]) -> int:
    now = clock["now_us"]
    assert isinstance(now, int)
    return now


def test_power_paper_network_and_keys(api: httpx.Client) -> None:
    done(api.put("power", json={"on": False}))
    assert "switched off" in refused(api.post("keys", json={"keys": "1"}), 409)
    assert "switched off" in refused(api.put("keys/1", json={"down": True}), 409)
    done(api.put("power", json={"on": True}))
    shows(api, "READY")
    assert "on already" in refused(api.put("power", json={"on": True}), 409)
    assert done(api.patch("printer", json={"paper_mm": 0}))["paper_end"] is True
    assert done(api.patch("printer", json={"paper_mm": 900, "cover_open": True}))["cover_open"] is True
    done(api.patch("printer", json={"cover_open": False}))
    assert done(api.patch("faults", json={"network_up": False}))["network_up"] is False
    done(api.patch("faults", json={"network_up": True, "line": {}}))
    assert "drop" in refused(api.patch("faults", json={"line": {"rules": [{"drop": "often"}]}}), 422)
    down = done(api.put("keys/7", json={"down": True}))["n"]
    assert "already" in refused(api.put("keys/7", json={"down": True}), 409)
    done(api.patch("clock", json={"skip_s": 0.1}))
    done(api.put("keys/7", json={"down": False}))
    assert "no finger" in refused(api.put("keys/7", json={"down": False}), 409)
    done(api.post("screen/wait", json={"text": "0.07", "since": down}))
    done(api.post("keys", json={"keys": "CANCEL"}))
    shows(api, "READY")


def test_a_card_that_is_half_in_is_mute(api: httpx.Client) -> None:
    done(api.post("keys", json={"keys": "1 0 0 ENTER"}))
    shows(api, "INSERT CARD")
    since = done(api.put("card", json={"name": "unionpay-debit", "depth": "half"}))["n"]
    assert done(api.get("card")) == {"name": "unionpay-debit", "depth": "half"}
    done(api.post("wires/wait", json={"wire": "card", "contains": "half inserted", "since": since}))
    done(api.post("screen/wait", json={"text": ["NOT READ", "REMOVE CARD", "TRY AGAIN"], "timeout_s": 60}))
    done(api.delete("card"))
    assert not [event for event in api.get("wires", params={"since": str(since)}).json() if "SELECT" in event["event"]]
    done(api.post("keys", json={"keys": "CANCEL"}))
    shows(api, "READY")


def test_stripe_field_and_case(api: httpx.Client) -> None:
    done(api.post("keys", json={"keys": "1 0 0 ENTER"}))
    shows(api, "INSERT CARD")
    since = done(api.post("card/swipe", json={"name": "unionpay-debit", "damaged": True}))["n"]
    shows(api, "SWIPE AGAIN")
    done(api.post("keys", json={"keys": "CANCEL"}))
    shows(api, "READY")
    told = [event["event"] for event in api.get("wires", params={"since": str(since), "wire": "card"}).json()]
    assert told == ["unionpay-debit swiped, unreadable"]
    done(api.put("case", json={"open": False}))
    assert done(api.get(str(api.base_url).rstrip("/")))["case_open"] is False, "it was shut, and is; keys are kept"
    done(api.post("battery", json={"mv": 3700, "divider": "lower off", "pulse_mv": 0, "pulse_ms": 5}))
    assert done(api.get(str(api.base_url).rstrip("/")))["battery"] == {"mv": 3700, "divider": "lower off"}
    done(api.post("battery", json={"mv": 0, "divider": "good"}))
    assert done(api.get(str(api.base_url).rstrip("/")))["battery"] == {"mv": 0, "divider": "good"}
    assert "mv" in refused(api.post("battery", json={"mv": 9000}), 422)
    assert "gold" in refused(api.post("card/tap", json={"name": "gold"}), 404)


def test_the_scanner_reads_codes_and_slips(api: httpx.Client) -> None:
    scanned = done(api.post("scanner", json={"text": "6901234567892"}))
    assert scanned["text"] == "6901234567892"
    told = api.get("wires", params={"since": str(scanned["n"]), "wire": "scanner"}).json()
    assert [event["event"] for event in told] == ["6901234567892"]
    assert "no slip" in refused(api.post("scanner", json={"slip": 99}), 404)
    assert "printable ASCII" in refused(api.post("scanner", json={"text": "\u8a31"}), 422)
    for body in ({}, {"text": "1", "slip": 1}):
        assert "one of them" in refused(api.post("scanner", json=body), 422)


def test_pictures_and_bytes(api: httpx.Client) -> None:
    assert api.get("screen.png", params={"scale": 2}).content.startswith(b"\x89PNG")
    assert api.get("slips/1.png").content.startswith(b"\x89PNG")
    assert b"\x1b@" in api.get("printer.bin").content
    assert "no slip 99" in refused(api.get("slips/99.png"), 404)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "keys", {"keys": "1 HELP"}, 422, "key 2: no key 'HELP', there is 1 2 3 CANCEL"),
        ("POST", "keys", {"key": "1"}, 422, "body.keys: Field required"),
        ("PUT", "keys/HELP", {"down": True}, 404, "no key 'HELP'"),
        ("PUT", "card", {"name": "gold"}, 404, "gold"),
        ("PUT", "card", {"reader": READER}, 409, f"{READER}: no card answers in it"),
        ("PUT", "card", {"reader": READER, "depth": "half"}, 422, "depth: expected full"),
        ("PUT", "card", {"name": "unionpay-debit", "reader": READER}, 422, "name or reader, one of them"),
        ("PUT", "card", {"name": "unionpay-debit", "depth": "deep"}, 422, "'full' or 'half'"),
        ("POST", "screen/wait", {"text": "NEVER", "timeout_s": 0.1}, 409, "for the screen to show 'NEVER'; it shows"),
        ("POST", "screen/wait", {"text": "READY", "timeout_s": -1}, 422, "greater than 0"),
        ("GET", "wires/999999", None, 404, "the events kept are"),
        ("GET", "wires/1", None, 404, "is no exchange"),
        ("POST", "printer/tear", None, 409, "no paper hangs out"),
        ("PATCH", "application/settings", {"changes": {"colour": "red"}}, 422, "colour"),
        ("POST", "acquirer/rules", {"name": "x", "do": {"answer": "long"}}, 422, "do.0.answer"),
        ("GET", "nothing", None, 404, "Not Found"),
        ("DELETE", "screen", None, 405, "Method Not Allowed"),
    ],
)
def test_what_is_wrong_is_told(api: httpx.Client, method: str, path: str, body: object, status: int, told: str) -> None:
    assert told in refused(api.request(method, path, json=body), status)


def test_a_computer_without_readers_says_why(api: httpx.Client, server: Served) -> None:
    assert isinstance(server.readers, PlayedReaders)
    assert done(api.get("readers")) == {"readers": [{"name": READER, "card": False, "atr": ""}], "problem": ""}
    server.readers.problem = "no pcscd answers"
    assert done(api.get("readers")) == {"readers": [], "problem": "no pcscd answers"}
    server.readers.problem = ""


def test_no_terminal_of_that_number(server: Served) -> None:
    assert refused(httpx.get(f"{server.root}/api/terminals/2/screen"), 404) == "no terminal 2: there are 1"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_other_sites_are_refused(api: httpx.Client, headers: dict[str, str]) -> None:
    refused(api.get("screen", headers=headers), 403)
    refused(api.post("keys", json={"keys": "1"}, headers=headers), 403)


def test_a_web_socket_of_another_site_is_refused(server: Served) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"{server.api().replace('http', 'ws')}events", origin=Origin("http://evil.example"))


def test_the_description_is_valid(server: Served) -> None:
    schema = httpx.get(f"{server.root}/openapi.json").json()
    validate(schema)
    assert "/api/terminals/{number}/screen/wait" in schema["paths"]
