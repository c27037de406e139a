"""A dialect out of one file: Python or YAML or JSON of ours, or what another tool has: a specification of pyiso8583
(Python or JSON), one of moov (JSON), a GenericPackager of jPOS (XML)."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

from tillbench.protocols.iso8583.definition import from_data
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.importers import from_jpos, from_moov, from_pyiso8583
from tillbench.protocols.iso8583.rule import DialectError

SUFFIXES = (".py", ".yaml", ".yml", ".json", ".xml")


def from_file(path: Path, parse_yaml: Callable[[str], object]) -> Dialect:
    """The dialect that the file defines. A .py file is run, and must make one Dialect, or one
    specification of pyiso8583; the suffix may be in capitals.

    parse_yaml: `yaml.safe_load`, which this package does without. DialectError names the file and what is wrong with
    it, also when it cannot be read or parsed.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DialectError(path.name, f"a file {', '.join(SUFFIXES)}", repr(path.suffix))
    try:
        if suffix == ".py":
            return _from_python(path)
        text = path.read_text(encoding="utf-8")
        if suffix == ".xml":
            return from_jpos(text, path.stem)
        return _from_tree(json.loads(text) if suffix == ".json" else parse_yaml(text), path)
    except DialectError as error:
        raise DialectError(f"{path.name}: {error.where}", error.expected, error.found) from None
    except Exception as error:  # whatever the user's file or the parser raises, a person gets to read it
        raise DialectError(path.name, "a readable definition", f"{type(error).__name__}: {error}") from error


def _from_python(path: Path) -> Dialect:
    names = runpy.run_path(str(path))
    own = [value for name, value in names.items() if isinstance(value, Dialect) and name == "DIALECT"]
    found = own or [value for value in names.values() if isinstance(value, Dialect)]
    if len(found) == 1:
        return found[0]
    specifications = [value for value in names.values() if _of_pyiso8583(value)]
    if not found and len(specifications) == 1:
        return from_pyiso8583(specifications[0], path.stem)
    raise DialectError("definition", "one Dialect, or one called DIALECT", str(len(found) or len(specifications)))


def _of_pyiso8583(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and {"h", "t", "p"} <= value.keys()


def _from_tree(data: object, path: Path) -> Dialect:
    if isinstance(data, dict):
        if _of_pyiso8583(data):
            return from_pyiso8583(data, path.stem)
        fields = data.get("fields")
        if isinstance(fields, dict) and "0" in fields:
            return from_moov(data)
    return from_data(data)
