"""The 1987 definitions that other tools publish, put together here from their facts: lengths and kinds, field by field.

moov-io/iso8583: `examples/specs/spec87ascii.json`. jPOS: `iso87binary.xml` and `iso87ascii-binary-bitmap.xml`. Names,
order of attributes and everything else in the texts are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_FIXED = (
    "3:6 4:12 5:12 6:12 7:10 8:8 9:8 10:8 11:6 12:6 13:4 14:4 15:4 16:4 17:4 18:4 19:3 20:3 21:3 22:3 23:3 24:3 25:2"
    " 26:2 27:1 53:16"
)
_SECOND = (
    "66:1 67:2 68:3 69:3 70:3 71:4 72:4 73:6 74:10 75:10 76:10 77:10 78:10 79:10 80:10 81:10 82:12 83:12 84:12 85:12"
    " 86:16 87:16 88:16 89:16 90:42"
)
_TEXT = "37:12 38:6 39:2 40:3 41:8 42:15 43:40 49:3 50:3 51:3"
_LONG = (46, 47, 48, *range(55, 64))


def sizes(facts: str) -> Iterator[tuple[int, int]]:
    for fact in facts.split():
        number, size = fact.split(":")
        yield int(number), int(size)


def moov_87_ascii() -> str:
    """JSON of moov's ASCII definition: text all over, hexadecimal bitmap, PIN data and MAC."""
    rows: dict[int, dict[str, Any]] = {}

    def add(number: int, size: int, prefix: str, enc: str = "ASCII", kind: str = "String") -> None:
        rows[number] = {"type": kind, "length": size, "enc": enc, "prefix": prefix, "description": f"Field {number}"}

    add(0, 4, "ASCII.Fixed")
    add(1, 16, "Hex.Fixed", "Hex", "Bitmap")
    for number, size in sizes(_FIXED + " 28:9 29:9 30:9 31:9 90:42 " + _TEXT):
        add(number, size, "ASCII.Fixed", kind="Numeric" if number == 3 else "String")
    for number in (3, 4, 5, 6):
        rows[number]["padding"] = {"type": "Left", "pad": "0"}
    for number, size in sizes("2:19 32:11 33:11 34:28 35:37 44:99 45:76"):
        add(number, size, "ASCII.LL")
    for number, size in [(36, 104), (54, 120), *((number, 999) for number in _LONG)]:
        add(number, size, "ASCII.LLL")
    for number in (52, 64):
        add(number, 8, "Hex.Fixed", "Hex")
    fields = {str(number): rows[number] for number in sorted(rows)}
    return json.dumps({"name": "ISO 8583 v1987 ASCII", "fields": fields})


def jpos_87(letter: str) -> str:
    """XML of jPOS's 1987 definition: letter B, BCD and raw bytes; letter A, text with a raw bitmap."""
    rows: dict[int, tuple[int, str, str]] = {1: (16, "IFB_BITMAP", ""), 65: (1, f"IF{letter}_BINARY", "")}
    left, right = ('pad="true"', 'pad="false"') if letter == "B" else ("", "")
    for number, size in sizes("0:4 " + _FIXED + " " + _SECOND):
        rows[number] = size, f"IF{letter}_NUMERIC", left
    for number, size in sizes("28:9 29:9 30:9 31:9 97:17"):
        rows[number] = size, f"IF{letter}_AMOUNT", right if number == 97 else left
    for number, size in sizes("2:19 32:11 33:11 35:37 99:11 100:11"):
        rows[number] = size, f"IF{letter}_LLNUM", right
    for number, size in sizes("34:28 44:25 45:76 101:17 102:28 103:28"):
        rows[number] = size, f"IF{letter}_LLCHAR", ""
    for number, size in [(36, 104), (54, 120), (104, 100), *((n, 999) for n in (*_LONG, *range(105, 128)))]:
        rows[number] = size, f"IF{letter}_LLLCHAR", ""
    for number, size in sizes(_TEXT + " 91:1 92:2 93:6 94:7 95:42 98:25"):
        rows[number] = size, "IF_CHAR", ""
    for number, size in sizes("52:8 64:8 96:16 128:8"):
        rows[number] = size, f"IF{letter}_BINARY", ""
    fields = "\n".join(
        f'<isofield id="{number}" length="{rows[number][0]}" name="F{number}" {rows[number][2]}'
        f' class="org.jpos.iso.{rows[number][1]}"/>'
        for number in sorted(rows)
    )
    head = (
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!DOCTYPE isopackager PUBLIC "-//x" "http://x/x.dtd">'
    )
    return f"{head}\n<isopackager>\n{fields}\n</isopackager>\n"
