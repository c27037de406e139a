"""`python -m tests.session_replays --replays 1000 --seed S`: every shipped card in turn, as card and as terminal."""

from __future__ import annotations

import argparse
import random
import sys

from tillbench.host.cards import load_profile, profile_names
from tillbench.host.cards.profile_files import SHELVES
from tillbench.host.emv_run import KernelProcess
from tillbench.host.session.compare import semantic

from .changes import CHANGES
from .replays import Bench, as_terminal, compared


def main() -> int:
    """0 if no replay differs from its recording, and every change is found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--replays", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    rng = random.Random(f"{chosen.seed} session replays")
    names = [name for shelf in SHELVES for name in profile_names(shelf)]
    wrong = expected = played = 0
    with KernelProcess() as kernel:
        bench = Bench(kernel)
        sessions = {name: bench.record(name) for name in names}
        while played < chosen.replays:
            name = names[played // 2 % len(names)]
            if played % 2:
                again, notes = as_terminal(sessions[name], rng)
                differences = compared(load_profile(name), sessions[name], again)
            else:
                differences, notes = bench.as_card(sessions[name], rng)
            played += 1
            found = semantic(differences)
            expected += sum(item.kind == "expected" for item in differences)
            for line in [*map(str, found), *notes]:
                print(f"{name}, replay {played}: {line}")
            wrong += bool(found or notes)
    missed = []
    for change in CHANGES:
        if not change.is_found(change.apply(sessions[change.base], rng)):
            missed.append(change.name)
            print(f"not found: {change.name}")
    print(f"{played} replays of {len(names)} cards, {wrong} false differences, {expected} expected ones")
    print(f"{len(CHANGES)} changes that mean something, {len(CHANGES) - len(missed)} found")
    return 1 if wrong or missed else 0


if __name__ == "__main__":
    sys.exit(main())
