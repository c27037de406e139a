"""`tillbench hil doctor` on boards that are not well: a Unix port behind a port that behaves like an ESP32's UART."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tillbench.hil import checks, cli, doctor, targets
from tillbench.hil.strikes import LIMIT, Strikes, StrikesDamaged
from tillbench.host.boards.board_map import Board, read_board_map
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.doctor import Finding
from tillbench.host.emulator.link import LinkLost
from typer.testing import CliRunner

from tests.device.one_port_rig import Esp32Port, deployed_board

REMEDIES = dict(doctor.REMEDIES)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Esp32Port]:
    port = deployed_board(tmp_path)
    yield port
    port.close()


def test_the_link_of_a_board(port: Esp32Port) -> None:
    finding = checks.link(f"serial:{port.name}")
    assert finding.ok, finding
    assert finding.text.startswith("hello and back, nothing damaged; ")


def test_the_link_of_nothing() -> None:
    finding = checks.link("serial:/dev/no-such-port")
    assert (finding.ok, "/dev/no-such-port: cannot be opened" in finding.text) == (False, True)


def test_damage_on_the_link_is_told() -> None:
    assert str(checks._judged(1, 2, {"bad_frames": 3, "gaps": 0})) == "NO  link: 3 bad_frames"


class Patient:
    """A board with troubles; each remedy is tried on it, and some help."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, troubles: list[str], cures: dict[str, set[str]]) -> None:
        self.troubles, self.tried = troubles, list[str]()
        self.lines: list[str] = []
        monkeypatch.setattr(checks, "board", self._examined)
        made = {name: self._remedy(name, cures.get(name, set())) for name in ("reset", "power_cycle", "redeploy")}
        tables = {subject: tuple(made[one.__name__] for one in remedies) for subject, remedies in REMEDIES.items()}
        monkeypatch.setattr(doctor, "REMEDIES", tables)

    def _examined(self, _port: BoardPort) -> Iterator[Finding]:
        for subject in ("port", "MicroPython", "chip", "firmware", "link"):
            yield Finding(subject not in self.troubles, subject, "looked at")
            if subject in self.troubles:
                return

    def _remedy(self, name: str, cures: set[str]) -> doctor.Remedy:
        def remedy(_port: BoardPort) -> str:
            self.tried.append(name)
            self.troubles = [trouble for trouble in self.troubles if trouble not in cures]
            return name

        return remedy

    def visit(self, repair: bool = True) -> doctor.Visit:
        return doctor.visit(BoardPort(Board("till", port="/dev/null")), repair=repair, told=self.lines.append)


def test_the_gentlest_remedy_first_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Patient(
        monkeypatch, ["MicroPython", "firmware"], {"power_cycle": {"MicroPython"}, "redeploy": {"firmware"}}
    )
    found = patient.visit()
    assert (found.fit, patient.tried) == (True, ["reset", "power_cycle", "redeploy"])
    assert found.repairs == patient.tried
    assert patient.lines[:3] == ["ok  port: looked at", "NO  MicroPython: looked at", "->  reset"]


def test_what_cannot_be_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = Patient(monkeypatch, ["link"], {})
    found = patient.visit()
    assert (found.fit, found.trouble) == (False, "link: looked at")
    assert patient.tried == ["reset", "power_cycle", "redeploy"]
    chip = Patient(monkeypatch, ["chip"], {})
    assert (chip.visit().fit, chip.tried) == (False, [])
    alone = Patient(monkeypatch, ["MicroPython"], {"reset": {"MicroPython"}})
    assert (alone.visit(repair=False).fit, alone.tried) == (False, [])


