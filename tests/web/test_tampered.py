"""A case that is opened by request: what the terminal does then ends every sale, so it is the last thing here."""

from __future__ import annotations

import httpx


def test_an_opened_case_wipes_the_keys(api: httpx.Client) -> None:
    api.put("case", json={"open": True}).raise_for_status()
    shown = api.post("screen/wait", json={"text": "CASE WAS OPENED"})
    assert "KEYS ARE WIPED" in "".join(shown.json()["rows"])
    state = api.get(str(api.base_url).rstrip("/")).json()
    assert state["case_open"] is True
    api.put("case", json={"open": False}).raise_for_status()
    wires = api.get("wires", params={"wire": "case"}).json()
    assert [event["event"] for event in wires] == ["opened", "shut"]
