"""Keypad behind the PCF8575: every line at rest, every two against each other, then every key by hand."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.i2c_bus import answers
from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding
from tillbench.host.devices.keypad import LAYOUT

KEY_MS = 8000
_ROWS_OF_PATIENCE = 2
"""As many broken row wires are hardly ever all that there is: then nobody waits for the other keys."""
_RELEASED = 0xFFFF

Place = tuple[int, int]
"""Row and column."""


def examine(wires: Wires, person: Person) -> Iterator[Finding]:
    """Up to the first finding after which pressing keys would say nothing."""
    wiring = Wiring.of(wires)
    if not (yield from answers(wires, wiring, "PCF8575", wiring.expander)):
        return
    shorts = list(_shorts(wires, wiring))
    yield from shorts
    if shorts:
        return
    yield Finding(True, "lines", "all are free at rest, and no two touch")
    yield from _keys(wires, person, wiring)


def _name(wiring: Wiring, line: int) -> str:
    if line in wiring.rows:
        return f"row {wiring.rows.index(line)} (line {line})"
    return f"column {wiring.columns.index(line)} (line {line})"


def _shorts(wires: Wires, wiring: Wiring) -> Iterator[Finding]:
    lines = (*wiring.rows, *wiring.columns)
    at_rest = wires.call("expander", _RELEASED)
    low = [line for line in lines if not at_rest >> line & 1]
    yield from (Finding(False, "lines", f"{_name(wiring, line)} is held low: a short to ground") for line in low)
    told: set[frozenset[int]] = set()
    for line in lines:
        levels = wires.call("expander", _RELEASED & ~(1 << line))
        for other in lines:
            pair = frozenset((line, other))
            if other == line or other in low or line in low or levels >> other & 1 or pair in told:
                continue
            told.add(pair)
            both_kinds = (line in wiring.rows) != (other in wiring.rows)
            why = "a key that is stuck, or a short" if both_kinds else "a short"
            yield Finding(False, "lines", f"{_name(wiring, line)} touches {_name(wiring, other)}: {why}")


def _keys(wires: Wires, person: Person, wiring: Wiring) -> Iterator[Finding]:
    silent: set[Place] = set()
    pressed = 0
    interrupts: list[bool] = []
    went: dict[Place, Place] = {}
    for row, captions in enumerate(LAYOUT):
        if row == _ROWS_OF_PATIENCE and not pressed:
            break
        for column, caption in enumerate(captions):
            person.do(f"press {caption}")
            fell, closed = wires.call("key", KEY_MS)
            if not closed:
                silent.add((row, column))
                continue
            pressed += 1
            interrupts += [] if fell is None else [fell]
            places = [tuple(place) for place in closed]
            if len(places) == 1:
                went[row, column] = places[0]
            yield _key(caption, (row, column), places)
    if not pressed:
        yield Finding(False, "keys", "none was heard: the keypad's cable is not plugged in, or nobody has pressed one")
        return
    yield from _silence(wiring, silent)
    yield from _exchanged(wiring, went)
    yield _interrupt(wiring, interrupts)


def _key(caption: str, expected: Place, closed: list[tuple[int, ...]]) -> Finding:
    said = " and ".join("row {}, column {}".format(*place) for place in closed)
    if closed == [expected]:
        return Finding(True, f"key {caption}", said)
    return Finding(False, f"key {caption}", "closes {}; expected row {}, column {}".format(said, *expected))


def _silence(wiring: Wiring, silent: set[Place]) -> Iterator[Finding]:
    """A whole row or column that says nothing is one broken wire; every other key is one of its own."""
    height, width = len(wiring.rows), len(wiring.columns)
    rows = [row for row in range(height) if all((row, column) in silent for column in range(width))]
    columns = [column for column in range(width) if all((row, column) in silent for row in range(height))]
    for kind, numbers, lines in (("row", rows, wiring.rows), ("column", columns, wiring.columns)):
        for number in numbers:
            keys = LAYOUT[number] if kind == "row" else [captions[number] for captions in LAYOUT]
            heard = f"none of {' '.join(keys)} was heard"
            wire = f"the wire between the keypad's {kind} {number} and line {lines[number]} of the PCF8575 is broken"
            yield Finding(False, f"{kind} {number}", f"{heard}: {wire}")
    for row, column in sorted(silent):
        if row not in rows and column not in columns:
            where = f"row {row}, column {column}, whose other keys work"
            yield Finding(False, f"key {LAYOUT[row][column]}", f"was not heard: {where}: its contact, or nobody")


def _exchanged(wiring: Wiring, went: dict[Place, Place]) -> Iterator[Finding]:
    """Keys that all go to another row or column: their wires are exchanged, the keys are well."""
    for kind, axis, count in (("row", 0, len(wiring.rows)), ("column", 1, len(wiring.columns))):
        for number in range(count):
            targets = {place[axis] for key, place in went.items() if key[axis] == number}
            if len(targets) == 1 and (other := targets.pop()) != number:
                yield Finding(False, f"{kind} {number}", f"arrives as {kind} {other}: wires exchanged")


def _interrupt(wiring: Wiring, fell: list[bool]) -> Finding:
    """`fell`: for each key that went down while the board was watching."""
    wire = wiring.pin("keypad_int", "INT")
    if not fell:
        return Finding(None, "INT", f"{wire} was not seen: every key was down already; press after the arrow")
    if all(fell):
        return Finding(True, "INT", f"{wire} fell with each of {len(fell)} keys")
    if any(fell):
        return Finding(False, "INT", f"{wire} fell with {sum(fell)} of {len(fell)} keys: a loose contact")
    return Finding(False, "INT", f"{wire} never fell: its wire is broken; the terminal would not wake for a key")
