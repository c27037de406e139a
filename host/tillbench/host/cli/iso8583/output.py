"""What `tillbench iso8583` prints: the same entries plain, in colours, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree
from tillbench.protocols.iso8583 import FormatError, Message
from tillbench.protocols.iso8583.describe_entries import Entry, title
from tillbench.protocols.iso8583.describe_table import HEADINGS, Row
from tillbench.protocols.iso8583.diagnose_line import Found
from tillbench.protocols.iso8583.difference import Change

_COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}


class Format(StrEnum):
    """How to print."""

    plain = "plain"
    rich = "rich"
    json = "json"


def as_json(data: object) -> str:
    """Indented JSON; Chinese stays readable."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def entry_data(entry: Entry) -> dict[str, Any]:
    """An entry as plain data; what is empty is left out."""
    data: dict[str, Any] = {"path": entry.path, "name": entry.name, "value": entry.value, "meaning": entry.meaning}
    data |= {"offset": entry.offset, "size": entry.size, "bits": list(entry.bits)}
    data["children"] = [entry_data(child) for child in entry.children]
    return {key: value for key, value in data.items() if value not in (None, "", [])}


def framing_text(found: Found) -> str:
    """`line unionpay, TPDU 6000030000, header 603100310000`, empty for a bare message."""
    parts = [] if found.line == "bare" else [f"line {found.line}"]
    if found.packet.tpdu:
        parts.append(f"TPDU {found.packet.tpdu.hex().upper()}")
    if found.packet.header:
        parts.append(f"header {found.packet.header.hex().upper()}")
    return ", ".join(parts)


def framing_data(found: Found) -> dict[str, str]:
    """The same as data."""
    return {
        "line": found.line,
        "tpdu": found.packet.tpdu.hex().upper(),
        "header": found.packet.header.hex().upper(),
    }


def error_data(error: FormatError | None) -> dict[str, Any]:
    """A fault as data, nothing when there is none."""
    if error is None:
        return {}
    data = {"path": error.path, "name": error.name, "offset": error.offset, "nibble": error.nibble}
    data |= {"expected": error.expected, "found": error.found}
    return {"error": {key: value for key, value in data.items() if value not in (None, "")}}


def plain_lines(message: Message, entries: Iterable[Entry], bits: bool, parts: bool) -> list[str]:
    """One line a field, its parts below. `parts`: also those by position; tags are always shown."""
    lines = [f"{message.mti} {title(message.mti)}"]
    for entry in entries:
        lines += _plain(entry, 0, bits, parts)
    return lines


def _plain(entry: Entry, depth: int, bits: bool, parts: bool) -> list[str]:
    key = f"{entry.path:>4}" if not depth else entry.path.rpartition(".")[2]
    meaning = f" ({entry.meaning})" if entry.meaning else ""
    value = f": {entry.value}{meaning}" if entry.value or entry.meaning else ""
    indent = "" if not depth else " " * (5 + 2 * depth)
    lines = [f"{indent}{key}{' ' + entry.name if entry.name else ''}{value}"]
    if bits or any(text.startswith("!") for text in entry.bits):
        lines += [f"{indent or ' ' * 5}  {text}" for text in entry.bits]
    for child in entry.children:
        if parts or child.offset is not None or child.bits:
            lines += _plain(child, depth + 1, bits, parts)
    return lines


def rich_tree(message: Message, entries: Iterable[Entry], bits: bool, parts: bool) -> Tree:
    """The same in colours."""
    tree = Tree(f"[bold]{escape(message.mti)}[/] {escape(title(message.mti))}")

    def add(above: Tree, entry: Entry) -> None:
        key = entry.path.rpartition(".")[2]
        meaning = f" [green]{escape(entry.meaning)}[/]" if entry.meaning else ""
        node = above.add(f"[cyan]{escape(key)}[/] [dim]{escape(entry.name)}[/] {escape(entry.value)}{meaning}")
        for text in entry.bits:
            if bits or text.startswith("!"):
                node.add(f"[yellow]{escape(text)}[/]")
        for child in entry.children:
            if parts or child.offset is not None or child.bits:
                add(node, child)

    for entry in entries:
        add(tree, entry)
    return tree


def change_data(change: Change) -> dict[str, Any]:
    """A change as plain data."""
    return {
        "path": change.path,
        "name": change.name,
        "kind": change.kind,
        "left": change.left,
        "right": change.right,
        "hidden": change.hidden,
    }


def print_rich(what: object) -> None:
    """To standard output, in colours where it is a terminal."""
    Console(highlight=False).print(what)


def print_change(change: Change, colours: bool) -> None:
    """One line."""
    if colours:
        print_rich(f"[{_COLOURS[change.kind]}]{escape(str(change))}[/]")
    else:
        print(change)


def rich_table(rows: Iterable[Row], heading: str) -> Table:
    """The field table in colours."""
    table = Table(*HEADINGS, title=escape(heading))
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    return table
