"""Who a board is and where: the map, the port's one owner, a port that goes away and comes back."""

from __future__ import annotations

import os
import re
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.boards.board_map import Board, BoardMapError, choose, read_board_map
from tillbench.host.boards.board_port import BoardPort, NoBoard, Port
from tillbench.host.boards.doctor import BY_HAND
from tillbench.host.boards.logs import lines
from tillbench.host.boards.overview import overview
from tillbench.host.cli.app import app
from typer.testing import CliRunner

NUMBER = "0001"


class Desk:
    """Ports that are plugged in and out: pseudo-terminals behind a listing."""

    def __init__(self) -> None:
        self.ports: list[Port] = []
        self._open: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def plug(self, serial_number: str | None = NUMBER) -> str:
        far, near = os.openpty()
        tty.setraw(near)
        name = os.ttyname(near)
        with self._lock:
            self._open[name] = (far, near)
        self.ports.append(Port(name, serial_number, 0x10C4))
        return name

    def say(self, data: bytes) -> None:
        """Every board prints; what nobody reads is dropped."""
        with self._lock:
            for far, _ in self._open.values():
                if select.select([], [far], [], 0)[1]:
                    os.write(far, data)

    def unplug_now(self) -> str:
        """The only one; its name."""
        (port,) = self.ports
        self.unplug(port.device)
        return port.device

    def unplug(self, name: str) -> None:
        self.ports = [port for port in self.ports if port.device != name]
        with self._lock:
            for descriptor in self._open.pop(name):
                os.close(descriptor)


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    for port in list(desk.ports):
        desk.unplug(port.device)


def board_map(folder: Path, text: str) -> dict[str, Board]:
    path = folder / "boards.yaml"
    path.write_text(text)
    return read_board_map(path)


def test_a_board_is_found_by_its_serial_number_whatever_the_port_is_called(desk: Desk) -> None:
    port = BoardPort(Board("till", serial_number=NUMBER), lambda: desk.ports)
    desk.plug("0002")
    first = desk.plug()
    assert port.find() == first
    second = desk.plug()  # while the first one's name is taken
    not_yet = desk.ports.pop()
    desk.unplug(first)
    with pytest.raises(NoBoard, match=r"till: no port with serial number 0001; there is /dev/pts/\d+ \(0002\)"):
        port.find()
    desk.ports.append(not_yet)
    assert port.find() == second != first


def test_it_is_waited_for(desk: Desk) -> None:
    """It comes back while somebody waits: the listing is asked again, and plugs it in itself."""
    asked = 0

    def listing() -> list[Port]:
        nonlocal asked
        asked += 1
        if asked == 3:
            desk.plug()
        return desk.ports

    assert BoardPort(Board("till", serial_number=NUMBER), listing).wait_for(30) == desk.ports[0].device
    assert asked >= 3


def test_it_does_not_come_back(desk: Desk) -> None:
    with pytest.raises(NoBoard, match="no port with serial number 0001; there is none at all; waited 0 s"):
        BoardPort(Board("till", serial_number=NUMBER), lambda: desk.ports).wait_for(0)


def test_two_of_one_number_are_not_guessed_at(desk: Desk) -> None:
    """Cheap bridges all have the same one."""
    names = [desk.plug(), desk.plug()]
    with pytest.raises(NoBoard, match=f"serial number 0001 is on {names[0]} and {names[1]}: give its port instead"):
        BoardPort(Board("till", serial_number=NUMBER), lambda: desk.ports).find()


def test_the_wire_is_given_back_when_its_port_vanishes(desk: Desk) -> None:
    port = BoardPort(Board("till", serial_number=NUMBER), lambda: desk.ports)
    name = desk.plug()
    with port.wire("the bench link"):
        desk.unplug(name)
    again = desk.plug()
    with port.lent("esptool") as now:
        assert now == again


