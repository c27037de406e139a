"""A dialect in a file of a user's own: YAML in, a codec out, and errors that name the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from tillbench.protocols.iso8583 import Message
from tillbench.protocols.iso8583.definition import from_data, length
from tillbench.protocols.iso8583.definition_export import to_data
from tillbench.protocols.iso8583.dialect import Dialect, DialectError, Length
from tillbench.protocols.iso8583.files import from_file
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.names import dialect as by_name
from tillbench.protocols.iso8583.specimen import SPECIMENS

ACME = """
name: acme
base: unionpay
wire: {tracks: ascii}
fields:
  5: {name: amount of the other side, type: n, length: 12}
  48: {counts: bytes}
  60:
    parts:
      positions:
        - {name: type, size: 2, type: n}
        - {name: batch, size: 6, type: n}
        - {name: network code, size: 3, type: n}
      optional: 2
  61: null
  62: {type: ans, length: ...200, parts: {tagged: {tag: 2, digits: 3, order: TLV, known: {"12": {name: serial}}}}}
  63: {type: b, length: {digits: 2, maximum: 99}, code: hex, parts: {ber: {depth: 2, repeats: ["9F06"]}}}
"""


def test_a_dialect_from_yaml() -> None:
    acme = from_data(yaml.safe_load(ACME))
    assert acme.name == "acme"
    assert 61 not in acme.fields
    message = Message(
        "0200", {5: "000000000100", 35: "476=30", 48: "1234", 60: "22000001", 62: "12003ABC", 63: b"\x95\x01\x80"}
    )
    wire = (
        bytes.fromhex("0200 0800000020010016 000000000100 06")
        + b"476=30"
        + bytes.fromhex("0002 1234 0008 22000001 0008")
    )
    wire += b"12003ABC" + b"\x03" + b"950180"
    assert acme.encode(message) == wire
    assert acme.decode(wire) == message
    assert acme.construct.parse(wire) == message
    assert [(part.name, part.value) for part in acme.parts(60, "22000001")] == [("type", "22"), ("batch", "000001")]
    assert [(part.key, part.name, part.value) for part in acme.parts(62, "12003ABC")] == [("12", "serial", "ABC")]
    assert [(part.key, part.value) for part in acme.parts(63, b"\x95\x01\x80")] == [("95", b"\x80")]


def test_a_dialect_of_its_own() -> None:
    own = from_data(
        {
            "name": "own",
            "title": "our own",
            "bitmaps": 2,
            "second_bitmap": "always",
            "wire": {"digits": "ascii", "counts": "ascii", "bitmap": "hex"},
            "fields": {"2": {"type": "n", "length": "..19"}, 70: {"name": "code", "type": "n", "length": 3}},
        }
    )
    assert own.title == "our own"
    assert own.encode(Message("0800", {2: "476"})) == b"0800" + b"C000000000000000" + b"0" * 16 + b"03476"


def test_the_base_may_come_from_the_caller() -> None:
    mine = from_data({"name": "mine", "fields": {2: {"type": "n", "length": 3}}})
    other = from_data({"name": "other", "base": "mine"}, {"mine": mine}.__getitem__)
    assert other.rows == mine.rows


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (6, Length(0, 6, 6)),
        ("6", Length(0, 6, 6)),
        ("..19", Length(2, 1, 19)),
        ("...999", Length(3, 1, 999)),
        ("....4000", Length(4, 1, 4000)),
        ({"digits": 2, "minimum": 0, "maximum": 9, "size": 1}, Length(2, 0, 9, 1)),
        ({"maximum": 9}, Length(0, 9, 9)),
    ],
)
def test_lengths(value: object, expected: Length) -> None:
    assert length(value, "here") == expected


def parts(layout: object) -> dict[str, object]:
    return {"fields": {2: {"type": "b", "length": 3, "parts": layout}}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("text", "definition: expected a mapping, found str"),
        ({"name": None}, "name: expected text, found none"),
        ({"nme": "x"}, "definition: expected keys out of base, bitmaps,"),
        ({"base": "visa"}, "base: expected the name of a dialect, found no dialect 'visa'; there are unionpay"),
        ({"bitmaps": "two"}, "bitmaps: expected a number, found 'two'"),
        ({"bitmaps": 4}, "t: expected 1, 2 or 3 bitmaps, found 4"),
        ({"second_bitmap": "never"}, "second_bitmap: expected one of needed, always, found 'never'"),
        ({"wire": {"digit": "ascii"}}, "wire: expected keys out of binary, bitmap,"),
        ({"wire": {"digits": "utf"}}, "wire.digits: expected one of packed, ascii,"),
        ({"wire": {"fill": None}}, "wire.fill: expected text, found none"),
        ({"fields": [1]}, "fields: expected a mapping, found list"),
        ({"fields": {"PAN": {}}}, "fields: expected field numbers, found 'PAN'"),
        ({"fields": {2: 19}}, "fields.2: expected a mapping, found int"),
        ({"fields": {2: {"typ": "n"}}}, "fields.2: expected keys out of code,"),
        ({"fields": {2: {"type": "n"}}}, "fields.2: expected a length, found none"),
        ({"fields": {2: {"length": 3}}}, "fields.2: expected a type, found none"),
        ({"fields": {2: {"type": "q", "length": 3}}}, "fields.2.type: expected one of n, z,"),
        ({"fields": {2: {"type": "n", "length": ".3"}}}, "fields.2.length: expected a number, or ..19"),
        ({"fields": {2: {"type": "n", "length": True}}}, "fields.2.length: expected a number, or ..19"),
        ({"fields": {2: {"type": "n", "length": {"minimum": 1}}}}, "fields.2.length: expected a maximum, found none"),
        ({"fields": {2: {"type": "n", "length": {"maximum": -1}}}}, "fields.2.length.maximum: expected a number"),
        ({"fields": {2: {"type": "n", "length": "..190"}}}, "t, field 2: expected counts below 100, found 190"),
        ({"fields": {2: {"type": "n", "length": 3, "parts": {}}}}, "fields.2.parts: expected one of positions,"),
        (parts({"ber": {"repeats": ["x"]}}), "fields.2.parts.ber.repeats: expected tags in hex"),
        (parts({"positions": [{"size": "a"}]}), "fields.2.parts.positions[0].size: expected a number"),
        ({"fields": {2: None}}, "fields.2: expected a field of the base, to be left out, found none"),
    ],
)
def test_what_is_wrong_is_named(change: Any, words: str) -> None:
    with pytest.raises(DialectError) as error:
        from_data({"name": "t", **change} if isinstance(change, dict) else change)
    assert str(error.value).startswith(words)


def test_an_error_inside_parts_names_the_nibble() -> None:
    acme = from_data({"name": "t", "base": "unionpay", "fields": yaml.safe_load(ACME)["fields"]}, by_name)
    body = acme.encode(Message("0200", {60: "2200000100"}))
    with pytest.raises(ValueError, match="field 60") as error:
        acme.open(body)
    assert error.value.key == (60, "3", 16, 0, "3 more", "2")  # type: ignore[attr-defined]  # this error has one


PYTHON = """
from tillbench.protocols.iso8583.dialect import Dialect, Field, ll
from tillbench.protocols.iso8583.dialects.unionpay import UNIONPAY
DIALECT = Dialect("mine", (Field(2, "primary account number", "n", ll(19)),))
"""
MOOV = """{"name": "m", "fields": {"0": {"type": "String", "length": 4, "enc": "ASCII", "prefix": "ASCII.Fixed"},
"1": {"type": "Bitmap", "length": 8, "enc": "Hex", "prefix": "Hex.Fixed"}}}"""
PYISO8583 = """{"h": {}, "t": {"data_enc": "ascii"}, "p": {"data_enc": "b"}}"""
JPOS = """<isopackager><isofield id="0" length="4" class="IFB_NUMERIC"/><isofield id="1" length="8" class="IFB_BITMAP"/>
</isopackager>"""


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("acme.yaml", ACME, "acme"),
        ("own.json", '{"name": "own"}', "own"),
        ("mine.py", PYTHON, "mine"),
        ("moov.json", MOOV, "m"),
        ("theirs.json", PYISO8583, "theirs"),
        ("packager.xml", JPOS, "packager"),
    ],
)
def test_a_dialect_in_one_file(tmp_path: Path, file: str, text: str, name: str) -> None:
    path = tmp_path / file
    path.write_text(text)
    assert from_file(path, yaml.safe_load).name == name


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("a.txt", "", "a.txt: expected a file .py, .yaml, .yml, .json, .xml, found '.txt'"),
        ("a.yaml", None, "a.yaml: expected a readable definition, found FileNotFoundError"),
        ("a.yaml", "{", "a.yaml: expected a readable definition, found ParserError"),
        ("a.yaml", "name: x\nbase: y", "a.yaml: base: expected the name of a dialect, found no dialect 'y'"),
        ("a.json", "[]", "a.json: definition: expected a mapping, found list"),
        ("a.json", "{", "a.json: expected a readable definition, found JSONDecodeError"),
        ("a.py", "1/0", "a.py: expected a readable definition, found ZeroDivisionError"),
        ("a.py", "x = 1", "a.py: definition: expected one Dialect, or one called DIALECT, found 0"),
        ("a.xml", "<x", "a.xml: definition: expected XML, found unclosed token"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, file: str, text: str | None, words: str) -> None:
    path = tmp_path / file
    if text is not None:
        path.write_text(text)
    with pytest.raises(DialectError) as error:
        from_file(path, yaml.safe_load)
    assert str(error.value).startswith(words)


@pytest.mark.parametrize(
    "dialect", [*DIALECTS.values(), *SPECIMENS, from_data(yaml.safe_load(ACME))], ids=lambda d: d.name
)
def test_a_dialect_written_down_is_the_same_dialect(dialect: Dialect) -> None:
    text = yaml.safe_dump(to_data(dialect), sort_keys=False)
    assert from_data(yaml.safe_load(text)) == dialect
    assert from_data(json.loads(json.dumps(to_data(dialect)))) == dialect


def test_the_mac_goes_with_the_base_and_can_be_changed() -> None:
    assert from_data({"name": "acme", "base": "cup"}).mac == "cup-ecb"
    assert from_data({"name": "acme", "base": "cup", "mac": "x9.19"}).mac == "x9.19"
    with pytest.raises(DialectError, match=r"mac: expected one of cup-ecb, x9\.9, x9\.19, found 'md5'"):
        from_data({"name": "acme", "mac": "md5"})


def test_a_specification_of_pyiso8583_in_python(tmp_path: Path) -> None:
    file = tmp_path / "theirs.py"
    file.write_text("from iso8583.specs import default_ascii as spec\n")
    assert from_file(file, yaml.safe_load).wire.bitmap == "hex"
    file.write_text("import iso8583.specs\n")
    with pytest.raises(DialectError, match="expected one Dialect, or one called DIALECT, found 0"):
        from_file(file, yaml.safe_load)
