"""Do terminal and host agree? The last settlement as each of them has it, and the books by themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from tillbench.host.acquirer import totals
from tillbench.host.acquirer.counted import Counted
from tillbench.host.acquirer.schema import Settlement
from tillbench.host.terminal import Terminal

NAMES = (
    "domestic debits, amount",
    "domestic debits, number",
    "domestic credits, amount",
    "domestic credits, number",
    "foreign debits, amount",
    "foreign debits, number",
    "foreign credits, amount",
    "foreign credits, number",
)


def differences(terminal: Terminal) -> list[str]:
    """What does not agree, in words; an empty list when all of it does. Amounts in minor units.

    The host's totals are those after the repair, if the settlement needed one.
    """
    told: dict[str, Any] = terminal.desk.ask({"settlement": {}})
    found = [f"books: {fault}" for fault in terminal.acquirer.ledger.faults()]
    with terminal.acquirer.ledger.reading() as session:
        settlement = session.scalars(select(Settlement).order_by(Settlement.id.desc())).first()
        if settlement is None:
            return [*found, "the host has no settlement"]
        counted_by = {row.counted_by for row in settlement.totals}
        host = _row(totals.from_rows(settlement.totals, "repair" if "repair" in counted_by else "host"))
        batch, state = settlement.batch, settlement.state
    if told["batch"] != batch:
        found.append(f"batch: terminal {told['batch']:06}, host {batch:06}")
    if (told["stage"], state) != ("done", "closed"):
        found.append(f"state: terminal {told['stage']}, host {state}")
    for name, mine, theirs in zip(NAMES, told["totals"], host, strict=True):
        if mine != theirs:
            found.append(f"{name}: terminal {mine}, host {theirs}")
    return found


def _row(counted: Counted) -> list[int]:
    row = []
    for side in (counted.domestic, counted.foreign):
        row += [side.debit_amount, side.debit_count, side.credit_amount, side.credit_count]
    return row
