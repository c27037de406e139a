"""The board as a PC/SC reader, driven by libccid and used by programs that know nothing of tillbench.

One board and one pcscd for all of it. The clients are processes of their own: libpcsclite looks for its daemon once a
process, and the other tests of this run have another.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.pps import PpsCard
from tillbench.host.cli import reader_serve
from tillbench.host.cli.app import app
from tillbench.host.devices.keypad import KeyEvent
from tillbench.host.pcsc import NoPcsc, SerialPcscd, SystemSerialPcscd
from tillbench.host.reader import BoardSlot, ReaderBoard
from typer.testing import CliRunner

from .conftest import absent
from .test_pcsc_clients import EMVTOOL, SELECT_PSE, program, t1, whole_session

PIN_CARD = "visa-cvm-plaintext-pin"
PIN = "73159406"
VERIFY = "00200080082FFFFFFFFFFFFFFF"
XFR, SET_PARAMETERS = 0x6F, 0x61
"""PC_to_RDR_XfrBlock and PC_to_RDR_SetParameters (USB CCID 1.1, 6.1)."""
CLIENT = Path(__file__).with_name("board_reader_client.py")


class Desk:
    """The board on the desk, and who uses it."""

    def __init__(self, board: ReaderBoard, pcscd: SerialPcscd, log: Path, keys: list[KeyEvent]) -> None:
        self.board, self.log, self.keys = board, log, keys
        self.slot = BoardSlot(board)
        self.environment = os.environ | pcscd.environment

    def insert(self, profile: CardProfile) -> VirtualCard:
        card = VirtualCard(profile)
        self.slot.insert(card)
        return card

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=50,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def client(self, *steps: list[Any]) -> list[str]:
        """pyscard in a process of its own: what each step gave, errors by their names."""
        done = self.run(sys.executable, CLIENT, json.dumps(steps))
        assert done.returncode == 0, done.stderr
        answers: list[str] = json.loads(done.stdout)
        return answers


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    if find_spec("smartcard") is None:
        absent("no pyscard: run `make pcsc`")
    log = tmp_path_factory.mktemp("reader") / "pcscd.log"
    keys: list[KeyEvent] = []
    with ReaderBoard(fast=True, seed=7, on_key=keys.append) as board:
        try:
            pcscd = SerialPcscd(board.port.name, log=log)
        except NoPcsc as error:
            absent(str(error))
        with pcscd:
            pcscd.wait()
            # The driver asks once who is there, and with an answer that is late there is no reader until pcscd's end.
            if reader_serve._has_no_reader(pcscd.environment):
                pytest.fail(f"pcscd found no reader on {board.port.name}:\n{log.read_text('utf-8', 'replace')[-3000:]}")
            yield Desk(board, pcscd, log, keys)
        assert board.failure is None


@pytest.mark.parametrize("protocol", [0, 1])
def test_pyscard_gets_what_the_card_answers(desk: Desk, protocol: int) -> None:
    profile = load_profile("visa-cda")
    if protocol:
        profile = t1(profile)
    alone = VirtualCard(profile)
    alone.reset()
    desk.insert(profile)
    steps: list[list[Any]] = [["send", apdu.hex()] for apdu in whole_session(profile)]
    found = desk.client(["atr"], ["protocol"], *steps)
    assert found[:2] == [profile.atr.hex(), str(1 << protocol)]
    assert found[2:] == [alone.transmit(bytes.fromhex(apdu)).hex() for _, apdu in steps]
    assert desk.board.models.slot.violations == []


@pytest.mark.parametrize(
    ("atr", "pps", "parameters"),
    [("3B1013", "FF1013FC", "1300"), ("3BF01300008131204536", "FF1113FD", "1310")],
    ids=["T=0", "T=1"],
)
def test_the_driver_agrees_upon_a_rate(desk: Desk, atr: str, pps: str, parameters: str) -> None:
    """libccid reads TA1, has the board exchange a PPS with the card, then sets that rate, and both go on with it."""
    profile = CardProfile.model_validate({**dict(load_profile("visa-cda")), "atr": atr})
    requests: list[bytes] = []
    desk.board.port.on_request = requests.append
    desk.insert(profile)
    alone = VirtualCard(profile)
    alone.reset()
    steps: list[list[Any]] = [["send", apdu.hex()] for apdu in whole_session(profile)[:4]]
    found = desk.client(["atr"], *steps)
    assert found == [atr.lower(), *(alone.transmit(bytes.fromhex(apdu)).hex() for _, apdu in steps)]
    slot = desk.board.models.slot
    assert isinstance(slot.card, PpsCard)
    assert (slot.card.agreed, slot.card.d) == (bytes.fromhex(pps), 4)
    asked = [message[10:] for message in requests if message[0] == XFR]
    assert bytes.fromhex(pps) in asked, "the PPS is the driver's"
    after = requests[[message[10:] for message in requests].index(bytes.fromhex(pps)) :]
    told = next(message[10:] for message in after if message[0] == SET_PARAMETERS)
    assert told[:2] == bytes.fromhex(parameters)
    assert slot.violations == []


def test_opensc_tool(desk: Desk) -> None:
    desk.insert(load_profile("visa-cda"))
    done = desk.run(program("opensc-tool"), "-a", "-s", SELECT_PSE.hex() + "00")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3b:60:00:00\n")
    assert "Received (SW1=0x90, SW2=0x00):" in done.stdout
    assert "1PAY.SYS.DDF" in done.stdout


def test_emvtool(desk: Desk) -> None:
    if not EMVTOOL.exists():
        absent("no emvtool: run `make pcsc`")
    desk.insert(load_profile("visa-cda"))
    done = desk.run(EMVTOOL, "info")
    assert done.returncode == 0, done.stderr
    assert 'Application "VISA CREDIT", DF Name: [A0 00 00 00 03 10 10]' in done.stdout
    plain = re.sub(r"\x1b\(0.|\x1b\(B", "|", done.stdout)  # the frames of its tables
    assert re.search(r"pin_retries\W+3\b", plain), plain


def test_pcsc_scan(desk: Desk) -> None:
    desk.insert(t1(load_profile("visa-cda")))
    done = desk.run("timeout", "2", program("pcsc_scan"), "-c")
    assert "tillbench board 00 00" in done.stdout, done.stdout + done.stderr
    assert "3B E0 00 00 81 31 20 45 35" in done.stdout, done.stdout + done.stderr


def test_a_card_pulled_in_the_middle_of_an_answer(desk: Desk) -> None:
    profile = load_profile("visa-cda")
    desk.insert(profile)

    def nearly_out() -> None:
        desk.board.port.watch()
        desk.board.models.slot.faults.out_after_characters = desk.board.models.slot.characters + 30

    desk.board.do(nearly_out)
    select = SELECT_PSE.hex()
    found = desk.client(["send", select], ["send", select], ["present"])
    assert found[0].startswith("CardConnectionException"), found
    assert found[1].startswith(("CardConnectionException", "NoCardException")), found
    desk.insert(profile)
    assert desk.client(["send", select])[0].endswith("9000")


def test_a_pin_stays_on_the_board(desk: Desk) -> None:
    """PC/SC part 10: the program asks, the person types, the card is told. Wrong, right, cancelled; T=0 and T=1."""
    profile = load_profile(PIN_CARD).model_copy(update={"pin": PIN})
    asked = ["pin", VERIFY, 4, 12]
    for card in (profile, t1(profile)):
        inside = desk.insert(card)
        told: list[bytes] = []
        inside.on_exchange = lambda command, _answer, told=told: told.append(command)
        before = [["send", apdu.hex()] for apdu in whole_session(card)[3:5]]  # SELECT, GET PROCESSING OPTIONS
        entries = [
            ("9 9 9 9 ENTER", "63c2", "retries left"),
            (f"1 2 CLEAR {' '.join(PIN)} ENTER", "9000", "PIN OK"),
            ("7 3 CANCEL", "6401", ""),
        ]
        for typed, sw, shown in entries if card is profile else entries[1:2]:
            answers: list[str] = []
            client = threading.Thread(
                target=lambda into=answers, steps=(*before, asked): into.extend(desk.client(*steps))
            )
            client.start()
            desk.board.wait_text("Enter PIN", 10_000)
            desk.board.press(typed)
            client.join(40)
            assert answers[2:] == [sw], answers
            assert shown in desk.board.models.screen.text
            assert not desk.board.models.pin_entry_open
        assert sum(command[1] == 0x20 for command in told) == (2 if card is profile else 1)
    assert {event.key for event in desk.keys} == {"*", "ENTER", "CANCEL"}  # these two come up when it is over
    assert {event.at_us for event in desk.keys if event.key == "*"} == {None}
    found = desk.log.read_text(errors="replace") + desk.board.models.bench.console() + desk.board.models.screen.text
    for form in (PIN, PIN.encode().hex(), "73 15 94 06", " ".join(PIN)):
        assert form not in found
    frames = " ".join(shown.text for shown in desk.board.models.screen.frames)
    assert "****" in frames
    assert PIN not in frames


def test_a_new_pin_that_is_not_repeated(desk: Desk) -> None:
    desk.insert(load_profile("visa-cda"))
    answers: list[str] = []
    change = ["new pin", "0024000010" + "FF" * 16, 4, 8]
    client = threading.Thread(target=lambda: answers.extend(desk.client(change)))
    client.start()
    for text, keys in (("Enter PIN", "1 2 3 4 ENTER"), ("New PIN", "5 6 7 8 ENTER"), ("Confirm", "5 6 7 9 ENTER")):
        desk.board.wait_text(text, 10_000)
        desk.board.press(keys)
    client.join(40)
    assert answers == ["6402"]


def test_the_command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`tillbench reader serve` with a command."""
    try:
        SerialPcscd("/dev/null").close()
    except NoPcsc as error:
        absent(str(error))
    monkeypatch.setattr(reader_serve, "die_softly", lambda: None)
    options = [*"reader serve --fast --card visa-cda --".split(), program("opensc-tool"), "-a"]
    assert CliRunner().invoke(app, options).exit_code == 0
    assert capfd.readouterr().out == "3b:60:00:00\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--card", "no-such"], "no-such"),
        (["--target", "esp32"], "--target esp32: no such target"),
        (["--target", "serial:/dev/no-port", "--keys", "1"], "--keys, --fast and --show are for virtual parts"),
        (["--target", "serial:/dev/no-port"], "there is no /dev/no-port"),
        (["--log", "/no/such/folder/x"], "its log /no/such/folder/x cannot be written: No such file or directory"),
        (["--log", "x", "--target", "serial:/dev/null"], "--log: it would hold a card's number"),
        (["--keys", "1 2 FOO"], "--keys: key 3: no key 'FOO'"),
        (["--system", "--log", "x"], "--log: the machine's pcscd logs where it is told to"),
    ],
)
def test_mistakes(options: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_serve, "die_softly", lambda: None)
    done = CliRunner().invoke(app, ["reader", "serve", *options])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_port_without_a_reader(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("smartcard", reason="no pyscard: run `make pcsc`")
    try:
        SerialPcscd("/dev/null").close()
    except NoPcsc as error:
        absent(str(error))
    monkeypatch.setattr(reader_serve, "die_softly", lambda: None)
    done = CliRunner().invoke(app, "reader serve --target serial:/dev/null -- echo served".split())
    assert done.exit_code == 2
    assert "serial:/dev/null: pcscd has found no reader there" in done.stderr
    assert "served" not in capfd.readouterr().out


def test_what_is_typed_while_it_stays(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    done: list[str] = []

    def press(keys: str) -> None:
        if keys == "HELP":
            raise ValueError("no key HELP")
        done.append(keys)

    board = SimpleNamespace(models=SimpleNamespace(), press=press, wait=lambda: done.append("waited"))
    slot = SimpleNamespace(pull=lambda: done.append("out"), insert=lambda card: done.append(card.profile.name))
    typed = "1 2 3 4 ENTER\n\nout\nin visa-cda\nin no-such\nHELP\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    reader_serve._stay(board, slot)  # type: ignore[arg-type]  # stand-ins with what it uses
    assert done == ["1 2 3 4 ENTER", "out", "visa-cda", "waited"]
    said = capsys.readouterr().err
    assert "no-such" in said
    assert "no key HELP; keys as in `1 2 3 4 ENTER`" in said
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\nout\n"))
    reader_serve._stay(board, slot)  # type: ignore[arg-type]  # stand-ins with what it uses
    assert done[-1] == "waited"


def test_the_machines_pcscd_is_told_by_a_file(tmp_path: Path) -> None:
    try:
        with SystemSerialPcscd("/dev/ttyUSB0", folder=tmp_path) as pcscd:
            (file,) = tmp_path.iterdir()
            assert "DEVICENAME /dev/ttyUSB0:GemPCPinPad\n" in file.read_text()
            assert pcscd.environment == {}
    except NoPcsc as error:
        absent(str(error))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoPcsc, match="No such file or directory: --system writes there, as root"):
        SystemSerialPcscd("/dev/ttyUSB0", folder=tmp_path / "nowhere")
