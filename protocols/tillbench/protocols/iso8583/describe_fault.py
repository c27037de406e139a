"""A fault with the bytes around it, fit for a screen: card data and keys covered."""

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.privacy import PAN, TRACK_2, TRACK_3
from tillbench.protocols.iso8583.walk import read_bitmap

_CLOSED = frozenset({PAN, TRACK_2, TRACK_3, 34, 40, 45, 48, 59, 62, 102, 103})
_ROW = 16
_AFTER = 2  # bytes shown behind a fault: what they are is not known, so not enough of them for a card number


def fault_lines(dialect: Dialect, body: bytes, error: FormatError, start: int = 0, unmasked: bool = False) -> list[str]:
    """The error in words, then a row of hex with a mark under the place. `start`: where the message begins in the
    frame, whose offsets are given too. Masked, `**` stands for bytes of card data, keys, and what follows the fault.
    """
    where = f" (byte {start + error.offset} of the frame)" if start else ""
    rows = error.around(body)
    if not unmasked:
        rows = _covered(dialect, body, error, rows)
    return [f"{error}{where}", *rows]


def _covered(dialect: Dialect, body: bytes, error: FormatError, rows: list[str]) -> list[str]:
    closed: set[int] = set()
    reached = 0
    try:
        for step in dialect.walk(body):
            reached = step.end if step.number else read_bitmap(dialect.envelope, body, step.end)[1]
            rule = dialect.rules.get(step.number)
            if step.number in _CLOSED or (rule and rule.type == "b" and step.number != 55):
                closed.update(range(step.value_start, step.end))
    except FormatError:
        pass
    first = int(rows[0][:4], 16)
    cells = rows[0][6:].split()
    rule = dialect.rules.get(error.field)
    secret = error.field in _CLOSED or bool(rule and rule.type == "b")
    for index in range(len(cells)):
        at = first + index
        behind = at > error.offset + _AFTER and not error.part
        inside = secret and not error.part and at >= reached + (rule.prefix if rule else 0) and at != error.offset
        if at in closed or behind or inside:
            cells[index] = "**"
    return [f"{rows[0][:6]}{' '.join(cells)}", rows[1]]
