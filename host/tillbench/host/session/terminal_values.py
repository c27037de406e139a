"""What a recorded terminal said of its transaction: amount, date, type."""

from __future__ import annotations

from tillbench.host.emv_run import Order
from tillbench.host.session.dialogue import Dialogue
from tillbench.host.session.folding import fold
from tillbench.host.session.record import Session


def terminal_values(session: Session) -> dict[int, str]:
    """The first value that the terminal sent for each tag, in digits."""
    values: dict[int, str] = {}
    dialogue = Dialogue()
    for event in fold(session.events):
        step = dialogue.follow(event)
        for item in step.sent if step else ():
            if item.tag and "*" not in item.value:
                values.setdefault(item.tag, item.value)
    return values


def order_of(session: Session) -> Order:
    """The transaction that was recorded; what it does not tell is that of `Order`."""
    values, plain = terminal_values(session), Order()
    return Order(
        amount=_number(values.get(0x9F02), plain.amount),
        other=_number(values.get(0x9F03), plain.other),
        kind=_number(values.get(0x9C), plain.kind, 16),
        date=values.get(0x9A, plain.date),
    )


def _number(text: str | None, otherwise: int, base: int = 10) -> int:
    try:
        return int(text, base) if text else otherwise
    except ValueError:
        return otherwise
