"""`python -m bench.coverage [PYTEST ARGUMENTS]`: which lines of the firmware a run of tests has executed.

The tests run on MicroPython's Unix port with line tracing (`bench/coverage/build.sh` makes it), some ten times as slow
as usual. What they have run is told as coverage.py tells it: a table, and in --into a page for each file and
coverage.xml (Cobertura) for the CI's own display. Without arguments the scenes of the golden frames run, in English:
every flow of the terminal once. The exit status is pytest's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.qemu_images import cache_dir

from bench.coverage.lines import gathered, report

HERE = Path(__file__).parent
EVERY_FLOW = ("tests/hil/test_golden.py", "-k", "not zh")
PATIENCE_S = 3600


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.coverage", description=__doc__.split("\n\n")[0])
    parser.add_argument("--into", type=Path, default=Path("out/firmware-coverage"), metavar="FOLDER")
    options, arguments = parser.parse_known_args()
    traced = cache_dir() / "traced" / "micropython"
    if not traced.is_file():
        print(f"no MicroPython with line tracing at {traced}: run bench/coverage/build.sh first")
        return 2
    with tempfile.TemporaryDirectory(prefix="tillbench-lines-") as folder:
        status = subprocess.run(
            [sys.executable, "-m", "pytest", f"--timeout={PATIENCE_S}", *(arguments or EVERY_FLOW)],
            env={
                **os.environ,
                "TILLBENCH_MICROPYTHON": str(HERE / "micropython.sh"),
                "TILLBENCH_TRACED": str(traced),
                "TILLBENCH_TRACE": folder,
            },
            check=False,
        ).returncode
        report(gathered(Path(folder)), firmware_root(), options.into)
    return status


if __name__ == "__main__":
    sys.exit(main())
