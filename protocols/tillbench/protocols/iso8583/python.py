"""Makes the CPython codec of a dialect: straight-line source, the same results and errors as the reference codec.

One `if` a field, in ascending order. A dialect with packed digits is read from the hexadecimal text of the frame and
written as such, so that a digit field is one slice; one without is read and written as text.
"""

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from tillbench.protocols.iso8583.expressions import in_docstring, indented
from tillbench.protocols.iso8583.python_decoder import Decoder
from tillbench.protocols.iso8583.python_encoder import Encoder
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.walk import Envelope

Value = str | bytes
PACKAGE = "tillbench.protocols.iso8583.generated"


class Decode(Protocol):
    def __call__(self, data: bytes) -> tuple[str, dict[int, Value]]: ...


class Encode(Protocol):
    def __call__(self, mti: str, fields: Mapping[int, Value]) -> bytes: ...


class Codec(NamedTuple):
    """`decode(data)` gives (message type, fields), `encode(mti, fields)` bytes; both raise FormatError."""

    decode: Decode
    encode: Encode


def codec(name: str, envelope: Envelope, rules: Mapping[int, Rule]) -> Codec:
    """The codec of these rules: the checked-in module of that name if it was made from them, else one made now."""
    try:
        module: Any = importlib.import_module(f"{PACKAGE}.{module_name(name)}")
    except ImportError:
        return compiled(name, envelope, rules)
    if module.ENVELOPE != envelope or module.RULES != rules:
        return compiled(name, envelope, rules)
    return Codec(module.decode, module.encode)


def compiled(name: str, envelope: Envelope, rules: Mapping[int, Rule]) -> Codec:
    """A codec made at run time, for a dialect of the user's own; some tens of milliseconds."""
    scope: dict[str, Any] = {"__name__": f"dialect {name}"}
    exec(compile(source(name, envelope, rules), f"<dialect {module_name(name)}>", "exec"), scope)  # noqa: S102 (made of our rules)
    return Codec(scope["decode"], scope["encode"])


def module_name(name: str) -> str:
    """The dialect's name as a module's."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name)


def source(name: str, envelope: Envelope, rules: Mapping[int, Rule]) -> str:
    """The module's text."""
    ordered = [rules[number] for number in sorted(rules)]
    nibbles = any(
        rule.code == "packed" or (rule.prefix and rule.count_code == "bcd") for rule in (envelope.mti, *ordered)
    )
    page = envelope.mti.codepage
    lines = [
        f'"""The codec of the dialect \'{in_docstring(name)}\'. Made by `make generate`: do not edit."""',
        "# ruff: noqa",
        "# mypy: ignore-errors",
        "# fmt: off",
        "",
        "from tillbench.protocols.iso8583.fast import *",
        "from tillbench.protocols.iso8583.fast import bitmap_fault, end_fault, fault, refused",
        "",
        f"ENVELOPE = {envelope!r}",
        "RULES = {",
        *(f"    {rule.number}: {_literal(rule)}," for rule in ordered),
        "}",
        "_C1, _C2, _C3, _C4 = (COUNTS[width].get for width in (1, 2, 3, 4))",
        "_W2, _W4 = WRITTEN[2], WRITTEN[4]",
        "_integer = int.from_bytes",
        "from binascii import unhexlify as _unhex",
        *_alphabets(ordered),
        *(f"_R{rule.number} = RULES[{rule.number}]" for rule in ordered),
        "",
        "",
        "def decode(data):",
        '    """(message type, fields) of a body; FormatError."""',
        *indented(Decoder(nibbles, page).lines(envelope, ordered), 1),
        "",
        "",
        "def encode(mti, fields):",
        '    """The body of a message; FormatError."""',
        "    try:",
        *indented(Encoder(nibbles, page).lines(envelope, ordered), 2),
        "    except (AttributeError, KeyError, TypeError, ValueError):",
        "        refused(ENVELOPE, RULES, mti, fields)",
        "        raise",
    ]
    return "\n".join(lines) + "\n"


def _literal(rule: Rule) -> str:
    """The rule as source, without what is at its default at the end."""
    values = list(rule)
    while values and values[-1] == Rule._field_defaults.get(Rule._fields[len(values) - 1]):
        values.pop()
    return f"Rule({', '.join(map(repr, values))})"


def _alphabets(rules: list[Rule]) -> list[str]:
    types = sorted({rule.type for rule in rules} & {"a", "as", "ns"})
    return [f'_{kind.upper()} = alphabet("{kind}")' for kind in types]
