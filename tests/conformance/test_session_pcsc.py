"""Sessions through stock pcscd: a man in the middle, a replayed card for programs that know nothing of it, and pcscd's
own log beside ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.emv_run.pcsc_slot import PcscSlot
from tillbench.host.pcsc import NoPcsc, PrivatePcscd, ServedCard
from tillbench.host.pcsc.daemon import READER
from tillbench.host.session import Header, Session
from tillbench.host.session.between import Between, GuardedSlot
from tillbench.host.session.compare import compare, semantic
from tillbench.host.session.importers import import_text
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.replayed_terminal import ReplayedTerminal
from tillbench.host.session.resigning import CardKeys
from tillbench.host.session.session_card import issuer_of

from .conftest import absent, in_the_reader

TILLBENCH = Path(sys.executable).with_name("tillbench")


def recorded(name: str) -> Session:
    """A sale with that card, by the device's kernel."""
    from tillbench.host.emv_run import KernelProcess

    from tests.session_replays.replays import Bench

    with KernelProcess() as kernel:
        return Bench(kernel).record(name)


def test_a_replayed_card_in_a_reader(pcscd: PrivatePcscd) -> None:
    """The recorded card in stock pcscd, the recorded terminal through pyscard, and a third party that listens."""
    name = "visa-cda"
    session, profile = recorded(name), load_profile(name)
    between = Between(Recorder(ServedCard(ReplayedCard(session, CardKeys.of(profile)))))
    with in_the_reader(pcscd, between):
        slot = PcscSlot(READER)
        terminal = ReplayedTerminal(session, issuer=issuer_of(profile))
        heard = terminal.play(Recorder(slot))
        slot.close()
    assert terminal.notes == []
    issuer = issuer_of(profile)
    assert semantic(compare(session, heard, first_issuer=issuer, second_issuer=issuer)) == []


def test_the_daemons_own_log_says_what_we_recorded(tmp_path: Path) -> None:
    """pcscd logs each APDU too: a recorder that is none of ours."""
    log = tmp_path / "pcscd.log"
    try:
        daemon = PrivatePcscd(log=log)
    except NoPcsc as error:
        absent(str(error))
    guard = GuardedSlot(ServedCard(VirtualCard(load_profile("visa-cda"))))
    recorder = Recorder(guard)
    between = Between(recorder)
    script = (
        "from smartcard.System import readers\n"
        "connection = readers()[0].createConnection(); connection.connect()\n"
        "for apdu in ('00A404000E315041592E5359532E4444463031', '00C000001E', '00B2010C00',\n"
        "             '0020008008241234FFFFFFFFFF', '80AE000000'):\n"
        "    connection.transmit(list(bytes.fromhex(apdu)))\n"
    )
    with daemon, in_the_reader(daemon, between):
        environment = {"PATH": "/usr/bin:/bin", **daemon.environment}
        subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=50)
    ours = recorder.session(Header())
    said = log.read_text("utf-8", "replace")
    assert "00 20 00 80 08 00 00 00 00 00 00 00 00" in said
    assert "24 12 34" not in said
    theirs = import_text("pcscd", said)
    assert [(one.command, one.response) for one in ours.exchanges] == [
        (one.command, one.response) for one in theirs.exchanges
    ]
    assert ours.exchanges[3].command == "0020008008" + "*" * 16
    assert [one.response for one in ours.exchanges[3:]] == ["6985", "6985"]  # refused: nothing has been shown
    assert len(guard.refusals) == 2


def test_a_program_between_is_recorded(tmp_path: Path) -> None:
    try:
        PrivatePcscd().close()
    except NoPcsc as error:
        absent(str(error))
    file = tmp_path / "talk.jsonl"
    command = [str(TILLBENCH), "session", "record", str(file), "--card", "visa-cda", "--", "opensc-tool", "-s"]
    done = subprocess.run(
        [*command, "00A404000E315041592E5359532E444446303100"], capture_output=True, text=True, check=True, timeout=50
    )
    assert "SW1=0x90" in done.stdout
    session = Session.read(file)
    assert session.header.source == "middle"
    assert session.header.terminal == {"program": "opensc-tool"}
    assert any(one.command.startswith("00A404000E3150") for one in session.exchanges)


# Asks the card, says so, and stays until it is told to end.
STAYS = ["sh", "-c", "opensc-tool -s 00A404000E315041592E5359532E444446303100 && exec sleep 600"]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files whose name is short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix="t-") as folder:
        yield Path(folder)


@pytest.mark.parametrize(("what", "number"), [("record", signal.SIGTERM), ("replay", signal.SIGINT)])
def test_what_was_said_until_ctrl_c_is_kept(tmp_path: Path, temporary: Path, what: str, number: signal.Signals) -> None:
    try:
        PrivatePcscd().close()
    except NoPcsc as error:
        absent(str(error))
    kept = tmp_path / "kept.jsonl"
    if what == "record":
        command = ["record", str(kept), "--card", "visa-cda"]
    else:
        recorded("visa-cda").write(tmp_path / "sale.jsonl")
        command = ["replay", str(tmp_path / "sale.jsonl"), "--as", "card", "--record", str(kept)]
    # Where the suite itself runs in the background, SIGINT is ignored, and so it would be by all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [str(TILLBENCH), "session", *command, "--", *STAYS],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    signal.signal(signal.SIGINT, before)
    assert process.stdout
    try:
        seen = next((line for line in process.stdout if "SW1=0x90" in line), None)
        assert seen, "the program was not answered"
        # A terminal's Ctrl-C goes to the program and to pcscd as well.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        process.communicate(timeout=50)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert process.returncode == 128 + number
    assert any(one.command.startswith("00A404000E3150") for one in Session.read(kept).exchanges)
    assert list(temporary.iterdir()) == []


def test_a_program_that_fails_where_paths_are_long(tmp_path: Path) -> None:
    """The exit status is the program's; a folder for temporary files that is too deep for a socket is none of its
    business."""
    try:
        PrivatePcscd().close()
    except NoPcsc as error:
        absent(str(error))
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    command = [str(TILLBENCH), "session", "record", str(tmp_path / "a.jsonl"), "--card", "visa-cda", "--"]
    command += ["sh", "-c", "opensc-tool -a; exit 3"]
    done = subprocess.run(command, env={**os.environ, "TMPDIR": str(deep)}, capture_output=True, text=True, timeout=50)
    assert (done.stdout.splitlines()[0], done.returncode) == ("3b:60:00:00", 3)
