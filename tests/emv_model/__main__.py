"""The long runs: `python -m tests.emv_model [--scenarios N] [--hostile N] [--sales N] [--no-mutants] [--seed S]`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from ..device.kernel_budget import CdaSales
from .compare import Case
from .hostile import sessions
from .mutants import DECISIONS, STUBS, Mutant, device, first_difference
from .scenario import make

SESSIONS = 50
MOST_SCENARIOS = 6000
"""For a mutant. Most are found within a hundred, the rarest within some thousand."""


def compare(seed: str, count: int, folder: Path) -> Counter[str]:
    """So many scenarios; how often each outcome was. Raises AssertionError at the first disagreement."""
    outcomes: Counter[str] = Counter()
    with device(folder) as bench:
        for number in range(count):
            case = Case(make(random.Random(f"{seed}/{number}").choice))
            lines = case.differences(bench)
            if lines:
                raise AssertionError("\n".join([f"scenario {seed}/{number}", *lines]))
            outcomes[str(case.expected["outcome"])] += 1
    return outcomes


def survivors(folder: Path, mutants: tuple[Mutant, ...]) -> list[str]:
    """The mutants that the comparison does not tell from the kernel."""
    cases: list[Case] = []
    found = []
    for mutant in mutants:
        at = first_difference(mutant, folder, cases, MOST_SCENARIOS)
        print(f"  {mutant.name}: {'SURVIVES' if at is None else f'found by scenario {at}'}", flush=True)
        if at is None:
            found.append(mutant.name)
    return found


def hostile(seed: str, count: int, folder: Path) -> Counter[str]:
    """So many hostile sessions. Raises AssertionError for one that ends in no outcome, and if the heap has grown."""
    outcomes: Counter[str] = Counter()
    with device(folder) as bench:
        before = 0
        for number in range(0, count, SESSIONS):
            outcomes += sessions(bench, f"{seed}/{number // SESSIONS}", SESSIONS)
            if number == count // 2 // SESSIONS * SESSIONS:
                before = bench.call("kernel_probe:heap")
        after = bench.call("kernel_probe:heap")
        assert not count or after <= before + 1024, f"heap in use: {before} bytes half way, {after} at the end"
    return outcomes


def growth(count: int, folder: Path) -> int:
    """So many CDA sales with the longest keys; the bytes of heap in use at the end. AssertionError: it has grown."""
    with device(folder) as bench:
        sales = CdaSales(bench)
        sales.peak()
        before = sales.more(20)
        after = sales.more(count)
        assert after <= before + 64, f"heap in use: {before} bytes after 20 sales, {after} after {count} more"
    return after


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.emv_model", description=__doc__.split(":")[0])
    parser.add_argument("--seed", default="1")
    parser.add_argument("--scenarios", type=int, default=20_000)
    parser.add_argument("--hostile", type=int, default=10_000)
    parser.add_argument("--sales", type=int, default=1_000)
    parser.add_argument("--no-mutants", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tillbench-emv-") as name:
        folder = Path(name)
        try:
            print(f"{options.scenarios} scenarios:", dict(compare(options.seed, options.scenarios, folder)), flush=True)
            print(f"{options.hostile} hostile:", dict(hostile(options.seed, options.hostile, folder)), flush=True)
            print(f"{options.sales} CDA sales: {growth(options.sales, folder)} bytes of heap in use", flush=True)
        except AssertionError as failure:
            print(failure)
            return 1
        if options.no_mutants:
            return 0
        mutants = DECISIONS + STUBS
        alive = survivors(folder, mutants)
        print(f"{len(mutants) - len(alive)} of {len(mutants)} mutants found")
        return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
