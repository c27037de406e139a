"""Which single change of a definition makes a frame readable that it cannot read: the fault is in the definition
(or in the line) where that change is.

All changes of one row, of the wire, of the line, and all other dialects are tried; those that read the frame to its
end are ranked by how sensible every value looks then, how common the mistake is, and how far it is from the place
where reading stopped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from tillbench.protocols.iso8583 import plausible
from tillbench.protocols.iso8583.describe_table import CODE_WORDS, COUNT_WORDS
from tillbench.protocols.iso8583.diagnose_edits import new_rows, row_edits, wire_edits, words
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import END, FormatError
from tillbench.protocols.iso8583.rule import DialectError, Rule
from tillbench.protocols.iso8583.walk import TOP, Step, read_bitmap, take

_OTHER_DIALECT, _BITMAPS, _APART = 4.0, 1.0, 0.3
_CUT, _PER_BYTE = 4.0, 0.1
_ANY_BIT = (1 << TOP) - 1


class Finding(NamedTuple):
    """A change that makes the frame readable.

    path: `48`, `bitmap`, `wire.digits`, `dialect`; of the line `length`, `TPDU`, `header`, `STX`, `line`; `end` when
    the definition may be right, and bytes are missing or too many. words: what is to be changed. change: the same as
    attributes of the definition, rows under `fields`. score: the lower the likelier.
    """

    path: str
    words: str
    change: dict[str, Any]
    score: float


def findings(dialect: Dialect, body: bytes, others: Iterable[Dialect] = ()) -> list[Finding]:
    """The changes that let the dialect read the body, best first, at most one for each row and each way to change
    the wire; empty when there is none. `others`: dialects that it may be in."""
    found = [*_rows(dialect, body), *_wires(dialect, body), *_dialects(dialect, body, others), *_ends(dialect, body)]
    best: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda finding: finding.score):
        best.setdefault(finding.path, finding)
    return list(best.values())


def score(dialect: Dialect, body: bytes) -> float | None:
    """How little sense the body makes in this dialect: 0 and below when all is well; None: it cannot be read."""
    try:
        mti, *steps = dialect.walk(body)
    except FormatError:
        return None
    penalty = plausible.message_type(str(mti.value)) + sum(_penalty(dialect, step) for step in steps)
    return penalty + plausible.together({step.number: step.value for step in steps})


def _penalty(dialect: Dialect, step: Step, rule: Rule | None = None) -> float:
    """rule: the changed one; one of another length is made of other parts than the dialect says."""
    row = dialect.fields.get(step.number)
    old = dialect.rules.get(step.number)
    parts = row.parts if row and (rule is None or (old and rule.high == old.high)) else None
    return plausible.value(rule or dialect.rules[step.number], step.value, parts)


def _rows(dialect: Dialect, body: bytes) -> Iterator[Finding]:
    """Changes of one row, of those that begin where reading got to or before."""
    try:
        mti = take(dialect.envelope.mti, body, 0)
        bits, at = read_bitmap(dialect.envelope._replace(known=_ANY_BIT, always=False), body, mti.end)
    except FormatError:
        return
    maps = {1 + 64 * index for index in range(dialect.bitmaps - 1)}
    numbers = [n for n in range(1, TOP) if bits >> (TOP - n) & 1 and n not in maps]
    unknown = [number for number in numbers if number not in dialect.rules]
    if len(unknown) > 1 or 1 in unknown:
        return
    base = plausible.message_type(str(mti.value))
    reached: list[tuple[int, float]] = []  # where each field starts, and the penalty of those before it
    steps: list[Step] = []
    for number in numbers:
        reached.append((at, base))
        if number in unknown:
            break
        try:
            step = take(dialect.rules[number], body, at)
        except FormatError:
            break
        steps.append(step)
        base += _penalty(dialect, step)
        at = step.end
    apart = 0.0 if len(steps) == len(numbers) else _APART  # read to the end: no field is nearer to the fault
    for place, (start, before) in enumerate(reached):
        number = numbers[place]
        if unknown and number != unknown[0]:
            continue
        row = dialect.fields.get(number)
        edits = new_rows(number, dialect.wire) if row is None else row_edits(row, dialect.wire)
        distance = apart * (len(reached) - 1 - place)
        for edit in edits:
            rest = _rest(dialect, body, numbers[place:], start, edit.rule)
            if rest is None:
                continue
            values = {step.number: step.value for step in [*steps[:place], *rest]}
            total = before + edit.cost + distance + plausible.together(values)
            total += _penalty(dialect, rest[0], edit.rule) + sum(_penalty(dialect, step) for step in rest[1:])
            name = f" ({row.name})" if row and row.name != f"field {number}" else ""
            text = f"field {number}{name}: {words(dialect.rules.get(number), edit.rule)}"
            yield Finding(str(number), text, {"fields": {number: edit.change}}, total)


def _rest(dialect: Dialect, body: bytes, numbers: list[int], at: int, first: Rule) -> list[Step] | None:
    """The fields from `at` on, the first of them by its changed rule; None when they do not fill the body."""
    steps = []
    rule = first
    try:
        for index, number in enumerate(numbers):
            rule = dialect.rules[number] if index else first
            step = take(rule, body, at)
            steps.append(step)
            at = step.end
    except FormatError:
        return None
    return steps if at == len(body) else None


def _wires(dialect: Dialect, body: bytes) -> Iterator[Finding]:
    present = _present(dialect, body)
    for cost, attribute, new in wire_edits(dialect.wire):
        old = getattr(dialect.wire, attribute)
        if new == old:
            continue
        change: dict[str, Any] = {attribute: new}
        moves = attribute in ("bitmap", "digits", "codepage")  # then other bits may be on than those seen now
        try:
            other = (dialect if moves else present).changed(wire=replace(dialect.wire, **change))
        except DialectError:
            continue
        total = score(other, body)
        if total is not None:
            path = "bitmap" if attribute == "bitmap" else f"wire.{attribute}"
            text = f"{_ATTRIBUTES[attribute]}: {_word(attribute, new)}, not {_word(attribute, old)}"
            yield Finding(path, text, {"wire": change}, total + cost)
    for bitmaps in {1, 2, 3} - {dialect.bitmaps}:
        try:
            other = dialect.changed(bitmaps=bitmaps)
        except DialectError:
            continue
        total = score(other, body)
        if total is not None:
            yield Finding("bitmap", f"bitmaps: up to {bitmaps}", {"bitmaps": bitmaps}, total + _BITMAPS)
    if dialect.second_bitmap == "always":
        total = score(dialect.changed(second_bitmap="needed"), body)
        if total is not None:
            change = {"second_bitmap": "needed"}
            yield Finding("bitmap", "the second bitmap is sent when needed, not always", change, total + _BITMAPS)


def _present(dialect: Dialect, body: bytes) -> Dialect:
    """The dialect without the rows that the body does not use, which are most; whole when that cannot be said."""
    try:
        mti = take(dialect.envelope.mti, body, 0)
        bits, _ = read_bitmap(dialect.envelope, body, mti.end)
    except FormatError:
        return dialect
    return replace(dialect, rows=tuple(row for row in dialect.rows if bits >> (TOP - row.number) & 1))


def _dialects(dialect: Dialect, body: bytes, others: Iterable[Dialect]) -> Iterator[Finding]:
    for other in others:
        if other is dialect or other.name == dialect.name:
            continue
        total = score(other, body)
        if total is not None:
            text = f"another dialect: {other.name}" + (f" ({other.title})" if other.title else "")
            yield Finding("dialect", text, {"base": other.name}, total + _OTHER_DIALECT)


def _ends(dialect: Dialect, body: bytes) -> Iterator[Finding]:
    """Not the definition: a message that was cut, or one with something behind it."""
    total = 0.0
    try:
        for step in dialect.walk(body):
            total += _penalty(dialect, step) if step.number else plausible.message_type(str(step.value))
    except FormatError as error:
        if error.field == END:
            size = len(body) - error.offset
            text = f"{size} {_bytes(size)} too many behind the last field"
            yield Finding("end", text, {}, total + _CUT + _PER_BYTE * size)
        elif error.found.endswith(" bytes") and error.offset + int(error.found.split()[0]) == len(body):
            size = int(error.expected.split()[0]) - int(error.found.split()[0])
            text = f"the message is cut: {size} {_bytes(size)} of field {error.field} missing, and what follows it"
            yield Finding("end", text, {}, total + _CUT + _PER_BYTE * size)


def _bytes(size: int) -> str:
    return "byte" if size == 1 else "bytes"


_ATTRIBUTES = {
    "digits": "all digits",
    "tracks": "the tracks",
    "text": "all text",
    "binary": "all bytes",
    "bitmap": "the bitmap",
    "counts": "all counts",
    "fixed_pad": "pad nibbles of fixed fields",
    "variable_pad": "pad nibbles of variable fields",
    "fill": "pad nibbles",
    "codepage": "the code page",
}


def _word(attribute: str, value: str) -> str:
    if attribute in ("digits", "tracks", "text", "binary", "bitmap"):
        return CODE_WORDS[value]
    return COUNT_WORDS[value] if attribute == "counts" else f"on the {value}" if attribute.endswith("pad") else value
