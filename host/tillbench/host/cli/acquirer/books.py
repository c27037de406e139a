"""`tillbench acquirer ledger`, `totals`, `show`, `export`, `stats`, `limit`, `check`: the books, for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tillbench.host.acquirer import Ledger, reports
from tillbench.host.acquirer.reports import Row
from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.state import StateDir, default_state_dir
from tillbench.protocols.emv.masking import mask_pan

SHORT = ("time", "terminal", "batch", "stan", "kind", "card", "amount", "code", "booked", "in force", "rrn")
NOTHING = "the books are empty"


@contextmanager
def books(state: Path | None, db: str | None) -> Iterator[Ledger]:
    """The ledger that the options name, which must be there. Raises LedgerUnavailable."""
    ledger = Ledger(db or StateDir(state or default_state_dir()).ledger_url, make=False)
    try:
        yield ledger
    finally:
        ledger.close()


def entries(ledger: Ledger, terminal: str, last: int) -> Iterator[str]:
    """The lines of `ledger`."""
    rows = reports.entries(ledger, terminal, last)
    if terminal and not rows:
        return iter([f"the books have nothing of terminal {terminal}"])
    return aligned([{name: row[name] for name in SHORT} for row in rows])


def show(ledger: Ledger, rrn: str) -> Iterator[str]:
    """The lines of `show`: every field of a transaction and of all that belongs to it. Raises Refused."""
    try:
        family = reports.belonging(ledger, rrn)
    except LookupError as error:
        raise Refused(f"{error}; `tillbench acquirer ledger` lists them") from None
    for row in family:
        yield f"{row['kind']} {row['rrn']}{'  <-' if row['rrn'] == rrn else ''}"
        for name, value in row.items():
            if value and name not in ("kind", "rrn"):
                yield f"  {name:14} {value}"


def exported(ledger: Ledger) -> str:
    """Every entry as comma-separated values, with a head line (RFC 4180)."""
    rows = reports.entries(ledger)
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def limit_card(ledger: Ledger, pan: str, each: int, a_day: int, count: int) -> str:
    """Set a card's limits; says what they are now. Raises Refused."""
    try:
        ledger.limit(pan, each=each, a_day=a_day, count=count)
    except LookupError as error:
        raise Refused(f"{mask_pan(pan)}: {error}") from None
    shown = {"each": f"{each / 100:.2f}", "24 hours": f"{a_day / 100:.2f}", "number": str(count)}
    limits = ", ".join(f"{name} {value}" for name, value in shown.items() if value.strip("0."))
    return f"{mask_pan(pan)}: {limits or 'no limits'}"


def check(ledger: Ledger) -> list[str]:
    """What is wrong with the books."""
    return ledger.faults()


def statistics(ledger: Ledger, by: str) -> Iterator[str]:
    """The lines of `stats`. Raises Refused."""
    if by not in reports.GROUPS:
        raise Refused(f"--by {by}: expected {', '.join(reports.GROUPS)}")
    return aligned(reports.statistics(ledger, by))


def batch_totals(ledger: Ledger) -> Iterator[str]:
    """The lines of `totals`."""
    return aligned(reports.batch_totals(ledger))


def aligned(rows: Sequence[Row]) -> Iterator[str]:
    """A head line and a line a row, in columns; numbers to the right."""
    if not rows:
        yield NOTHING
        return
    names = list(rows[0])
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    right = {name for name in names if all(row[name].replace(".", "").lstrip("-").isdecimal() for row in rows)}
    for row in ({name: name for name in names}, *rows):
        cells = (row[name].rjust(widths[name]) if name in right else row[name].ljust(widths[name]) for name in names)
        yield "  ".join(cells).rstrip()
