"""`python -m bench.long --seed S --minutes M`: cases of every kind until the time is over or one fails.

A case is made of seed, kind and number alone. The first failure ends the run with exit status 1 and the command that
repeats exactly that case.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bench.long.codec import CodecEquality
from bench.long.day import Day
from bench.long.determinism import Determinism
from bench.long.hostile import Hostile
from bench.long.interleavings import Interleavings
from bench.long.kinds import Kind, chance_of, repeat_command
from bench.long.link_garbage import LinkGarbage

KINDS: dict[str, Callable[[], Kind]] = {
    kind.name: kind for kind in (LinkGarbage, CodecEquality, Day, Determinism, Interleavings, Hostile)
}


TOLD_EVERY_S = 300


class CaseFailed(Exception):
    """A case has failed; the text says how, and how to repeat it."""


def run_case(kind: Kind, seed: int, case: int) -> str:
    """Run one case in a folder of its own; what came of it.

    Raises:
        CaseFailed: it failed.
    """
    with tempfile.TemporaryDirectory(prefix="tillbench-long-") as folder:
        try:
            return kind.run(chance_of(seed, kind.name, case), Path(folder))
        except Exception as error:
            shown = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
            raise CaseFailed(
                f"FAILED: seed {seed}, kind {kind.name}, case {case}\n{shown}\n"
                f"repeat it: {repeat_command(seed, kind.name, case)}"
            ) from error


def run(kinds: list[Kind], seed: int, minutes: float, first: int = 0) -> Counter[str]:
    """Cases of all kinds, each kind as much of the time as its share; how many there were of each. Tells on the way
    how far it is.

    Raises:
        CaseFailed: the first that failed.
    """
    counts: Counter[str] = Counter()
    spent = {kind.name: 0.0 for kind in kinds}
    told = time.monotonic()
    end = told + 60 * minutes
    while time.monotonic() < end:
        kind = min(kinds, key=lambda kind: spent[kind.name] / kind.share)
        start = time.monotonic()
        run_case(kind, seed, first + counts[kind.name])
        counts[kind.name] += 1
        spent[kind.name] += time.monotonic() - start
        if time.monotonic() > told + TOLD_EVERY_S:
            told = time.monotonic()
            print(f"{datetime.now():%H:%M} {in_words(counts)}", flush=True)
    return counts


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{name}: {count} cases" for name, count in counts.items())


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.long", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="all chance comes from it (default: 1)")
    parser.add_argument("--minutes", type=float, default=1.0, help="for how long (default: 1)")
    parser.add_argument("--only", choices=sorted(KINDS), help="one kind of case")
    parser.add_argument("--case", type=int, help="one case, by its number; needs --only")
    options = parser.parse_args()
    if options.case is not None and options.only is None:
        parser.error("--case needs --only: cases are numbered within their kind")
    kinds = [KINDS[name]() for name in ([options.only] if options.only else KINDS)]
    print(f"seed {options.seed}", flush=True)
    try:
        if options.case is not None:
            print(f"{options.only} {options.case}: {run_case(kinds[0], options.seed, options.case)}")
            return 0
        counts = run(kinds, options.seed, options.minutes)
    except CaseFailed as failure:
        print(failure)
        return 1
    finally:
        for kind in kinds:
            kind.close()
    print(in_words(counts), "- all passed")
    return 0


if __name__ == "__main__":
    # The acquirer says so when it misbehaves; here that is what it was told to do.
    logging.getLogger("tillbench").setLevel(logging.CRITICAL)
    sys.exit(main())
