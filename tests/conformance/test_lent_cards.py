"""Cards in a PC/SC reader as cards of the emulated terminal, through stock pcscd."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.emv_run.card_guard import READING
from tillbench.host.emv_run.pcsc_slot import NoReader
from tillbench.host.pcsc import PrivatePcscd, ServedCard
from tillbench.host.pcsc.daemon import READER
from tillbench.host.pcsc.lent_card import lend
from tillbench.host.pcsc.readers import ComputerReaders
from tillbench.protocols.apdu import Ins

from tests.web.served import Served, served

from .conftest import in_the_reader

OURS = load_profile("unionpay-debit")
FOREIGN = """
extends: visa-no-cvm
name: foreign
summary: Wants no PIN, has no issuer certificate
each_application:
  offline_authentication:
    methods: sda
    faults: issuer.missing
"""
NO_PIN_WANTED = "no PIN is asked for with this card: it has shown no issuer certificate"


@pytest.fixture(scope="module")
def server(pcscd: PrivatePcscd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A terminal, and the readers that the private pcscd knows."""
    profiles = [OURS]
    with served(tmp_path_factory.mktemp("lent"), profiles, readers=ComputerReaders()) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.api(), timeout=30) as client:
        shows(client, "READY")
        yield client


def shows(api: httpx.Client, *texts: str) -> str:
    answer = api.post("screen/wait", json={"text": list(texts)})
    assert answer.is_success, answer.text
    rows: list[str] = answer.json()["rows"]
    return "\n".join(rows)


def reader_of(api: httpx.Client) -> str:
    found = api.get("readers").json()
    assert found["problem"] == ""
    return next(str(each["name"]) for each in found["readers"] if each["card"])


def insert(api: httpx.Client, amount: str) -> int:
    """Key the amount in, have the card in the reader inserted; the number of the event before it."""
    assert api.post("keys", json={"keys": f"{' '.join(amount)} ENTER"}).is_success
    shows(api, "INSERT CARD")
    inserted = api.put("card", json={"reader": reader_of(api)})
    assert inserted.is_success, inserted.text
    return int(inserted.json()["n"])


def heard(api: httpx.Client, since: int) -> list[str]:
    return [event["event"] for event in api.get("wires", params={"since": since, "wire": "card"}).json()]


def test_a_sale_with_one_of_the_benchs_cards(pcscd: PrivatePcscd, api: httpx.Client) -> None:
    """From the reader's own list to the card that is pulled out of the reader, which takes it out of the slot."""
    with in_the_reader(pcscd, ServedCard(VirtualCard(OURS))) as insertion:
        since = insert(api, "1234")
        in_slot = api.get("card").json()
        assert in_slot["name"].startswith(READER)
        shows(api, "ENTER PIN")
        with pytest.raises(NoReader, match="no card answers in it"):
            lend(READER)  # it is the terminal's alone
        assert api.post("keys", json={"keys": f"{' '.join(OURS.pin)} ENTER"}).is_success
        assert "APPROVED" in shows(api, "REMOVE CARD")
        insertion.pull()
        shows(api, "TEAR OFF")
    assert api.get("card").json()["name"] is None
    entry = api.get("acquirer/ledger").json()[-1]
    assert (entry["kind"], entry["amount"], entry["code"]) == ("sale", "12.34", "00")
    assert any(event.startswith("GENERATE AC ARQC") for event in heard(api, since))
    assert api.post("keys", json={"keys": "ENTER"}).is_success
    shows(api, "READY")


def reached(profile: CardProfile) -> tuple[VirtualCard, list[int]]:
    """A card, and the instructions that get through to it."""
    instructions: list[int] = []
    return VirtualCard(profile, on_exchange=lambda command, _answer: instructions.append(command[1])), instructions


def test_a_foreign_card_may_be_read_and_nothing_else(pcscd: PrivatePcscd, api: httpx.Client, tmp_path: Path) -> None:
    file = tmp_path / "foreign.yaml"
    file.write_text(FOREIGN)
    card, instructions = reached(load_profile(file))
    with in_the_reader(pcscd, ServedCard(card)):
        since = insert(api, "500")
        shows(api, "NOT APPROVED", "DECLINED", "CARD ERROR", "REMOVE CARD")
    assert any("GENERATE AC is not sent to this card" in event for event in heard(api, since))
    assert {Ins.SELECT, Ins.READ_RECORD} <= set(instructions) <= READING
    told = api.get("wires.jsonl", params={"since": since}).text.replace(" ", "")
    assert card.profile.pan not in told
    shows(api, "READY")


def test_a_foreign_card_leaves_before_anybody_types_its_pin(pcscd: PrivatePcscd, api: httpx.Client) -> None:
    card, instructions = reached(load_profile("unionpay-issuer-missing"))
    with in_the_reader(pcscd, ServedCard(card)):
        since = insert(api, "500")
        shows(api, "NOT APPROVED", "CARD REMOVED", "NOT DONE")
        asked, left = heard(api, since)[-2:]
    assert NO_PIN_WANTED in asked
    assert left == f"{READER} 00 00 removed"
    assert set(instructions) <= READING
    shows(api, "READY")


def test_an_empty_reader_and_one_that_is_not_there(api: httpx.Client) -> None:
    name = api.get("readers").json()["readers"][0]["name"]
    for asked, told in ((name, "no card answers in it"), ("nowhere", "no reader is called 'nowhere'; there is ")):
        refused = api.put("card", json={"reader": asked})
        assert refused.status_code == 409
        assert told in refused.json()["detail"]


def test_a_computer_without_pcscd_says_what_to_install(tmp_path: Path) -> None:
    """In a process of its own: PC/SC's library looks for its socket once."""
    script = "from tillbench.host.pcsc.readers import ComputerReaders; ComputerReaders().look()"
    environment = os.environ | {"PCSCLITE_CSOCK_NAME": str(tmp_path / "nobody")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    told = done.stderr.splitlines()[-1]
    assert f"NoReader: no pcscd answers at {tmp_path / 'nobody'} (" in told
    assert "apt-get install pcscd" in told
