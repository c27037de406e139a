"""The single changes of a definition that are tried on a frame that it cannot read, and what they are in words.

A change of a row is a mapping of the attributes of `Field`, as `Dialect.changed` takes it. Its cost says how rarely a
definition is wrong in just that way, on the scale of `plausible`.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from tillbench.protocols.iso8583.describe_table import CODE_WORDS, COUNT_WORDS, length_words, unit_word
from tillbench.protocols.iso8583.field import Field, Length, Wire, fixed, ll, lll, llll
from tillbench.protocols.iso8583.rule import DialectError, Rule, resolve

_LONGEST_FIXED = 64
_USUAL_BYTES = (4, 8, 16, 32)
_SHAPES: dict[int, tuple[tuple[int, float], ...]] = {  # other widths of a count, by the width that there is
    1: ((2, 1.5), (3, 2.5)),
    2: ((3, 1.5), (1, 3.0), (4, 2.5)),
    3: ((2, 1.5), (4, 2.0), (1, 4.0)),
    4: ((3, 1.5), (2, 2.0), (5, 2.0), (6, 3.0)),
}
_MOST = {1: 9, 2: 99, 3: 999, 4: 9999, 5: 9999, 6: 9999}


class RowEdit(NamedTuple):
    """A changed row: what it costs, what is changed, and the rule that follows."""

    cost: float
    change: dict[str, Any]
    rule: Rule


@lru_cache(maxsize=1024)  # one frame asks for the same ones for each other dialect and each other wire
def row_edits(row: Field, wire: Wire) -> tuple[RowEdit, ...]:
    """All single changes of the row that make another rule of it, the cheapest way to each."""
    seen = {resolve(row, wire, "")}
    found = []
    for cost, change in _changes(row, resolve(row, wire, "")):
        try:
            rule = resolve(replace(row, **change), wire, "")
        except DialectError:
            continue
        found.append(RowEdit(cost, {key: new for key, new in change.items() if new != getattr(row, key)}, rule))
    edits = []
    for edit in sorted(found, key=lambda edit: edit.cost):
        if edit.rule not in seen:
            seen.add(edit.rule)
            edits.append(edit)
    return tuple(edits)


def new_rows(number: int, wire: Wire) -> Iterator[RowEdit]:
    """Rows for a number that the dialect does not know."""
    name = f"field {number}"
    shapes = [
        Field(number, name, "ans", lll(999)),
        Field(number, name, "ans", llll(9999)),
        Field(number, name, "ans", ll(99)),
        Field(number, name, "n", ll(99)),
        Field(number, name, "n", lll(999)),
        Field(number, name, "b", lll(999)),
        Field(number, name, "b", llll(9999)),
        Field(number, name, "b", ll(99)),
        Field(number, name, "b", fixed(8)),
    ]
    usual = len(shapes)
    shapes += [Field(number, name, kind, fixed(size)) for kind in ("n", "ans") for size in range(1, 43)]
    for place, row in enumerate(shapes):
        change = {"type": row.type, "length": row.length}
        yield RowEdit(1.0 if place < usual else 2.0, change, resolve(row, wire, ""))


def _changes(row: Field, rule: Rule) -> Iterator[tuple[float, dict[str, Any]]]:
    for unit in ("digits", "characters", "bytes", "nibbles"):
        yield 1.0, {"counts": unit}
    yield 1.0, {"pad": "right" if rule.pad_left else "left"}
    for fill in "0F":
        yield 1.5, {"fill": fill}
        yield 2.0, {"fill": fill, "counts": "bytes"}
    yield from _codes(rule)
    yield from _lengths(row, rule)
    if rule.type in ("n", "a", "an", "as", "ns"):
        yield 1.5, {"type": "ans", "code": rule.code if rule.code in ("ascii", "ebcdic") else None}
    if rule.type in ("n", "x+n"):
        yield 2.0, {"type": "z", "code": rule.code}
    if rule.type == "z" and rule.code != "packed":
        yield 1.5, {"type": "ans", "code": rule.code}


def _codes(rule: Rule) -> Iterator[tuple[float, dict[str, Any]]]:
    if rule.prefix:
        for count, cost in (("ascii", 1.5), ("bcd", 1.5), ("binary", 2.0), ("ebcdic", 2.5)):
            yield cost, {"count_code": count}
            if rule.code != "raw" and count in ("ascii", "ebcdic"):
                yield cost + 1.0, {"count_code": count, "code": count, "counts": None}
    digits = rule.type in ("n", "z", "x+n")
    for code, cost in (("packed", 1.5), ("ascii", 1.5), ("ebcdic", 2.5)):
        if digits or code != "packed":
            yield cost, {"code": code, "counts": None}
    if rule.type == "b":
        for code in ("raw", "hex", "hex-ebcdic"):
            yield 1.5, {"code": code, "counts": None}
        for code in ("ascii", "ebcdic"):
            yield 2.5, {"type": "ans", "code": code, "counts": None}
        return
    if not digits:
        for kind, cost in (("n", 1.5), ("z", 2.0)):
            yield cost, {"type": kind, "code": "packed", "counts": None}
            if rule.prefix:
                yield cost + 0.5, {"type": kind, "code": "packed", "counts": "bytes"}
    if rule.type == "x+n":
        yield 2.0, {"type": "n", "length": fixed(rule.high - 1)}
        yield 2.0, {"type": "n"}
    if not rule.prefix and digits:
        return  # bytes of a fixed number of digits are another length
    yield 3.5, {"type": "b", "code": "raw", "counts": None}
    yield 3.5, {"type": "b", "code": "hex", "counts": None}
    if rule.prefix and not digits:
        yield 2.0, {"type": "b", "code": "raw", "counts": "digits"}


def _lengths(row: Field, rule: Rule) -> Iterator[tuple[float, dict[str, Any]]]:
    if not rule.prefix:
        for width, cost in ((2, 3.0), (3, 3.0), (1, 4.0)):
            yield cost, {"length": Length(width, 1, _MOST[width])}
            if rule.high <= _MOST[width]:  # the usual value with a count before it: most of what is called variable
                yield cost - 2.0, {"length": Length(width, rule.high, rule.high)}
        for size in range(1, _LONGEST_FIXED + 1):
            yield (3.5 if rule.type != "b" or size in _USUAL_BYTES else 5.0), {"length": fixed(size)}
        return
    low, high = row.length.minimum, row.length.maximum
    most = _MOST.get(row.length.digits, high)
    yield 1.0, {"length": row.length._replace(minimum=0)}
    yield 1.0, {"length": row.length._replace(maximum=max(most, high))}
    for width, cost in _SHAPES.get(row.length.digits, ()):
        yield cost, {"length": Length(width, low, min(high, _MOST[width]))}
        yield cost + 0.5, {"length": Length(width, low, _MOST[width])}
    if rule.count_code == "binary":
        for size in (1, 2, 4):
            yield 1.5, {"length": row.length._replace(size=size)}
    for size in range(1, _LONGEST_FIXED + 1):
        yield 5.0, {"length": fixed(size)}


def wire_edits(wire: Wire) -> Iterator[tuple[float, str, str]]:
    """(cost, attribute, other value) of the wire as a whole; dearer than the same in one row, which explains less.
    Values that make no sense are left to `Dialect`."""
    for bitmap in ("raw", "hex", "hex-ebcdic"):
        yield 1.0, "bitmap", bitmap
    for side in ("left", "right"):
        yield 2.5, "fixed_pad", side
        yield 2.5, "variable_pad", side
    for attribute in ("digits", "tracks"):
        for code in ("packed", "ascii", "ebcdic"):
            yield 3.0, attribute, code
    for code in ("ascii", "ebcdic"):
        yield 3.0, "text", code
    for code in ("raw", "hex", "hex-ebcdic"):
        yield 3.0, "binary", code
    for count in ("bcd", "ascii", "binary", "ebcdic"):
        yield 3.5, "counts", count
    yield 3.0, "fill", "F"
    yield 4.0, "codepage", "cp500" if wire.codepage == "cp037" else "cp037"


def words(old: Rule | None, new: Rule) -> str:
    """What is different in a row, as `counts bytes, not digits`."""
    if old is None:
        count = f", a count of {new.prefix} bytes" if new.prefix else ""
        return f"is in use: {new.type} {length_words(new)}, {CODE_WORDS[new.code]}{count}"
    said = []
    if old.type != new.type:
        said.append(f"type {new.type}, not {old.type}")
    if old.code != new.code:
        said.append(f"{CODE_WORDS[new.code]}, not {CODE_WORDS[old.code]}")
    if not old.prefix or not new.prefix:
        if old.prefix:
            said.append(f"always {new.high} long, no count")
        elif new.prefix:
            said.append(f"a count of {new.prefix} {COUNT_WORDS[new.count_code]} bytes before it, not always {old.high}")
        elif old.high != new.high:
            said.append(f"{new.high} long, not {old.high}")
    else:
        if unit_word(old) != unit_word(new):
            said.append(f"the count counts {unit_word(new)}, not {unit_word(old)}")
        if old.count_code != new.count_code:
            said.append(f"the count in {COUNT_WORDS[new.count_code]}, not {COUNT_WORDS[old.count_code]}")
        if old.prefix != new.prefix and old.count_code == new.count_code:
            said.append(f"a count of {new.prefix} bytes, not {old.prefix}")
        if (old.low, old.high) != (new.low, new.high):
            said.append(f"length {length_words(new)}, not {length_words(old)}")
    if new.code == "packed" and new.fill != old.fill:
        said.append(f"pad {new.fill}, not {old.fill}")
    if new.code == "packed" and old.code == "packed" and new.pad_left != old.pad_left:
        said.append("padded on the left, not on the right" if new.pad_left else "padded on the right, not on the left")
    return "; ".join(said) or "as it is"
