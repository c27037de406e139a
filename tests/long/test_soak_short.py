"""The soak, very short: that it finds what it should, tells it, and goes on where it was ended."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.long import soak
from bench.long.books import JournalReader
from bench.long.errand import Errand
from bench.long.soak_board import PtyBoard
from bench.long.soak_run import LOST, Outcome, Plan, Run

SEED = 1


def plan_with(mishap: str, target: str = "pty") -> Plan:
    """The first run of the seed in which that happens."""
    return next(plan for plan in (Plan.drawn(SEED, n, target) for n in range(1000)) if plan.mishap == mishap)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PtyBoard]:
    """One for all runs, as in a soak."""
    board = PtyBoard(tmp_path_factory.mktemp("board"))
    yield board
    board.close()


@pytest.fixture(scope="module")
def reader() -> Iterator[JournalReader]:
    reader = JournalReader()
    yield reader
    reader.close()


def test_a_mishap_is_explained(board: PtyBoard, reader: JournalReader, tmp_path: Path) -> None:
    """The board is unplugged, found again under another name, and sells."""
    plan = dataclasses.replace(plan_with("unplug"), message=700, errand=Errand(100, "mastercard-credit"))
    outcome = Run(plan, board, tmp_path, reader).outcome()
    assert (outcome.ended, outcome.unexplained, outcome.reached) == (LOST, "", True)


def test_a_board_that_goes_away_by_itself_is_a_flake(board: PtyBoard, reader: JournalReader, tmp_path: Path) -> None:
    plan = dataclasses.replace(plan_with("nothing"), message=50)
    run = Run(plan, board, tmp_path, reader)
    run._happen = board.unplug  # type: ignore[method-assign]  # in its place for this test
    outcome = run.outcome()
    assert outcome.ended == LOST
    assert outcome.unexplained.startswith("expected passed '', found lost")
    assert "the port has gone away" in outcome.unexplained


def test_a_run_follows_from_its_seed_and_number() -> None:
    drawn = [Plan.drawn(7, 3, "qemu") for _ in range(2)]
    assert drawn[0] == drawn[1] != Plan.drawn(8, 3, "qemu")


class Played:
    """A run without a board; run 2 is a flake."""

    done: list[int] = []  # noqa: RUF012  of all of them

    def __init__(self, plan: Plan, *_: object) -> None:
        self._plan = plan

    def outcome(self) -> Outcome:
        number = self._plan.number
        self.done.append(number)
        return Outcome(number, self._plan.target, "unplug", LOST, "gone", True, "no reason" * (number == 2), 0.1)


def test_what_is_unexplained_is_told_and_a_soak_goes_on_where_it_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(soak, "Run", Played)
    monkeypatch.setattr(soak, "PtyBoard", lambda folder: type("Nothing", (), {"close": lambda self: None})())
    file = tmp_path / "out" / "soak.jsonl"
    command = ["bench.long.soak", "--target", "pty", "--seed", "7", "--into", str(file), "--runs"]

    def exit_status(runs: str) -> int:
        monkeypatch.setattr(sys, "argv", [*command, runs])
        return soak.main()

    assert exit_status("2") == 0
    # It was killed in the middle of a line.
    with file.open("a") as half:
        half.write('{"run": 2, "tar')
    assert exit_status("4") == 1
    assert exit_status("4") == 1
    assert Played.done == [0, 1, 2, 3]
    told = capsys.readouterr().out
    assert "no reason\n  repeat it: .venv/bin/python -m bench.long.soak --seed 7 --target pty --run 2\n" in told
    assert "4 runs, 1 unexplained: flake rate 25.000% (with 95% confidence below 100.000%" in told
    assert [json.loads(line).get("run") for line in file.read_text().splitlines()] == [None, 0, 1, 2, 3]
    monkeypatch.setattr(sys, "argv", ["bench.long.soak", "--target", "pty", "--seed", "8", "--into", str(file)])
    assert soak.main() == 1
    assert "seed 7, not 8; remove it" in capsys.readouterr().out


@pytest.mark.parametrize(("flakes", "runs", "most"), [(0, 2000, 0.0015), (0, 10_000, 0.0003), (1, 10_000, 0.000475)])
def test_the_rate_that_so_few_flakes_leave_possible(flakes: int, runs: int, most: float) -> None:
    """Tables of the Poisson distribution: 3.00 for none, 4.74 for one, at 95 %."""
    assert soak.most_flakes(flakes, runs) == pytest.approx(most, rel=0.01)
