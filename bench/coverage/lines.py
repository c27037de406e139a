"""Lines that MicroPython has run, handed to coverage.py, which knows what a statement is and how to show it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from coverage import Coverage, CoverageData


def gathered(folder: Path) -> dict[str, set[int]]:
    """The lines run, by file, of all processes that have left theirs in `folder` (`on_device/line_trace.py`)."""
    found: dict[str, set[int]] = defaultdict(set)
    for file in folder.iterdir():
        for line in file.read_text().splitlines():
            # A killed process may have left half a line.
            name, colon, number = line.rpartition(":")
            if colon and number.isdigit():
                found[str(Path(name).resolve())].add(int(number))
    return dict(found)


def report(lines: dict[str, set[int]], root: Path, into: Path) -> float:
    """Print the table, write a page for each file and coverage.xml into `into`; the percentage of all statements.

    Files of `root` that nobody has imported count as not run. What is for type checkers only does not count.
    """
    into.mkdir(parents=True, exist_ok=True)
    file = into / ".coverage"
    file.unlink(missing_ok=True)
    firmware = sorted(str(path.resolve()) for path in root.rglob("*.py"))
    data = CoverageData(basename=str(file))
    data.add_lines({name: lines.get(name, set()) for name in firmware})
    data.write()
    coverage = Coverage(data_file=str(file), config_file=False, include=firmware)
    coverage.exclude("if TYPE_CHECKING:")
    coverage.load()
    coverage.xml_report(outfile=str(into / "coverage.xml"))
    coverage.html_report(directory=str(into))
    percentage = coverage.report(skip_empty=True)
    print(f"{percentage:.1f} % of the firmware's statements; {into / 'index.html'}")
    return percentage
