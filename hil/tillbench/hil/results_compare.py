"""`python -m tillbench.hil.results_compare A.csv B.csv`: two runs of the qualification suite; exit 1 if a verdict is
another, 2 if nothing was run in either. What was measured is told side by side, and judged by nobody."""

from __future__ import annotations

import sys
from pathlib import Path

from tillbench.hil.qualification.cases import NOT_RUN
from tillbench.hil.results import differences, measured, read_csv, tally


def main(arguments: list[str]) -> int:
    """0 alike, 1 not, 2 for a mistake."""
    if len(arguments) != 2:
        print("expected two CSV files of --till-results", file=sys.stderr)
        return 2
    try:
        first, second = (read_csv(Path(name)) for name in arguments)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if all(item.verdict == NOT_RUN for item in (*first, *second)):
        print("no case was run in either, so nothing to compare", file=sys.stderr)
        return 2
    told = differences(first, second)
    print("\n".join(told) if told else f"{len(first)} cases, the same verdicts: {tally(first)}")
    notes = {item.id: item.note for item in measured(second)}
    for item in measured(first):
        print(f"{item.id}: {item.note}\n{'':{len(item.id)}}  {notes.get(item.id, 'not measured')}")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
