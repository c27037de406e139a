"""YAML read so that every value knows its file and line, and every scalar is text.

Text only, because YAML's own guesses spoil card data: an unquoted PAN becomes a number, `0156` an octal one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# The C scanner is ten times faster, and every emulator start reads the whole shelf; PyYAML may come without it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Where:
    """A place in a file; `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class YamlError(ValueError):
    """A file that cannot be read as plain YAML: `where` and what is wrong there."""

    def __init__(self, where: Where, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where


@dataclass(frozen=True)
class Scalar:
    text: str
    where: Where


@dataclass(frozen=True)
class Sequence:
    items: tuple["Value", ...]
    where: Where


@dataclass(frozen=True)
class Mapping:
    items: dict[str, "Value"]
    where: Where


Value = Scalar | Sequence | Mapping
Plain = str | list["Plain"] | dict[str, "Plain"]


def read(path: Path) -> Mapping:
    """The file's top-level mapping. Raises `YamlError` with file and line; `OSError` as the system gives it."""
    top = Where(path.name, 1)
    try:
        value = parse(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError as error:
        raise YamlError(top, f"expected UTF-8 text, found byte {error.object[error.start]:02X}") from None
    if not isinstance(value, Mapping):
        raise YamlError(top, "expected `key: value` lines")
    return value


def parse(text: str, name: str) -> Value:
    """What a text holds; `name` stands for a file. Raises `YamlError` with its line."""
    top = Where(name, 1)
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlError(Where(name, line), error.problem or "not YAML") from None
    except yaml.YAMLError as error:
        raise YamlError(top, str(error).splitlines()[0]) from None
    if node is None:
        raise YamlError(top, "expected `key: value` lines")
    return _value(node, name)


def _value(node: yaml.Node, file: str) -> Value:
    where = Where(file, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, where)
    if isinstance(node, yaml.SequenceNode):
        return Sequence(tuple(_value(item, file) for item in node.value), where)
    items: dict[str, Value] = {}
    defaults: dict[str, Value] = {}  # from `<<: *anchor`, below the mapping's own keys
    for key, content in node.value:
        key_where = Where(file, key.start_mark.line + 1)
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(key_where, "expected a plain key")
        if key.value == "<<":
            below = _value(content, file)
            if not isinstance(below, Mapping):
                raise YamlError(key_where, "<<: expected an anchor to `key: value` lines")
            defaults = below.items
            continue
        if key.value in items:
            raise YamlError(key_where, f"{key.value}: given twice")
        items[key.value] = _value(content, file)
    return Mapping(defaults | items, where)


def merge(base: Mapping, over: Mapping) -> Mapping:
    """`over` on top of `base`: mappings merge key by key, everything else is replaced whole."""
    items = dict(base.items)
    for key, value in over.items.items():
        below = items.get(key)
        both = isinstance(below, Mapping) and isinstance(value, Mapping)
        items[key] = merge(below, value) if both else value  # type: ignore[arg-type]  # `both` has looked
    return Mapping(items, over.where)


def plain(value: Value) -> Plain:
    """The same as dicts, lists and strings."""
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    return {key: plain(item) for key, item in value.items.items()}


def locate(value: Value, path: tuple[int | str, ...]) -> Where:
    """Where the value at `path` stands; for a missing one, the mapping that should hold it."""
    for step in path:
        if isinstance(value, Mapping) and step in value.items:
            value = value.items[str(step)]
        elif isinstance(value, Sequence) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
        else:
            break
    return value.where
