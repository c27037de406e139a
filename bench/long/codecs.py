"""`python -m bench.long.codecs --seed S --messages N`: N mutated messages of every dialect through its three codecs.

Prints for each dialect how many messages there were and how many disagreements; exit status 1 when there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tillbench.protocols.iso8583.names import DIALECTS

from bench.long.codec import ThreeCodecs, disagreement
from bench.long.kinds import chance_of
from bench.wires import runner

ROUND = 2_000  # messages between two looks at the chance, which is drawn by dialect and round


def compared(seed: int, messages: int, name: str) -> Counter[str]:
    """What came of so many messages of a dialect, five in six to be read and one to be written."""
    counts: Counter[str] = Counter(disagreements=0)
    with tempfile.TemporaryDirectory(prefix="tillbench-long-") as folder, runner(Path(folder)) as device:
        codecs = ThreeCodecs(DIALECTS[name], device)
        for number, start in enumerate(range(0, messages, ROUND)):
            size = min(ROUND, messages - start)
            found = codecs.compare(chance_of(seed, name, number), size - size // 6, size // 6)
            if disagreement(counts):
                found.pop(disagreement(found), None)
            counts.update(found)
    return counts


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.long.codecs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="all chance comes from it (default: 1)")
    parser.add_argument("--messages", type=int, default=100_000, help="of each dialect (default: 100000)")
    parser.add_argument("--jobs", type=int, default=2, help="dialects at a time (default: 2)")
    options = parser.parse_args()
    total: Counter[str] = Counter()
    print(f"seed {options.seed}: three codecs of {len(DIALECTS)} dialects", flush=True)
    with ProcessPoolExecutor(options.jobs) as pool:
        for name, counts in zip(
            DIALECTS, pool.map(partial(compared, options.seed, options.messages), DIALECTS), strict=True
        ):
            messages = counts["whole"] + counts["refused"]
            print(
                f"{name}: {messages:,} messages, {counts['whole']:,} whole, {counts['refused']:,} refused, "
                f"{counts['disagreements']} disagreements",
                flush=True,
            )
            print(disagreement(counts), end="\n" if disagreement(counts) else "")
            total.update(messages=messages, disagreements=counts["disagreements"])
    print(f"{total['messages']:,} messages, {total['disagreements']} disagreements")
    return 1 if total["disagreements"] else 0


if __name__ == "__main__":
    sys.exit(main())