def test_only_a_board_that_was_there_can_have_a_strike(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Patient(monkeypatch, ["port"], {}).visit(repair=False).absent
    assert not Patient(monkeypatch, ["port"], {"power_cycle": {"port"}}).visit().absent
    assert not Patient(monkeypatch, ["link"], {}).visit().absent
    assert not Patient(monkeypatch, [], {}).visit().absent


def test_a_power_cycle_is_the_maps_command(tmp_path: Path, port: Esp32Port) -> None:
    mark = tmp_path / "cycled"
    command = f"{sys.executable} -c \"open('{mark}','w')\""
    map_file = tmp_path / "boards.yaml"
    map_file.write_text(f"till:\n  port: {port.name}\n  reset: buttons\n  power: {command}\n")
    board = read_board_map(map_file)["till"]
    assert doctor.power_cycle(BoardPort(board)) == f"power-cycled by {command}"
    assert mark.exists()
    with pytest.raises(doctor.CannotRepair, match="its map says reset: buttons; press EN"):
        doctor.reset(BoardPort(board))
    for power, said in (
        (None, "its map has no power: command"),
        ("false", "false: exit status 1"),
        ("/no/such/program", "No such file"),
    ):
        with pytest.raises(doctor.CannotRepair, match=said):
            doctor.power_cycle(BoardPort(Board("till", port=port.name, power=power)))


def test_strikes_and_the_bench(tmp_path: Path) -> None:
    strikes = Strikes(tmp_path / "boards.yaml")
    for number in range(1, LIMIT):
        assert strikes.add("till", f"reason {number}") == number
        assert strikes.benched("till") is None
    strikes.add("till", "the last")
    assert strikes.benched("till") == (
        "benched after 3 strikes, the last: the last; `tillbench hil doctor --pardon till`"
    )
    assert strikes.benched("other") is None
    strikes.take_back("till")
    assert strikes.of("till") == []
    for damaged in ("[]", "{", '{"till": 3}'):
        strikes.file.write_text(damaged)
        with pytest.raises(StrikesDamaged, match=r"boards\.strikes\.json: expected a list of reasons"):
            strikes.of("till")


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["doctor", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strikes are counted, a benched board is not touched, a pardon ends it, health takes strikes back."""
    (tmp_path / "boards.yaml").write_text("till:\n  port: /dev/no-such-port\n")
    monkeypatch.chdir(tmp_path)
    status, said = run()
    assert status == 1
    assert "NO  port: till: /dev/no-such-port: cannot be opened" in said
    assert "no strike: its port is not to be had" in said
    assert Strikes(tmp_path / "boards.yaml").of("till") == []
    for number in range(1, LIMIT + 1):
        Patient(monkeypatch, ["link"], {})
        status, said = run()
        assert status == 1
        assert f"--  strike {number}" in said, said
    status, said = run("till")
    assert (status, "NO  benched after 3 strikes, the last: link: looked at" in said) == (1, True)
    assert run("--pardon", "till") == (0, "till: pardoned\n")
    patient = Patient(monkeypatch, [], {})
    Strikes(tmp_path / "boards.yaml").add("till", "once")
    assert run("till")[0] == 0
    assert patient.tried == []
    assert Strikes(tmp_path / "boards.yaml").of("till") == []


def test_the_readers_of_the_map_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "boards.yaml").write_text("till:\n  port: /dev/a\nacs:\n  reader: ACR39U\n")
    monkeypatch.chdir(tmp_path)
    Patient(monkeypatch, [], {})
    asked: list[tuple[str, Path | None]] = []

    def reader(name: str, boards: Path | None) -> Finding:
        asked.append((name, boards))
        return Finding(False, "reader", "has no card in it")

    monkeypatch.setattr(checks, "reader", reader)
    status, said = run()
    assert (status, asked) == (1, [("acs", Path("boards.yaml"))])
    assert "NO  reader: has no card in it" in said
    assert run("till")[0] == 0
    assert run("serial:/dev/a")[0] == 0  # as --till-target has it: the board that is there
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to look at: there is no boards.yaml"),
        (["unix", "nobody"], "nobody: no such board"),
        (["--pardon", "till"], "--pardon till: no such board in boards.yaml; there is none"),
        (["nobody"], "nobody: no such board"),
        (["--map", "missing.yaml"], "missing.yaml: No such file"),
    ],
)
def test_mistakes(arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, output = run(*arguments)
    assert (status, said in output) == (2, True), output


class Run:
    """As much of pytest's configuration as is looked at."""

    def __init__(self, boards: Path, *, required: bool = False) -> None:
        self._options = {
            "--till-boards": boards,
            "--till-target": ["desk"],
            "--till-require-hardware": required,
        }

    def getoption(self, name: str) -> object:
        return self._options[name]


def test_a_benched_board_is_skipped_by_the_reason(tmp_path: Path) -> None:
    boards = tmp_path / "boards.yaml"
    boards.write_text("till:\n  port: /dev/null\n")
    for _ in range(LIMIT):
        assert targets.require("till", config=Run(boards)) == "serial:/dev/null"  # type: ignore[arg-type]  # a stand-in with what it uses
        Strikes(boards).add("till", "it went away")
    with pytest.raises(pytest.skip.Exception, match="target till: benched after 3 strikes, the last: it went away"):
        targets.require("till", config=Run(boards))  # type: ignore[arg-type]  # a stand-in with what it uses
    with pytest.raises(pytest.fail.Exception, match="required, and not here: target till: benched"):
        targets.require("till", config=Run(boards, required=True))  # type: ignore[arg-type]  # a stand-in with what it uses


def test_a_board_with_real_parts_is_watched_and_a_test_may_need_them(tmp_path: Path) -> None:
    boards = tmp_path / "boards.yaml"
    boards.write_text("till:\n  port: /dev/null\n  real: display, scanner\nbare:\n  port: /dev/zero\n")
    config: pytest.Config = Run(boards)  # type: ignore[assignment]  # a stand-in with what it uses
    assert targets.require("till", config=config) == "tapped:/dev/null"
    assert targets.capabilities("till", config) == {"real-display", "real-scanner"}
    assert targets.require("bare", config=config) == "serial:/dev/zero"
    assert targets.capabilities("bare", config) == targets.CAPABILITIES["serial"]


def test_a_board_that_goes_away_in_a_test_has_a_strike(tmp_path: Path) -> None:
    boards = tmp_path / "boards.yaml"
    item = SimpleNamespace(config=Run(boards), name="test_sale")
    targets.strike_if_lost(item, AssertionError())  # type: ignore[arg-type]  # a stand-in with what it uses
    assert Strikes(boards).of("desk") == []
    targets.strike_if_lost(item, LinkLost("/dev/ttyUSB0: the port has gone away"))  # type: ignore[arg-type]  # a stand-in with what it uses
    assert Strikes(boards).of("desk") == ["test_sale: /dev/ttyUSB0: the port has gone away"]