def test_another_user_of_the_same_port_is_told_who_has_it(desk: Desk) -> None:
    name = desk.plug()
    port = BoardPort(Board("till", port=name), lambda: desk.ports)
    told: list[str] = []

    def other() -> None:
        try:
            with port.lent("mpremote"):
                pass
        except NoBoard as error:
            told.append(str(error))

    with port.wire("the bench link"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert told == ["till: the bench link has the port; mpremote has to wait"]


def test_logs_go_on_when_the_port_comes_back(desk: Desk) -> None:
    """The board prints all the time; what it printed before somebody listened is gone, as on a real port."""
    desk.plug()
    port = BoardPort(Board("till", serial_number=NUMBER), lambda: desk.ports)
    over = threading.Event()

    def print_all_the_time() -> None:
        while not over.wait(0.005):
            desk.say("tick €\r\n".encode())

    printing = threading.Thread(target=print_all_the_time)
    printing.start()
    try:
        told = lines(port, back_s=30)
        assert [next(told), next(told)][1] == "tick €"
        gone = desk.unplug_now()
        said = next(line for line in told if line.startswith("--"))
        assert re.fullmatch(rf"-- {gone}: the port has gone away .*", said)
        again = desk.plug()
        assert next(told) == f"-- back on {again}"
        assert "tick €" in (next(told), next(told))
        told.close()
    finally:
        over.set()
        printing.join()


MAP = """
counter:
  chip: ESP32-S3
  mac: 24:0A:C4:00:01:02
  serial_number: "0001"
spare:
  port: /dev/ttyUSB7
  reset: buttons
  baud: 115200
"""


def test_a_map(tmp_path: Path) -> None:
    boards = board_map(tmp_path, MAP)
    assert boards["counter"] == Board("counter", "ESP32-S3", "24:0a:c4:00:01:02", serial_number="0001")
    assert boards["spare"] == Board("spare", port="/dev/ttyUSB7", reset="buttons", baud=115_200)
    assert choose("counter", boards) is boards["counter"]
    assert choose("/dev/ttyUSB7", boards) is boards["spare"]
    assert choose("/dev/ttyACM0", boards) == Board("/dev/ttyACM0", port="/dev/ttyACM0")
    assert choose("COM3", {}).port == "COM3"
    with pytest.raises(BoardMapError, match="couner: no such board; there is counter, spare"):
        choose("couner", boards)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b", "boards.yaml:1: a: expected `chip: ...`, `mac: ...` below it"),
        ("a:\n  port: x\n  cip: ESP32", "boards.yaml:3: a: cip: no such field; there is chip, mac, port"),
        ("a:\n  port: x\n  chip: ESP8266", "boards.yaml:3: a: chip: expected one of ESP32, ESP32-S3, ESP32-C3, found"),
        ("a:\n  port: x\n  mac: 24-0a", "boards.yaml:3: a: mac: expected 24:0a:c4:00:01:02, found '24-0a'"),
        (
            "a:\n  port: x\n  real: display, fan",
            "boards.yaml:3: a: real: expected display, keypad, printer, card,",
        ),
        ("a:\n  port: x\n  reset: never", "boards.yaml:3: a: reset: expected one of auto, buttons, found 'never'"),
        ("a:\n  port: x\n  baud: fast", "boards.yaml:3: a: baud: expected 9600 to 2000000, found 'fast'"),
        ("a:\n  port: [x]", "boards.yaml:2: a: port: expected one value"),
        ("a:\n  chip: ESP32", "boards.yaml:2: a: expected port or serial_number"),
        ("unix:\n  port: x", "boards.yaml:2: unix: no name for a board: a target is called so already"),
        (
            "a:\n  port: x\nb:\n  port: x\n  mac: 24:0a:c4:00:01:02",
            "boards.yaml:4: b: port: x is that of a; MACs would tell them apart",
        ),
        (
            "a:\n  port: x\n  mac: 24:0a:c4:00:01:02\nb:\n  port: y\n  mac: 24:0A:C4:00:01:02",
            "boards.yaml:5: b: mac: 24:0a:c4:00:01:02 is that of a",
        ),
        ("- a", "boards.yaml:1: expected `key: value` lines"),
    ],
)
def test_a_map_that_is_wrong(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(BoardMapError) as error:
        board_map(tmp_path, text)
    assert str(error.value).startswith(expected)


def test_overview(desk: Desk, tmp_path: Path) -> None:
    name, other = desk.plug(), desk.plug(None)
    assert list(overview(board_map(tmp_path, MAP), ask=False, listing=lambda: desk.ports)) == [
        f"{name}  counter (ESP32-S3)  CP210x  serial number 0001",
        f"{other}  not in the map  CP210x  serial number none",
        "spare: not plugged in (port /dev/ttyUSB7)",
    ]
    assert "plug a board in" in next(overview({}, ask=False, listing=lambda: []))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("board flash nowhere x.bin", "nowhere: no such board; there is no map, so only ports, as in /dev/ttyUSB0"),
        ("board flash /dev/ttyNOWHERE x.bin", "x.bin: no such file, and none of that name in "),
        ("board list --map nowhere.yaml", "nowhere.yaml: No such file or directory"),
        ("board deploy /dev/ttyNOWHERE --build small", "--build small: expected one of bare, tapped, release"),
        ("board repl /dev/ttyNOWHERE", "/dev/ttyNOWHERE: /dev/ttyNOWHERE: cannot be opened"),
        ("board model --chip ESP8266", "--chip ESP8266: expected one of ESP32, ESP32-S3, ESP32-C3"),
        ("board model --mac 24", "--mac 24: expected six bytes as in 24:0a:c4:00:01:02"),
        ("board model --fault fire", "--fault fire: expected one of none, deaf, vanish"),
    ],
)
def test_mistakes(line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, line.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"tillbench: {expected}")


def test_the_docs_have_the_doctors_list() -> None:
    """And every command, every reason that is explained there is one that is said."""
    text = (Path(__file__).parents[2] / "docs" / "boards.md").read_text()
    assert "\n".join(f"- {subject}: {what}" for subject, what in BY_HAND) in text
    help_text = CliRunner().invoke(app, ["board", "--help"]).stdout
    for row in text[text.index("| Command |") :].split("\n\n")[0].splitlines()[2:]:
        for command in row.split("|")[1].replace("`", "").split(","):
            assert f" {command.strip()} " in help_text
