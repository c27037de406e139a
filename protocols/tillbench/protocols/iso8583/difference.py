"""Two messages side by side: which fields, parts and tags were added, removed or changed."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from tillbench.protocols.iso8583.describe_emv import tag_name
from tillbench.protocols.iso8583.describe_entries import Entry, entries
from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.subfields import BerTlv, Element

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Change:
    """What is different at `path` (`mti`, `4`, `55.9F26`): the two values as they may be shown, "" for the side that
    has none. Values that look alike masked are said to differ all the same."""

    path: str
    name: str
    kind: Kind
    left: str
    right: str

    @property
    def hidden(self) -> bool:
        """Whether the difference is in what the mask covers."""
        return self.kind == "changed" and self.left == self.right

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        values = {"added": self.right, "removed": self.left}.get(self.kind, f"{self.left} -> {self.right}")
        if self.hidden:
            values = f"{self.left} (differs in what is not shown)"
        return f"{sign} {self.path}{' ' + self.name if self.name else ''}: {values}"


class _Leaf(NamedTuple):
    value: str | bytes
    name: str


def differences(left: Message, right: Message, dialect: Dialect, unmasked: bool = False) -> list[Change]:
    """The changes from `left` to `right`, in the order of the fields; parts and tags one by one where both sides can
    be taken apart, else the field as a whole. An order of tags that differs is no change."""
    changes = [] if left.mti == right.mti else [Change("mti", "message type", "changed", left.mti, right.mti)]
    shown = [
        {entry.path: entry for field in entries(message, dialect, unmasked) for entry in field.all()}
        for message in (left, right)
    ]
    for number in sorted({*left.fields, *right.fields}):
        leaves = [_leaves(dialect, number, message.fields.get(number)) for message in (left, right)]
        whole = [{str(number): leaf} if (leaf := _whole(dialect, number, message)) else {} for message in (left, right)]
        if None in leaves or {} in whole or any(path not in shown[i] for i in (0, 1) for path in leaves[i] or ()):
            changes += _compare(whole[0], whole[1], shown)
            continue
        inner = _compare(leaves[0] or {}, leaves[1] or {}, shown)
        changes += inner
    return changes


def _whole(dialect: Dialect, number: int, message: Message) -> _Leaf | None:
    if number not in message.fields:
        return None
    row = dialect.fields.get(number)
    return _Leaf(message.fields[number], row.name if row else "")


def _compare(left: dict[str, _Leaf], right: dict[str, _Leaf], shown: list[dict[str, Entry]]) -> list[Change]:
    changes = []
    for path in [*left, *(path for path in right if path not in left)]:
        was, now = left.get(path), right.get(path)
        if was and now and was.value == now.value:
            continue
        kind: Kind = "removed" if now is None else "added" if was is None else "changed"
        values = [side[path].value if path in side else "" for side in shown]
        name = (was or now or _Leaf("", "")).name
        changes.append(Change(path, name, kind, values[0] if was else "", values[1] if now else ""))
    return changes


def _leaves(dialect: Dialect, number: int, value: str | bytes | None) -> dict[str, _Leaf] | None:
    """The innermost parts of a value by path; None when it has none, or cannot be taken apart, or a tag repeats."""
    row = dialect.fields.get(number)
    if value is None or row is None or row.parts is None:
        return None
    try:
        elements = dialect.parts(number, value)
    except FormatError:
        return None
    leaves: dict[str, _Leaf] = {}
    tags = isinstance(row.parts, BerTlv)

    def collect(element: Element, above: str) -> bool:
        path = f"{above}.{element.key}"
        if element.children:
            return all([collect(child, path) for child in element.children])
        if path in leaves:
            return False
        leaves[path] = _Leaf(element.value, tag_name(element.key) if tags else element.name)
        return True

    return leaves if all([collect(element, str(number)) for element in elements]) else None
