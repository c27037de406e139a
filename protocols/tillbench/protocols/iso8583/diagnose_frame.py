"""A frame that cannot be read, line and all: is it the line, the definition, or the frame?"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from tillbench.protocols.iso8583.diagnose import Finding, findings, score
from tillbench.protocols.iso8583.diagnose_line import ALL_LINES, Found, detect, fitting, is_tpdu, opened, stripped
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.lines import Line, Packet
from tillbench.protocols.iso8583.rule import DialectError

_LONGEST_HEADER = 30
_ONE_THING, _ODD_HEADER, _SEVERAL_THINGS = 1.0, 2.0, 1.5
_USUAL_HEADERS = (0, 6, 12)
_CLEARLY_BETTER = 1.0


class Diagnosis(NamedTuple):
    """found: the frame as it was taken apart, without a body when that could not be done.

    error: why its message cannot be read, None when it can. line_error: what is wrong with its framing. findings:
    changes with which it could be read, or, when it can be read already, with which it would make clearly more sense;
    best first.
    """

    found: Found
    error: FormatError | None
    line_error: FormatError | None
    findings: list[Finding]


def diagnose(dialect: Dialect, data: bytes, line: str = "auto", others: Iterable[Dialect] = ()) -> Diagnosis:
    """What is wrong with a frame, or with its definition. KeyError: no such line."""
    others = tuple(others)
    if line == "auto":
        found, listed = _best_line(dialect, data, others)
        line_error = _line_error(found.line, data)
    else:
        line_error = _line_error(line, data)
        found = (opened(line, data) if line_error is None else stripped(line, data)) or Found(line, 0, Packet(b""))
        listed = findings(dialect, found.packet.body, others) if line_error is None else []
        listed = sorted([*listed, *_lines(dialect, data, line)], key=lambda finding: finding.score)
    error = None
    try:
        if line_error is None or found.packet.body:
            dialect.open(found.packet.body)
    except FormatError as fault:
        error = fault
    if error is None and line_error is None:
        own = score(dialect, found.packet.body)
        listed = [finding for finding in listed if own is not None and finding.score < own - _CLEARLY_BETTER]
    return Diagnosis(found, error, line_error, listed)


def _line_error(line: str, data: bytes) -> FormatError | None:
    try:
        opened(line, data)
    except FormatError as error:
        return error
    return None


def _best_line(dialect: Dialect, data: bytes, others: tuple[Dialect, ...]) -> tuple[Found, list[Finding]]:
    """The line on which the message reads, or could be made to read, best, and how. A frame whose length does not
    fit was cut or has grown: no definition is to blame."""
    detected = detect(dialect, data)
    if detected.missing:
        return detected, []
    own = score(dialect, detected.packet.body)
    if own is not None:
        return detected, findings(dialect, detected.packet.body, others)
    best: tuple[float, Found, list[Finding]] | None = None
    for found in fitting(data):
        listed = findings(dialect, found.packet.body, others)
        if listed and (best is None or listed[0].score < best[0]):
            best = listed[0].score, found, listed
    return (best[1], best[2]) if best else (detected, [])


def _lines(dialect: Dialect, data: bytes, name: str) -> Iterator[Finding]:
    """The other lines on which the message can be read, the best for each part of the line that differs."""
    line = ALL_LINES[name]
    best: dict[str, Finding] = {}
    for cost, path, words, other in _line_edits(line):
        try:
            packet = other.parse(data)
        except FormatError:
            continue
        total = None if other.tpdu and not is_tpdu(packet.tpdu) else score(dialect, packet.body)
        if total is not None and (path not in best or total + cost < best[path].score):
            best[path] = Finding(path, words, {}, total + cost)
    yield from best.values()


def _line_edits(line: Line) -> Iterator[tuple[float, str, str, Line]]:
    """(cost, path, words, line): all lines that differ in one thing, and those with a name."""
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("TPDU", "no TPDU" if line.tpdu else "a TPDU of 5 bytes", {"tpdu": not line.tpdu}),
        (
            "STX",
            "no STX, ETX and LRC" if line.marked else "STX before, ETX and LRC behind",
            {"marked": not line.marked},
        ),
        (
            "length",
            "the length does not count itself" if line.whole else "the length counts itself",
            {"whole": not line.whole},
        ),
    ]
    for size in (0, 2, 4):
        for code in ("binary", "ascii", "bcd"):
            if size != line.length or code != line.code:
                words = f"a length of {size} bytes, {code}" if size else "no length"
                largest = 99 if (size, code) == (2, "ascii") else 4096
                changes.append(("length", words, {"length": size, "code": code, "largest": largest}))
    for size in range(_LONGEST_HEADER + 1):
        words = f"a header of {size} bytes, not {line.header}" if size else f"no header of {line.header} bytes"
        changes.append(("header", words, {"header": size}))
    seen = [line]
    for path, words, change in changes:
        try:
            other = replace(line, **change)
        except DialectError:
            continue
        if other != line:
            seen.append(other)
            odd = path == "header" and other.header not in _USUAL_HEADERS
            yield (_ODD_HEADER if odd else _ONE_THING), path, words, other
    for name, other in ALL_LINES.items():
        if other not in seen:
            yield _SEVERAL_THINGS, "line", f"line {name}", other
