"""Whole definitions of other tools, messages of theirs, and definitions that mean harm."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import iso8583
import iso8583.specs
import pytest
from tillbench.protocols.iso8583 import UNIONPAY, Message, micropython
from tillbench.protocols.iso8583.definition_export import to_data
from tillbench.protocols.iso8583.dialect import DialectError
from tillbench.protocols.iso8583.files import from_file
from tillbench.protocols.iso8583.importers import from_jpos, from_moov

from .foreign_definitions import jpos_87, moov_87_ascii
from .iso8583_command import iso8583 as command

MOOVS_FINANCIAL = (
    b"0200323A40010841801038000000000000000004200508050113921208050420042251320720000010000001156040800411        "
    b"01251146333156336000299"
)
MOOVS_FIELDS: dict[int, str | bytes] = {
    3: "380000",
    4: "000000000000",
    7: "0420050805",
    11: "011392",
    12: "120805",
    13: "0420",
    15: "0422",
    18: "5132",
    32: "2000001",
    37: "000000115604",
    42: "0800411        ",
    48: "511463331563",
    49: "360",
    60: "99",
}
JPOS_SIGN_ON = bytes.fromhex("30383030 8220000008000000 0400000000000000") + b"0529204738" + b"403568914920403568061"


def test_moovs_1987_definition_reads_the_messages_of_its_tests() -> None:
    dialect = from_moov(json.loads(moov_87_ascii()))
    assert (dialect.name, len(dialect.fields), dialect.bitmaps) == ("ISO 8583 v1987 ASCII", 64, 2)
    assert dialect.decode(MOOVS_FINANCIAL) == Message("0200", MOOVS_FIELDS)
    assert dialect.encode(Message("0200", MOOVS_FIELDS)) == MOOVS_FINANCIAL
    readme = b"0100" + b"7000000000000000" + b"164242424242424242" + b"123456" + b"000000000100"
    assert dialect.decode(readme) == Message("0100", {2: "4242424242424242", 3: "123456", 4: "000000000100"})


def test_jposs_1987_definitions_read_messages_of_jpos_and_of_others_who_use_them() -> None:
    """A sign-on from its users' list, with text and a raw bitmap; what another library makes of the binary one."""
    text = from_jpos(jpos_87("A"), "jpos text")
    assert (len(text.fields), text.bitmaps, text.wire.bitmap) == (126, 2, "raw")
    sign_on = Message("0800", {7: "0529204738", 11: "403568", 37: "914920403568", 70: "061"})
    assert text.decode(JPOS_SIGN_ON) == sign_on
    assert text.encode(sign_on) == JPOS_SIGN_ON
    binary = from_jpos(jpos_87("B"), "jpos binary")
    sale = Message("0200", {2: "5200", 4: "000000000089"})
    assert binary.encode(sale) == bytes.fromhex("02005000000000000000045200000000000089")
    assert binary.decode(binary.encode(sale)) == sale


@pytest.mark.parametrize(
    ("file", "text", "frame", "line"),
    [
        ("spec87ascii.json", moov_87_ascii(), MOOVS_FINANCIAL, "  60 Field 60: 99"),
        ("iso87text.xml", jpos_87("A"), JPOS_SIGN_ON, "  70 f70: 061"),
    ],
)
def test_imported_by_command_and_used(tmp_path: Path, file: str, text: str, frame: bytes, line: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    direct = command("decode", "-d", str(tmp_path / file), frame.hex())
    assert direct.stdout.splitlines()[-1] == line
    imported = command("import", str(tmp_path / file), "--name", "theirs")
    assert imported.exit_code == 0
    (tmp_path / "theirs.yaml").write_text(imported.stdout, encoding="utf-8")
    assert command("decode", "-d", str(tmp_path / "theirs.yaml"), frame.hex()).stdout == direct.stdout
    assert command("table", "-d", str(tmp_path / "theirs.yaml")).stdout.startswith("theirs ")


def test_a_definition_can_put_nothing_into_generated_code() -> None:
    """Names come from files of others, and codecs are source text."""
    evil = 'x""" + __import__("os").abort() + """\n\\'
    specification = json.loads(moov_87_ascii())
    specification["name"] = specification["fields"]["2"]["description"] = evil
    dialect = from_moov(specification)
    assert dialect.decode(dialect.encode(Message("0100", {2: "476"})))[2] == "476"
    compile(micropython.source(dialect), "device", "exec")
    assert dialect.fields[2].name == evil


HOSTILE: list[object] = [
    None,
    True,
    -1,
    0,
    7,
    10**30,
    1.5,
    "",
    "x",
    "9" * 50,
    "\0",
    [],
    [1],
    {},
    {"1": None},
    {"x": "y"},
]


def small_moov() -> Any:
    specification = json.loads(moov_87_ascii())
    fields = specification["fields"]
    specification["fields"] = {key: fields[key] for key in ("0", "1", "2", "3", "35", "52", "55", "90")}
    part = {"type": "Numeric", "length": 2, "enc": "ASCII", "prefix": "ASCII.Fixed"}
    specification["fields"]["48"] = {
        "type": "Composite",
        "length": 2,
        "prefix": "ASCII.Fixed",
        "subfields": {"1": part},
    }
    return specification


def changed(tree: Any, random: Random) -> Any:
    """The tree with one thing in it replaced, taken away, or put somewhere else."""
    paths = list(walk(tree, ()))
    path = random.choice(paths)
    copy = json.loads(json.dumps(tree))
    node = copy
    for key in path[:-1]:
        node = node[key]
    if random.random() < 0.25:
        del node[path[-1]]
    elif isinstance(node, dict) and random.random() < 0.25:
        node[random.choice(("1", "0", "999", "-5", "x", "٣", ""))] = node.pop(path[-1])
    else:
        node[path[-1]] = random.choice(HOSTILE)
    return copy


def walk(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*path, key)
        yield from walk(value, (*path, key))


@pytest.mark.parametrize("kind", ["moov", "pyiso8583", "ours"])
def test_damaged_definitions_are_refused_by_name_or_taken(kind: str, tmp_path: Path) -> None:
    few = ("h", "t", "p", "1", "2", "3", "43", "55", "70")
    whole: Any = {
        "moov": small_moov(),
        "pyiso8583": {key: dict(iso8583.specs.default[key]) for key in few},
        "ours": to_data(UNIONPAY),
    }[kind]
    whole = json.loads(json.dumps(whole))
    random = Random(kind)
    outcomes = Counter[str]()
    file = tmp_path / "damaged.json"
    for _ in range(150):
        file.write_text(json.dumps(changed(whole, random)))
        try:
            dialect = from_file(file, lambda _: None)
        except DialectError as error:
            outcomes["refused"] += 1
            outcomes["by name"] += error.where.startswith("damaged.json: ")  # not caught by the last resort
            continue
        outcomes["taken"] += 1
        message = Message("0800", {})
        assert dialect.construct.parse(dialect.construct.build(message)) == message
    assert outcomes["refused"] == outcomes["by name"] > 30, outcomes
    assert outcomes["taken"] > 10, outcomes
