"""The field table of a dialect, for a terminal or for a page of documentation."""

import inspect
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.subfields import BerTlv, Bitmapped, Layout, Positional, Tagged

HEADINGS = ("F", "Name", "Type", "Length", "Wire", "Parts", "Source")
COUNT_WORDS = {"bcd": "BCD", "ascii": "ASCII", "ebcdic": "EBCDIC", "binary": "binary"}
CODE_WORDS = {
    "packed": "packed digits",
    "ascii": "ASCII",
    "ebcdic": "EBCDIC",
    "raw": "bytes",
    "hex": "hex text",
    "hex-ebcdic": "hex text, EBCDIC",
}


class Row(NamedTuple):
    """One field, its cells as text."""

    number: str
    name: str
    type: str
    length: str
    wire: str
    parts: str
    source: str


def table(dialect: Dialect) -> list[Row]:
    """One row for each field, in order."""
    return [
        Row(
            str(number),
            row.name,
            row.type,
            length_words(dialect.rules[number]),
            wire_words(dialect.rules[number]),
            parts_words(row.parts),
            row.source,
        )
        for number, row in dialect.fields.items()
    ]


def length_words(rule: Rule) -> str:
    """`6`, `..19`, `0..30`."""
    if not rule.prefix:
        return str(rule.high)
    return f"..{rule.high}" if rule.low == 1 else f"{rule.low}..{rule.high}"


def wire_words(rule: Rule) -> str:
    """How it is written: count, code, pad."""
    words = [CODE_WORDS[rule.code]]
    if rule.prefix:
        unit = unit_word(rule)
        words.insert(0, f"count {rule.prefix} {'byte' if rule.prefix == 1 else 'bytes'} {COUNT_WORDS[rule.count_code]}")
        words[0] += f" of {unit}"
    may_be_odd = rule.prefix or rule.high & 1
    if rule.code == "packed" and may_be_odd and rule.type != "x+n":
        words.append(f"pad {rule.fill} {'left' if rule.pad_left else 'right'}")
    return ", ".join(words)


def unit_word(rule: Rule) -> str:
    """What the count on the wire counts."""
    natural = {"packed": "digits", "raw": "bytes", "hex": "bytes", "hex-ebcdic": "bytes"}.get(rule.code, "characters")
    if rule.divide == 2:
        return "bytes"
    if rule.multiply == 2:
        return "characters" if rule.code.startswith("hex") else "digits" if rule.code == "raw" else "nibbles"
    return natural


def parts_words(layout: Layout | None) -> str:
    """`type 2, batch 6`, `BER-TLV`, `tagged`..."""
    if isinstance(layout, BerTlv):
        return "BER-TLV"
    if isinstance(layout, Positional):
        return ", ".join(f"{part.name} {part.size or '..'}" for part in layout.parts)
    if isinstance(layout, Tagged):
        first, second = ("tag", "length") if layout.order == "TLV" else ("length", "tag")
        return f"{first} {getattr(layout, _SIZES[first])}, {second} {getattr(layout, _SIZES[second])}, value"
    if isinstance(layout, Bitmapped):
        return f"bitmap of {layout.size} bytes: " + ", ".join(
            f"{bit} {part.name}" for bit, part in layout.known.items()
        )
    return ""


_SIZES = {"tag": "tag", "length": "digits"}


def heading(dialect: Dialect) -> str:
    """Name, title, and what stands before the fields."""
    wire = dialect.wire
    maps = {1: "one bitmap", 2: "up to two bitmaps", 3: "up to three bitmaps"}[dialect.bitmaps]
    mti = CODE_WORDS[dialect.envelope.mti.code]
    name = f"{dialect.name}: {dialect.title}" if dialect.title else dialect.name
    mac = f", MAC {dialect.mac}" if dialect.mac else ""
    return f"{name} (message type {mti}, {maps} as {CODE_WORDS[wire.bitmap]}{mac})"


def page(chapters: Iterable[tuple[str, Iterable[Dialect]]]) -> str:
    """The page of documentation: for each chapter what is said of its dialects (a module's docstring), then their
    tables."""
    lines = [
        "# The ISO 8583 dialects",
        "",
        "Made by `make generate` from the definitions; `tillbench iso8583 table --markdown` prints the same tables.",
        "How to read, change and add a dialect: [iso8583.md](iso8583.md). In the column *Length* `..19` is 1 to 19;",
        "lengths are those of the value: digits for n and z, characters for text, bytes for b.",
    ]
    for text, dialects in chapters:
        title, _, rest = inspect.cleandoc(text).partition("\n\n")
        lines += ["", f"## {' '.join(title.split()).rstrip('.')}", "", rest]
        for dialect in dialects:
            lines += ["", f"### {dialect.name}", "", f"{heading(dialect)}.", "", *markdown(table(dialect))]
    return "\n".join(lines) + "\n"


def plain(rows: Iterable[Row]) -> list[str]:
    """Columns of text, without blanks at the ends."""
    cells: list[Sequence[str]] = [HEADINGS, *rows]
    widths = [max(len(row[index]) for row in cells) for index in range(len(HEADINGS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def markdown(rows: Iterable[Row]) -> list[str]:
    """A table for a page of documentation."""
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    return lines + [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").replace("*", "\\*").split())
