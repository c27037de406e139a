"""A dialect as the plain data that `definition.from_data` reads: what stands in a YAML or JSON file of it."""

from collections.abc import Mapping
from dataclasses import fields as attributes
from typing import Any

from tillbench.protocols.iso8583.dialect import Dialect, Field, Length, Wire
from tillbench.protocols.iso8583.subfields import BerTlv, Bitmapped, Layout, Part, Positional, Tagged

_SHORTEST_DOTS = 2


def to_data(dialect: Dialect) -> dict[str, Any]:
    """`from_data(to_data(d)) == d`; what has its usual value is left out."""
    standard = Wire()
    wire = {a.name: getattr(dialect.wire, a.name) for a in attributes(Wire)}
    data: dict[str, Any] = {"name": dialect.name}
    if dialect.title:
        data["title"] = dialect.title
    data["wire"] = {key: value for key, value in wire.items() if value != getattr(standard, key)}
    data["bitmaps"] = dialect.bitmaps
    if dialect.second_bitmap != "needed":
        data["second_bitmap"] = dialect.second_bitmap
    if dialect.mac:
        data["mac"] = dialect.mac
    data["fields"] = {row.number: field_data(row) for row in dialect.rows}
    return data


def field_data(row: Field) -> dict[str, Any]:
    """One row; its number is the key that it stands under."""
    data: dict[str, Any] = {"name": row.name, "type": row.type, "length": _length(row.length)}
    for key in ("code", "counts", "count_code", "pad", "fill", "source"):
        if getattr(row, key):
            data[key] = getattr(row, key)
    if row.parts is not None:
        data["parts"] = _layout(row.parts)
    return data


def change_data(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change of a definition (`diagnose.Finding.change`) as it is written on top of a `base`."""
    data = dict(change)
    if "fields" in data:
        data["fields"] = {
            number: {key: _length(value) if isinstance(value, Length) else value for key, value in row.items()}
            for number, row in data["fields"].items()
        }
    return data


def _length(length: Length) -> int | str | dict[str, int]:
    if length == Length(0, length.maximum, length.maximum):
        return length.maximum
    if length == Length(length.digits, 1, length.maximum) and length.digits >= _SHORTEST_DOTS:
        return "." * length.digits + str(length.maximum)
    return {key: value for key, value in length._asdict().items() if key != "size" or value}


def _layout(layout: Layout) -> dict[str, Any]:
    if isinstance(layout, BerTlv):
        standard = BerTlv()
        options: dict[str, Any] = {}
        if layout.repeats != standard.repeats:
            options["repeats"] = sorted(f"{tag:02X}" for tag in layout.repeats)
        if layout.depth != standard.depth:
            options["depth"] = layout.depth
        return {"ber": options}
    if isinstance(layout, Positional):
        data: dict[str, Any] = {"positions": [_part(part) for part in layout.parts]}
        return data | ({"optional": layout.optional} if layout.optional else {})
    known = {key: _part(part) for key, part in layout.known.items()}
    if isinstance(layout, Bitmapped):
        return {"bitmapped": {"size": layout.size, "known": known}}
    assert isinstance(layout, Tagged)
    options = {key: getattr(layout, key) for key in ("tag", "digits", "order", "whole")}
    return {"tagged": options | ({"known": known} if known else {})}


def _part(part: Part) -> dict[str, Any]:
    data: dict[str, Any] = {"name": part.name, "type": part.type}
    if part.size:
        data["size"] = part.size
    if part.parts is not None:
        data["parts"] = _layout(part.parts)
    return data
