"""One exchange on a wire, taken apart to be looked at: a tree of its parts, and its bytes, of which the secret ones are
not shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tillbench.protocols import apdu
from tillbench.protocols.emv import describe_value, name_of, tlv
from tillbench.protocols.emv.masking import shown_value
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message
from tillbench.protocols.iso8583.describe_entries import Entry, entries, title
from tillbench.protocols.iso8583.framing import HEADER_SIZE, LENGTH_SIZE, TPDU_SIZE

Node = dict[str, Any]
"""path, name, value, meaning, bits, offset and size in the bytes of its section, children; what is empty is absent."""

_FRONT = LENGTH_SIZE + TPDU_SIZE + HEADER_SIZE
_BITMAP_SIZE = 8
_COMMAND_HEADER = 5


def host_detail(frame: bytes) -> list[Node]:
    """An ISO 8583 message with its length prefix: one section."""
    body = frame[_FRONT:]
    message, steps, why = Message(""), {}, ""
    header = _FRONT - HEADER_SIZE
    nodes = [
        _node("length", "Length", str(int.from_bytes(frame[:LENGTH_SIZE], "big")), 0, LENGTH_SIZE),
        _node("TPDU", "TPDU", frame[LENGTH_SIZE : LENGTH_SIZE + TPDU_SIZE].hex().upper(), LENGTH_SIZE, TPDU_SIZE),
        _node("header", "Header", frame[header:_FRONT].hex().upper(), header, HEADER_SIZE),
    ]
    try:
        for step in UNIONPAY.walk(body):
            if step.number:
                steps[step.number] = step
                message.fields[step.number] = step.value
                continue
            message.mti = str(step.value)
            mti = _node("MTI", "Message type", message.mti, _FRONT, step.end)
            bitmap = body[step.end : step.end + _BITMAP_SIZE]
            nodes += [mti | {"meaning": title(message.mti)}]
            nodes += [_node("bitmap", "Bitmap", bitmap.hex().upper(), _FRONT + step.end, len(bitmap))]
    except FormatError as error:
        why = str(error)
    shown = entries(message, UNIONPAY, steps=steps)
    nodes += [_entry_node(entry) for entry in shown]
    if why:
        return [_section("message", frame, [(_FRONT, len(frame))], [*nodes, {"name": f"! {why}"}])]
    secret = _secret(shown, entries(message, UNIONPAY, True, steps))
    return [_section("message", frame, secret, nodes)]


def _secret(shown: Sequence[Entry], open_: Sequence[Entry]) -> Iterator[tuple[int, int]]:
    """Where the values are that are shown otherwise than they are, from and to in the frame."""
    for masked, plain in zip(shown, open_, strict=False):
        if masked.children and masked.children[0].offset is not None:
            yield from _secret(masked.children, plain.children)
        elif masked.value != plain.value and masked.offset is not None:
            yield _FRONT + masked.offset, _FRONT + masked.offset + masked.size


def _entry_node(entry: Entry) -> Node:
    offset = None if entry.offset is None else _FRONT + entry.offset
    node = _node(entry.path, entry.name, entry.value, offset, entry.size if offset is not None else None)
    node |= {"meaning": entry.meaning, "bits": list(entry.bits)}
    node["children"] = [_entry_node(child) for child in entry.children]
    return _pruned(node)


def apdu_detail(command: bytes, response: bytes, lines: Sequence[str]) -> list[Node]:
    """A command and its response: two sections.

    Args:
        command: PIN data masked.
        response: data and status.
        lines: what `ApduDescriber` made of the two; it knows the DOLs, which are in earlier exchanges.
    """
    asked = [line[4:] for line in lines if line.startswith("  > ")]
    answered = [line[4:] for line in lines if line.startswith("  < ")]
    told = not any("*" in line or "not shown" in line or "DOL not seen" in line for line in [*lines[:1], *asked])
    hidden = [] if told or len(command) <= _COMMAND_HEADER else [(_COMMAND_HEADER, len(command))]
    header = [
        _node("CLA", "", command[:1].hex().upper(), 0, 1),
        _node("INS", apdu.ins_name(command[1]), command[1:2].hex().upper(), 1, 1),
        _node("P1 P2", "", command[2:4].hex(" ").upper(), 2, 2),
    ]
    data = response[:-2]
    status = int.from_bytes(response[-2:], "big")
    meaning = "" if status == 0x9000 else apdu.sw_text(status)
    end = _node("SW", "Status", f"{status:04X}", len(data), 2) | ({"meaning": meaning} if meaning else {})
    secret: list[tuple[int, int]] = []
    try:
        objects = tlv.parse(data)
        if any("bytes without a template" in line for line in answered) or (objects and objects[0].tag == 0x80):
            raise tlv.TlvError(None, 0, "a template", "data of a fixed layout")
        nodes = list(_tlv_nodes(objects, len(data), secret))
    except tlv.TlvError:
        nodes = _by_indentation(answered)
        if any("*" in line or "not shown" in line or "bytes" in line for line in answered):
            secret = [(0, len(data))]
    return [
        _section("command", command, hidden, [*header, *_by_indentation(asked)]),
        _section("response", response, secret, [*nodes, end]),
    ]


def _tlv_nodes(objects: Sequence[tlv.Tlv], end: int, secret: list[tuple[int, int]]) -> Iterator[Node]:
    for at, item in enumerate(objects):
        until = objects[at + 1].offset if at + 1 < len(objects) else end
        tag = tlv.tag_hex(item.tag)
        node = _node(tag, name_of(item.tag), "", item.offset, until - item.offset)
        if item.children:
            node["children"] = list(_tlv_nodes(item.children, until, secret))
        else:
            line, *bits = describe_value(item.tag, item.value)
            node["value"] = line.partition(": ")[2]
            node["bits"] = [text.strip() for text in bits]
            if shown_value(item.tag, item.value) != item.value.hex().upper():
                secret.append((item.offset + len(tag) // 2, until))
        yield _pruned(node)


def _by_indentation(lines: Sequence[str]) -> list[Node]:
    """Lines, two blanks a level, as a tree."""
    top: list[Node] = []
    levels = [top]
    for line in lines:
        depth = min((len(line) - len(line.lstrip())) // 2, len(levels) - 1)
        node: Node = {"name": line.strip(), "children": []}
        del levels[depth + 1 :]
        levels[depth].append(node)
        levels.append(node["children"])
    return [_pruned(node) for node in top]


def _node(path: str, name: str, value: str, offset: int | None, size: int | None) -> Node:
    return _pruned({"path": path, "name": name, "value": value, "offset": offset, "size": size})


def _pruned(node: Node) -> Node:
    if node.get("children"):
        node["children"] = [_pruned(child) for child in node["children"]]
    return {key: value for key, value in node.items() if value not in (None, "", [])}


def _section(
    name: str, data: bytes, secret: Iterator[tuple[int, int]] | list[tuple[int, int]], nodes: list[Node]
) -> Node:
    shown = [f"{byte:02X}" for byte in data]
    for start, end in secret:
        shown[start:end] = ["**"] * (min(end, len(data)) - start)
    return {"name": name, "hex": " ".join(shown), "nodes": nodes}
