"""A dialect written down as plain data: what one YAML or JSON file of a user's own holds.

    name: acme
    base: iso87-bcd            # optional: a dialect of ours, or of the caller's, whose rows and wire this one changes
    wire: {digits: packed, text: ascii, counts: bcd, bitmap: raw}
    bitmaps: 2
    mac: x9.19                 # optional: the algorithm of fields 64 and 128
    fields:
      2:  {name: primary account number, type: n, length: ..19}
      22: {name: point of service entry mode, type: n, length: 3, pad: right}
      48: {length: ...999, counts: bytes}       # of the base, changed
      55: {parts: {ber: {}}}
      60: {parts: {positions: [{name: type, size: 2, type: n}, {name: batch, size: 6, type: n}], optional: 1}}
      63: null                                  # of the base, gone

A length is a number, or dots and the largest number (`..19` LL, `...999` LLL, `....9999` LLLL), or
`{digits: 2, minimum: 0, maximum: 19, size: 1}`. The attributes are those of `Field` and `Wire`; null says that one
follows from the wire, whatever the base had.

No parser is in here: hand over what `yaml.safe_load` or `json.loads` gave.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields as attributes
from dataclasses import replace
from typing import Any, get_args

from tillbench.protocols.iso8583 import field as model
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Field, Length, Wire
from tillbench.protocols.iso8583.names import dialect as by_name
from tillbench.protocols.iso8583.rule import DialectError
from tillbench.protocols.iso8583.security.macs import MACS
from tillbench.protocols.iso8583.subfields import BerTlv, Bitmapped, Layout, Part, Positional, Tagged
from tillbench.protocols.iso8583.values import ALPHABETS

_CHOICES: dict[str, tuple[str, ...]] = {
    "type": get_args(model.Type),
    "code": get_args(model.Code),
    "count_code": get_args(model.CountCode),
    "counts": get_args(model.Unit),
    "pad": get_args(model.Side),
}
_WIRE_CHOICES = {
    "digits": _CHOICES["code"],
    "tracks": _CHOICES["code"],
    "text": _CHOICES["code"],
    "binary": _CHOICES["code"],
    "bitmap": ("raw", "hex", "hex-ebcdic"),
    "counts": _CHOICES["count_code"],
    "fixed_pad": _CHOICES["pad"],
    "variable_pad": _CHOICES["pad"],
    "codepage": get_args(model.Codepage),
}
_TOP = ("name", "base", "title", "wire", "bitmaps", "second_bitmap", "mac", "fields")
_LARGEST_DIGITS = 5


def from_data(data: object, find: Callable[[str], Dialect] = by_name) -> Dialect:
    """The dialect that `data` describes; `find` gives the base by its name. DialectError names the key."""
    top = _mapping(data, "definition", _TOP)
    name = _text(top.get("name"), "name")
    base = _base(top["base"], find) if "base" in top else Dialect(name, ())
    wire = _wire(top.get("wire", {}), base.wire)
    rows = dict(base.fields)
    listed = _mapping(top.get("fields", {}), "fields")
    for key, row in listed.items():
        number = _number(key)
        if row is None:
            if rows.pop(number, None) is None:
                raise DialectError(f"fields.{number}", "a field of the base, to be left out", "none")
            continue
        rows[number] = _row(number, row, rows.get(number))
    return Dialect(
        name,
        tuple(rows[number] for number in sorted(rows)),
        wire,
        _integer(top.get("bitmaps", base.bitmaps), "bitmaps"),
        _one_of(top.get("second_bitmap", base.second_bitmap), ("needed", "always"), "second_bitmap"),  # type: ignore[arg-type]  # `_one_of` has looked
        str(top.get("title", "")),
        _one_of(top.get("mac", base.mac), ("", *MACS), "mac"),
    )


def _base(value: object, find: Callable[[str], Dialect]) -> Dialect:
    try:
        return find(_text(value, "base"))
    except LookupError as error:
        raise DialectError("base", "the name of a dialect", str(error.args[0])) from None


def _wire(value: object, base: Wire) -> Wire:
    given = _mapping(value, "wire", tuple(attribute.name for attribute in attributes(Wire)))
    for key, choice in given.items():
        if key in _WIRE_CHOICES:
            _one_of(choice, _WIRE_CHOICES[key], f"wire.{key}")
        else:
            _text(choice, f"wire.{key}")
    return replace(base, **given)


def _row(number: int, value: object, base: Field | None) -> Field:
    where = f"fields.{number}"
    known = tuple(attribute.name for attribute in attributes(Field) if attribute.name != "number")
    given = dict(_mapping(value, where, known))
    for key, choice in given.items():
        if key in _CHOICES:
            if choice is not None or key == "type":
                _one_of(choice, _CHOICES[key], f"{where}.{key}")
        elif key in ("name", "source", "fill"):
            given[key] = _text(choice, f"{where}.{key}")
    if "length" in given:
        given["length"] = length(given["length"], f"{where}.length")
    if "parts" in given:
        given["parts"] = None if given["parts"] is None else _layout(given["parts"], f"{where}.parts")
    if base is not None:
        return replace(base, **given)
    for key in ("type", "length"):
        if key not in given:
            raise DialectError(where, f"a {key}", "none")
    return Field(number=number, **{"name": f"field {number}", **given})


def length(value: object, where: str) -> Length:
    """A length rule: 6, "..19", "...999" or a mapping. DialectError at `where`."""
    if isinstance(value, Mapping):
        given = _mapping(value, where, Length._fields)
        numbers = {key: _integer(number, f"{where}.{key}") for key, number in given.items()}
        if "maximum" not in numbers:
            raise DialectError(where, "a maximum", "none")
        digits = numbers.setdefault("digits", 0)
        return Length(**{"minimum": 1 if digits else numbers["maximum"], **numbers})
    text = str(value)
    dots = len(text) - len(text.lstrip("."))
    largest = text[dots:]
    if isinstance(value, bool) or not (largest.isascii() and largest.isdigit()) or dots == 1 or dots > _LARGEST_DIGITS:
        raise DialectError(where, "a number, or ..19, ...999, ....9999", repr(value))
    return Length(dots, 1 if dots else int(largest), int(largest))


def _layout(value: object, where: str) -> Layout:
    kinds = {"positions", "optional", "tagged", "ber", "bitmapped"}
    given = _mapping(value, where, tuple(kinds))
    if "ber" in given:
        options = _mapping(given["ber"], f"{where}.ber", ("repeats", "depth"))
        standard = BerTlv()
        repeats = options.get("repeats")
        tags = standard.repeats if repeats is None else frozenset(_tag(tag, f"{where}.ber.repeats") for tag in repeats)
        return BerTlv(tags, _integer(options.get("depth", standard.depth), f"{where}.ber.depth"))
    if "tagged" in given:
        at = f"{where}.tagged"
        options = dict(_mapping(given["tagged"], at, tuple(attribute.name for attribute in attributes(Tagged))))
        known = _mapping(options.pop("known", {}), f"{at}.known")
        for key in ("tag", "digits"):
            if key in options:
                options[key] = _integer(options[key], f"{at}.{key}")
        if "order" in options:
            _one_of(options["order"], ("TLV", "LTV"), f"{at}.order")
        return Tagged(**options, known={str(tag): _part(part, f"{at}.known.{tag}") for tag, part in known.items()})
    if "bitmapped" in given:
        at = f"{where}.bitmapped"
        options = dict(_mapping(given["bitmapped"], at, ("size", "known")))
        known = _mapping(options.get("known", {}), f"{at}.known")
        parts = {_integer(bit, at): _part(part, f"{at}.known.{bit}") for bit, part in known.items()}
        return Bitmapped(_integer(options.get("size"), f"{at}.size"), parts)
    listed = given.get("positions")
    if not isinstance(listed, list):
        raise DialectError(where, "one of positions, tagged, ber, bitmapped", ", ".join(given) or "none")
    parts_in_order = tuple(_part(part, f"{where}.positions[{index}]") for index, part in enumerate(listed))
    return Positional(parts_in_order, _integer(given.get("optional", 0), f"{where}.optional"))


def _part(value: object, where: str) -> Part:
    given = dict(_mapping(value, where, Part._fields))
    _text(given.setdefault("name", ""), f"{where}.name")
    given["size"] = _integer(given.get("size", 0), f"{where}.size")
    _one_of(given.setdefault("type", "ans"), (*ALPHABETS, "b"), f"{where}.type")
    if given.get("parts") is not None:
        given["parts"] = _layout(given["parts"], f"{where}.parts")
    return Part(**given)


def _tag(value: object, where: str) -> int:
    try:
        return int(str(value), 16)
    except ValueError:
        raise DialectError(where, "tags in hex", repr(value)) from None


def _mapping(value: object, where: str, known: tuple[str, ...] = ()) -> dict[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DialectError(where, "a mapping", type(value).__name__)
    for key in value:
        if known and key not in known:
            raise DialectError(where, f"keys out of {', '.join(sorted(known))}", repr(key))
    return dict(value)


def _number(key: object) -> int:
    text = str(key)
    if not (text.isascii() and text.isdigit()):
        raise DialectError("fields", "field numbers", repr(key))
    return int(text)


def _text(value: object, where: str) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
        return str(value)
    if value == "" and not where.endswith(("name", "base")):
        return ""
    if value == "" and where != "name" and where.endswith(".name"):
        return ""
    raise DialectError(where, "text", "none" if value in (None, "") else type(value).__name__)


def _integer(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DialectError(where, "a number", repr(value))
    return value


def _one_of(value: object, choices: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in choices:
        raise DialectError(where, f"one of {', '.join(filter(None, choices))}", repr(value))
    return value
