"""`python -m bench.long.soak`: thousands of runs on boards that are unplugged, reset, disturbed and stalled meanwhile.

Each run is a sale on a terminal that runs on a board on a pseudo-terminal, or in QEMU, in turn. At a moment that is
drawn by the run's number something happens to the board. What the bench makes of it must be what the mishap explains:
a disturbed or late board sells as if nothing had happened, a lost one is named as lost. Afterwards the board is
looked after, the books must agree, nothing may be owed, and the next sale must be approved. Whatever else comes of a
run is a flake: it is told with the command that repeats it, and the exit status is 1.

What is done is in a file; the same command goes on where it was ended.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from tillbench.host.emulator.fingerprint import firmware_hash
from tillbench.host.emulator.qemu_images import NoQemu, find_image, find_qemu

from bench.long.books import JournalReader
from bench.long.soak_board import PtyBoard, QemuBoard, SoakBoard
from bench.long.soak_run import MESSAGES, Outcome, Plan, Run

RUNS, LONG_RUNS = 2_000, 10_000
LIMIT = 0.001
"""The flake rate that a lab can live with: one in a thousand."""
CONFIDENCE = 0.95


class AnotherSoak(Exception):
    """The file is of another soak; the message says what differs."""


class Record:
    """What is done, one line a run, as JSON; the first line says of what soak."""

    def __init__(self, file: Path, seed: int, targets: tuple[str, ...]) -> None:
        """Raises AnotherSoak if the file is of another seed, other targets or another firmware."""
        self.file = file
        self.outcomes: dict[int, Outcome] = {}
        head = {"seed": seed, "targets": list(targets), "firmware": firmware_hash()}
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = file.read_text().splitlines() if file.exists() else []
        # Whoever was killed may have left half a line.
        kept = [line for line in lines if line.endswith("}")]
        file.write_text("".join(f"{line}\n" for line in kept or [json.dumps(head)]))
        whole = [json.loads(line) for line in kept] or [head]
        differs = [
            f"{name} {whole[0].get(name)!r}, not {value!r}"
            for name, value in head.items()
            if whole[0].get(name) != value
        ]
        if differs:
            raise AnotherSoak(f"{file}: {', '.join(differs)}; remove it, or choose another with --into")
        for line in whole[1:]:
            self.outcomes[line["run"]] = Outcome(**line)

    def add(self, outcome: Outcome) -> None:
        """One more run is done."""
        self.outcomes[outcome.run] = outcome
        with self.file.open("a") as file:
            file.write(json.dumps(asdict(outcome)) + "\n")


def most_flakes(flakes: int, runs: int) -> float:
    """The flake rate above which so few flakes in so many runs would be a chance of 5 % at most (Poisson)."""

    def chance(mean: float) -> float:
        return math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(flakes + 1))

    low, high = 0.0, 10.0 + 3 * flakes
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) > 1 - CONFIDENCE else (low, middle)
    return min(1.0, high / runs)


def account(outcomes: list[Outcome]) -> list[str]:
    """What came of all runs, for people."""
    kinds = Counter((each.target, each.mishap if each.reached else "nothing", each.ended) for each in outcomes)
    flakes = [each for each in outcomes if each.unexplained]
    wrong = Counter((each.target, each.mishap if each.reached else "nothing", each.ended) for each in flakes)
    lines = [f"{'board':6} {'mishap':8} {'errand':7} {'runs':>6} {'explained':>10}"]
    lines += [
        f"{target:6} {mishap:8} {ended:7} {count:6,} {count - wrong[target, mishap, ended]:10,}"
        for (target, mishap, ended), count in sorted(kinds.items())
    ]
    if outcomes:
        rate, most = len(flakes) / len(outcomes), most_flakes(len(flakes), len(outcomes))
        lines.append(
            f"{len(outcomes):,} runs, {len(flakes)} unexplained: flake rate {rate:.3%}"
            f" (with {CONFIDENCE:.0%} confidence below {most:.3%}; wanted: below {LIMIT:.1%})"
        )
    return lines


def soak(record: Record, seed: int, numbers: list[int], targets: tuple[str, ...], told: Callable[[str], None]) -> None:
    """Do the runs that are not done yet."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tillbench-soak-")))
        reader = JournalReader()
        stack.callback(reader.close)
        boards: dict[str, SoakBoard] = {}
        for number in numbers:
            if number in record.outcomes:
                continue
            target = targets[number % len(targets)]
            if target not in boards:
                boards[target] = PtyBoard(folder / "board") if target == "pty" else QemuBoard()
                stack.callback(boards[target].close)
            plan = Plan.drawn(seed, number, target)
            with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as place:
                outcome = Run(plan, boards[target], Path(place), reader).outcome()
            record.add(outcome)
            flakes = sum(bool(each.unexplained) for each in record.outcomes.values())
            if outcome.unexplained:
                told(f"run {number}: {plan}\n  {outcome.unexplained}")
                told(f"  repeat it: {repeat_command(seed, number, targets)}")
            elif len(record.outcomes) % 50 == 0:
                told(f"{len(record.outcomes):,} runs, {flakes} unexplained")


def repeat_command(seed: int, number: int, targets: tuple[str, ...]) -> str:
    """The command that does exactly this run again."""
    chosen = "" if len(targets) > 1 else f" --target {targets[0]}"
    return f".venv/bin/python -m bench.long.soak --seed {seed}{chosen} --run {number}"


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.long.soak", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="what happens, and when, follows from it (default: 1)")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how many (default: {RUNS:,})")
    parser.add_argument("--long", action="store_true", help=f"{LONG_RUNS:,} runs")
    parser.add_argument("--target", choices=sorted(MESSAGES), action="append", help="which boards (default: all)")
    parser.add_argument("--run", type=int, metavar="N", help="this run alone; nothing is written")
    parser.add_argument("--into", type=Path, help="what is done (default: out/soak-SEED.jsonl)")
    options = parser.parse_args()
    targets = tuple(dict.fromkeys(options.target or MESSAGES))
    if "qemu" in targets:
        try:
            find_qemu()
            find_image("heap100k")
        except NoQemu as error:
            print(f"not run: {error}; or --target pty")
            return 1
    with tempfile.TemporaryDirectory(prefix="tillbench-soak-") as nowhere:
        one = options.run is not None
        numbers = [options.run] if one else list(range(LONG_RUNS if options.long else options.runs))
        file = Path(nowhere) / "run.jsonl" if one else options.into or Path(f"out/soak-{options.seed}.jsonl")
        try:
            record = Record(file, options.seed, targets)
        except AnotherSoak as error:
            print(error)
            return 1
        soak(record, options.seed, numbers, targets, lambda line: print(line, flush=True))
    outcomes = [record.outcomes[number] for number in numbers]
    print("\n".join(account(outcomes)))
    return int(any(each.unexplained for each in outcomes))


if __name__ == "__main__":
    # The acquirer says so when a terminal goes away in the middle of a message; here that is what is wanted.
    logging.getLogger("tillbench").setLevel(logging.CRITICAL)
    sys.exit(main())
