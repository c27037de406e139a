"""A GenericPackager definition of jPOS (XML) as a dialect.

The class of an `isofield` says its wire: the letters after IF are A (ASCII), E (EBCDIC) or B (binary: BCD counts and
digits, raw bytes), EA and EB an EBCDIC count before such a value; `LL`, `LLL`... the width of the count with H for a
binary one, then what the value is. `pad="true"` pads packed digits on the left, `false` on the right. Fields of class
IF_NOP are not there. Nested packagers stay whole: their parts need a word of ours.
"""

import re
from xml.etree import ElementTree

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Code, CountCode, Field, Length, Wire
from tillbench.protocols.iso8583.rule import DialectError

_CLASS = re.compile(
    r"IF(?P<count>E(?=[AB]_))?(?P<code>[ABE]?)_(?P<fill>F?)(?P<width>L*)(?P<hex>H?)(?P<trim>F?)(?P<kind>[A-Z]+[0-9]*)$"
)
_TRACKS = (35, 36)


def from_jpos(xml: str, name: str = "imported") -> Dialect:
    """The dialect of that XML. DialectError names the field and the class that has no counterpart."""
    if "<!ENTITY" in xml:
        raise DialectError("definition", "no entities", "<!ENTITY")
    try:
        root = ElementTree.fromstring(xml)  # noqa: S314 (no entities, see above)
    except ElementTree.ParseError as error:
        raise DialectError("definition", "XML", str(error)) from None
    packagers = {}
    for element in root:
        if element.tag in ("isofield", "isofieldpackager"):
            number = _integer(element, "id", "definition")
            packagers[number] = element
    if 0 not in packagers or 1 not in packagers:
        raise DialectError("definition", "isofields with ids 0 and 1", ", ".join(map(str, sorted(packagers)[:5])))
    mti = _parse(packagers[0])
    bitmap = _parse(packagers[1])
    if bitmap.group("kind") != "BITMAP":
        raise DialectError("field 1, class", "a bitmap", repr(packagers[1].get("class")))
    size = _integer(packagers[1], "length", "field 1")
    rows = [
        _row(number, element)
        for number, element in sorted(packagers.items())
        if number > 1
        and not (number == 65 and size >= 16)
        and number <= size * 8
        and not (element.get("class") or "").endswith("IF_NOP")
    ]
    wire = Wire(
        digits=_digits(mti.group("code")),
        bitmap={"B": "raw", "E": "hex-ebcdic"}.get(bitmap.group("code"), "hex"),  # type: ignore[arg-type]  # a str to mypy, one of the names by the table
    )
    return Dialect(name, tuple(rows), wire, {8: 1, 16: 2, 24: 3}.get(size, 2))


def _parse(element: ElementTree.Element) -> re.Match[str]:
    name = (element.get("class") or "").rpartition(".")[2]
    found = _CLASS.match(name)
    if found is None:
        raise DialectError(
            f"field {element.get('id')}, class", "IF_CHAR, IFA_LLNUM, IFB_BINARY and the like", repr(name)
        )
    return found


def _integer(element: ElementTree.Element, key: str, where: str) -> int:
    value = element.get(key, "")
    if not (value.isascii() and value.isdigit()):
        raise DialectError(f"{where}, {key}", "a number", repr(value))
    return int(value)


def _digits(code: str) -> Code:
    return {"B": "packed", "E": "ebcdic"}.get(code, "ascii")  # type: ignore[return-value]  # a str to mypy, one of the names by the table


def _row(number: int, element: ElementTree.Element) -> Field:
    where = f"field {number}"
    found = _parse(element)
    code, kind, width = found.group("code"), found.group("kind"), len(found.group("width"))
    most = _integer(element, "length", where)
    name = (element.get("name") or where).lower()
    count: CountCode = "binary" if found.group("hex") else {"B": "bcd", "E": "ebcdic"}.get(code, "ascii")  # type: ignore[assignment]  # a str to mypy, one of the names by the table
    if found.group("count"):
        count = "ebcdic"
    length = Length(width, 0 if width else most, most)
    text: Code = "ebcdic" if code == "E" else "ascii"
    if kind in ("NUM", "NUMERIC", "AMOUNT2003"):
        letter = "z" if number in _TRACKS else "n"
        side = "left" if element.get("pad") == "true" else "right"
        fill = "F" if found.group("trim") or found.group("fill") else "0"
        return Field(number, name, letter, length, pad=side, code=_digits(code), count_code=count, fill=fill)  # type: ignore[arg-type]  # a str to mypy, one of the names by the table
    if kind == "AMOUNT":
        return Field(number, name, "x+n", length, code=_digits(code), count_code=count)
    if kind in ("CHAR", "ECHAR"):
        letter = "z" if number in _TRACKS else "ans"
        return Field(number, name, letter, length, code="ebcdic" if kind == "ECHAR" else text, count_code=count)  # type: ignore[arg-type]  # a str to mypy, one of the names by the table
    if kind in ("BINARY", "BITMAP"):
        return Field(number, name, "b", length, code="raw" if code == "B" or width else "hex", count_code=count)
    raise DialectError(f"{where}, class", "NUMERIC, NUM, CHAR, AMOUNT, BINARY", repr(element.get("class")))
