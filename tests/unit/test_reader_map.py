"""Readers in the board map: found by name and serial number, fed with cards by a command or a device."""

from __future__ import annotations

import os
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.hil import feeder
from tillbench.hil.feeder import CommandFeeder, FeederFault, SerialFeeder, feeder_of
from tillbench.host.boards.board_map import BoardMapError, read_board_map
from tillbench.host.boards.reader_map import ReaderEntry, read_reader_map

MAP = """
counter:
  port: /dev/ttyUSB0
acs:
  reader: ACR39U
  serial_number: RR554-012345
  feeder: feed-card {place}
  cards:
    visa-test: "1"
    mastercard-test: "2"
pinpad:
  reader: SPR532
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "boards.yaml"
    file.write_text(text)
    return file


def test_boards_and_readers_are_in_one_file(tmp_path: Path) -> None:
    file = written(tmp_path, MAP)
    assert list(read_board_map(file)) == ["counter"]
    assert read_reader_map(file) == {
        "acs": ReaderEntry(
            "acs", "ACR39U", "RR554-012345", "feed-card {place}", {"visa-test": "1", "mastercard-test": "2"}
        ),
        "pinpad": ReaderEntry("pinpad", "SPR532"),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:\n  reader: X\n  slots: 2\n", "boards.yaml:3: a: slots: no such field; there is reader, serial_number"),
        ("a:\n  reader: X\n  cards:\n    v: 1\n", "boards.yaml:2: a: cards: expected a feeder"),
        ("a:\n  reader: X\n  feeder: f {place}\n", "boards.yaml:2: a: feeder: expected cards"),
        (
            "a:\n  reader: X\n  feeder: f\n  cards:\n    v: 1\n",
            "boards.yaml:3: a: feeder: expected serial:PORT, or a command with {place}, found 'f'",
        ),
        ("a:\n  reader: X\n  feeder: f {place}\n  cards: 1\n", "boards.yaml:4: a: cards: expected a name and a place"),
        (
            "a:\n  reader: X\n  feeder: f {place}\n  cards:\n    v: [1]\n",
            "boards.yaml:5: a: cards: v: expected its place",
        ),
        ("a:\n  reader: [X]\n", "boards.yaml:2: a: reader: expected one value"),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(BoardMapError) as error:
        read_reader_map(written(tmp_path, text))
    assert problem in str(error.value)


PLUGGED = [
    "ACS ACR39U ICC Reader (RR554-000001) 00 00",
    "ACS ACR39U ICC Reader (RR554-012345) 01 00",
    "Old Reader 02 00",
]


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (ReaderEntry("acs", "ACR39U", "RR554-012345"), PLUGGED[1]),
        (ReaderEntry("old", "reader", "77"), PLUGGED[2]),  # which tells its number when it is asked
        (ReaderEntry("old", "old"), PLUGGED[2]),
    ],
)
def test_a_reader_is_found(entry: ReaderEntry, found: str) -> None:
    pcsc_name = pytest.importorskip("tillbench.hil.lab_reader", reason="no pyscard: run `make pcsc`").pcsc_name
    assert pcsc_name(entry, PLUGGED, lambda name: "77" if name == PLUGGED[2] else "") == found


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (ReaderEntry("acs", "ACR39U"), r"acs: .* and .* are called 'ACR39U': give a serial number"),
        (
            ReaderEntry("acs", "ACR39U", "9"),
            r"acs: no reader 'ACR39U' with serial number 9; there is ACS .*, Old Reader",
        ),
        (ReaderEntry("omni", "OMNIKEY"), r"omni: no reader 'OMNIKEY'; there is ACS"),
    ],
)
def test_a_reader_that_is_not_found_or_not_alone(entry: ReaderEntry, problem: str) -> None:
    lab_reader = pytest.importorskip("tillbench.hil.lab_reader", reason="no pyscard: run `make pcsc`")
    with pytest.raises(lab_reader.NotThere, match=problem):
        lab_reader.pcsc_name(entry, PLUGGED, lambda name: "")


def test_without_a_daemon_it_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lab_reader = pytest.importorskip("tillbench.hil.lab_reader", reason="no pyscard: run `make pcsc`")

    def context() -> None:
        raise lab_reader.scard.ScardError("SCardEstablishContext", lab_reader.scard.NO_SERVICE)

    monkeypatch.setattr(lab_reader.scard, "Context", context)
    with pytest.raises(lab_reader.NotThere, match=r"acs: no pcscd answers at .*: apt-get install pcscd"):
        lab_reader.LabReader("acs", None)


def test_a_command_feeds(tmp_path: Path) -> None:
    log = tmp_path / "moved with a space"
    script = tmp_path / "feed.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a').write(sys.argv[2] + '\\n')\n")
    command = f"{sys.executable} {script} '{log}' {{place}}"
    made = feeder_of(ReaderEntry("acs", "A", feeder=command, cards={"v": "1"}))
    assert isinstance(made, CommandFeeder)
    made.load("2; rm x")
    made.eject()
    assert log.read_text().splitlines() == ["2; rm x", "none"]


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("no-such-feeder {place}", "acs: feeder: no-such-feeder 1: No such file or directory"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"jammed at {{place}}\")'", "exit 1: jammed at 1"),
    ],
)
def test_a_command_that_fails_is_told(command: str, problem: str) -> None:
    with pytest.raises(FeederFault) as error:
        CommandFeeder("acs", command).load("1")
    assert problem in str(error.value)


class Carousel:
    """A feeder on a serial port: what it heard, and what it answers."""

    def __init__(self, answer: bytes) -> None:
        self.heard: list[bytes] = []
        self._answer = answer
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        line = b""
        while True:
            try:
                line += os.read(self._ours, 64)
            except OSError:
                return
            if line.endswith(b"\n"):
                self.heard.append(line)
                line = b""
                os.write(self._ours, self._answer)

    def close(self) -> None:
        os.close(self._theirs)
        self._thread.join()  # the other end is closed: it reads an error
        os.close(self._ours)


@pytest.fixture
def carousel(request: pytest.FixtureRequest) -> Iterator[Carousel]:
    carousel = Carousel(getattr(request, "param", b"OK\r\n"))
    yield carousel
    carousel.close()


def test_a_serial_feeder_feeds(carousel: Carousel) -> None:
    made = feeder_of(ReaderEntry("acs", "A", feeder=f"serial:{carousel.port}", cards={"v": "1"}))
    assert isinstance(made, SerialFeeder)
    made.load("3")
    made.eject()
    assert carousel.heard == [b"LOAD 3\n", b"EJECT\n"]


@pytest.mark.parametrize("carousel", [b"ERROR carousel jammed\n"], indirect=True)
def test_a_serial_feeder_that_fails_is_told(carousel: Carousel) -> None:
    with pytest.raises(FeederFault, match=r"LOAD 3: expected OK, found ERROR carousel jammed"):
        SerialFeeder("acs", carousel.port).load("3")


@pytest.mark.parametrize("carousel", [b""], indirect=True)
def test_a_serial_feeder_that_says_nothing_is_told(carousel: Carousel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeder, "PATIENCE_S", 0.05)
    with pytest.raises(FeederFault, match=r"EJECT: expected OK, found nothing for 0\.05 s"):
        SerialFeeder("acs", carousel.port).eject()


def test_a_serial_feeder_that_is_not_there_is_told() -> None:
    with pytest.raises(FeederFault, match=r"feeder on /dev/no-feeder: EJECT: .*No such file"):
        SerialFeeder("acs", "/dev/no-feeder").eject()
