"""`python -m bench`: measure everything, print the table, write RESULTS.md. About six minutes; bounds nothing."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench import (
    acquirer,
    board_reader,
    budgets,
    ciphers,
    codecs,
    flow_memory,
    kernel,
    memory,
    page,
    pcsc,
    sales,
    wires,
)
from bench.table import machine
from bench.table import page as written

MEASURES = (
    sales.measure,
    budgets.flash,
    budgets.first_byte,
    page.measure,
    wires.measure,
    pcsc.measure,
    board_reader.measure,
    kernel.measure,
    memory.measure,
    memory.sizes,
    flow_memory.measure,
    codecs.host,
    codecs.device,
    ciphers.measure,
    acquirer.measure,
)
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Measure, one after the other: what runs beside would be measured too."""
    argparse.ArgumentParser(prog="python -m bench", description=__doc__).parse_args()
    start = time.perf_counter()
    about = machine()
    with tempfile.TemporaryDirectory(prefix="tillbench-bench-") as name:
        folder = Path(name)
        sections = []
        for measure in MEASURES:
            print(f"{measure.__module__}.{measure.__name__} ...", file=sys.stderr)
            sections.append(measure(folder))
    text = written([*about, f"It took {time.perf_counter() - start:.0f} s"], sections)
    RESULTS.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
