"""Makes the encoder of one message type and set of fields: neighbours in one code are joined, checked and written
together, and what is always the same is a constant.

It answers None where anything is not as it should be, without looking for what: see `bitmap_codecs`.
"""

from binascii import unhexlify
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from tillbench.protocols.iso8583 import character_tables as tables
from tillbench.protocols.iso8583.expressions import indented
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import ALPHABETS, SIGNS

Special: TypeAlias = Callable[[Mapping[int, Any]], bytes | None]


def encoder(head: bytes, rules: list[Rule]) -> Special:
    """For these fields, ascending and at least one, behind this message type and bitmap."""
    maker = BitmapEncoder()
    for rule in rules:
        maker.add(rule)
    scope = maker.scope
    exec(compile(maker.source(head), "<encoder of one bitmap>", "exec"), scope)  # noqa: S102 (made of our rules)
    made: Special = scope["encode"]
    return made


FEW = 40
"""So many lengths of a variable field are written down at once."""


class Medium(NamedTuple):
    """How neighbours are written together: as `hex` text, as text of a `page`, or as the bytes that they are.

    digits: hexadecimal text that has to be decimal from its first character to its last.
    """

    code: str
    page: str = ""
    digits: bool = False


class BitmapEncoder:
    """The parts of a message in their order, and the values that have to be checked, by their alphabet."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.lines: list[str] = []
        self.wrong: list[str] = []
        self.parts: list[tuple[Medium, list[str]]] = []
        self.by_alphabet: dict[str, list[str]] = {}
        self.scope: dict[str, Any] = {"unhex": unhexlify, "join": "".join, "whole": b"".join, "text": str.encode}

    def source(self, head: bytes) -> str:
        """The function's text."""
        names = ", ".join(f"v{number}" for number in self.numbers)
        self.scope["values"] = itemgetter(*self.numbers)
        lines = [f"{names} = values(fields)", *self.lines]
        if self.wrong:
            lines += [f"if {' or '.join(self.wrong)}:", "    return None"]
        lines += self._alphabets()
        parts = [repr(head)]
        for index, (medium, items) in enumerate(self.parts):
            if medium.code == "raw":
                parts += items
                continue
            joined = f"join(({', '.join(items)},))"
            if medium.digits:
                lines += [f"part{index} = text({joined})", f"if not part{index}.isdigit():", "    return None"]
                parts.append(f"unhex(part{index})")
            elif medium.code == "hex":
                parts.append(f"unhex({joined})")
            else:
                parts.append(f"text({joined}, {medium.page!r})")
        lines.append(f"return whole(({', '.join(parts)}))")
        return "\n".join(
            [
                "def encode(fields):",
                "    try:",
                *indented(lines, 2),
                "    except (KeyError, TypeError, ValueError):",
                "        return None",
            ]
        )

    def add(self, rule: Rule) -> None:
        """The next field."""
        value = f"v{rule.number}"
        self.numbers.append(rule.number)
        if not rule.prefix:
            self.wrong.append(f"len({value}) != {rule.high}")
        if rule.type == "b":
            self.wrong.append(f"{value}.__class__ is not bytes")
        medium = _medium(rule)
        items = self._items(rule, value, medium)
        if self.parts and self.parts[-1][0] == medium:
            self.parts[-1][1].extend(items)
        else:
            self.parts.append((medium, items))

    def _items(self, rule: Rule, value: str, medium: Medium) -> list[str]:
        """The expressions of a field's count, pad and value."""
        before, after = [], []
        if rule.prefix:
            counts = f"counts{rule.number}"
            self.scope[counts] = _counts(rule, medium)
            self.lines.append(f"c{rule.number}, f{rule.number} = {counts}[len({value})]")
            before.append(f"c{rule.number}")
            if _padded(rule) and not rule.pad_left:
                after.append(f"f{rule.number}")
        elif _padded(rule) and rule.high & 1:
            (before if rule.pad_left else after).append(repr(rule.fill))
        if rule.type == "b":
            return [*before, value if medium.code == "raw" else f"{value}.hex().upper()"]
        if rule.type == "x+n":
            sign, digits = f"s{rule.number}", f"d{rule.number}"
            self.scope["signs"] = {sign: sign for sign in SIGNS}
            self.lines += [f"{sign} = signs[{value}[:1]]", f"{digits} = {value}[1:]"]
            self.by_alphabet.setdefault(rule.alphabet[0], []).append(digits)
            return [f"text({sign}).hex()" if medium.code == "hex" else sign, digits]
        if not medium.digits:
            self.by_alphabet.setdefault(rule.alphabet[0], []).append(value)
        return [*before, value, *after]

    def _alphabets(self) -> list[str]:
        """Compares all values with their alphabets, as many at a time as have the same."""
        wrong: list[str] = []
        found: list[bytes] = []
        for index, (alphabet, values) in enumerate(self.by_alphabet.items()):
            self.scope[f"table{index}"] = table = tables.allowing(alphabet.encode("latin-1"))
            found.append(table)
            wrong.append(f"(t := {_joined(values)}).translate(table{index}) != t")
        if not wrong:
            return []
        letters = ALPHABETS["an"][0].encode()
        wide = [index for index, table in enumerate(found) if letters.translate(table) == letters]
        if len(wide) > 1:  # most of the time all is made of letters and digits: looked at in one go
            self.scope["shared"] = tables.common(frozenset(found[index] for index in wide))
            alphabets = list(self.by_alphabet.values())
            every = _joined([value for index in wide for value in alphabets[index]])
            one_by_one = " or ".join(wrong[index] for index in wide)
            rest = [condition for index, condition in enumerate(wrong) if index not in wide]
            wrong = [*rest, f"(t := {every}).translate(shared) != t and ({one_by_one})"]
        return [f"if {' or '.join(wrong)}:", "    return None"]


def _counts(rule: Rule, medium: Medium) -> dict[int, tuple[str | bytes, str]]:
    counts = Counts(rule, medium)
    low, high = rule.sizes
    if high - low >= FEW:
        return counts
    # A plain dict is quicker than one that makes what it lacks.
    return {length: counts[length] for length in range(low, high + 1) if not (rule.pairs and length & 1)}


class Counts(dict[int, tuple[str | bytes, str]]):
    """By the length of a value: its count as it is written, and the pad behind. A pad before is behind the count.

    KeyError: no such value has this length.
    """

    def __init__(self, rule: Rule, medium: Medium) -> None:
        super().__init__()
        self._rule, self._medium = rule, medium

    def __missing__(self, length: int) -> tuple[str | bytes, str]:
        rule, medium = self._rule, self._medium
        low, high = rule.sizes
        if not low <= length <= high or (rule.pairs and length & 1):
            raise KeyError(length)
        wire = tables.count(rule, (length + 1) // 2 if rule.divide == 2 else length * rule.multiply)
        found: tuple[str | bytes, str]
        if medium.code == "raw":
            found = wire, ""
        else:
            written = wire.hex() if medium.code == "hex" else wire.decode(medium.page)
            pad = rule.fill if _padded(rule) and length & 1 else ""
            found = (written + pad, "") if rule.pad_left else (written, pad)
        self[length] = found
        return found


def _padded(rule: Rule) -> bool:
    return rule.code == "packed" and rule.type != "x+n" and not rule.pairs


def _medium(rule: Rule) -> Medium:
    if rule.code == "packed":
        counted = not rule.prefix or rule.count_code == "bcd"
        return Medium("hex", digits=counted and not rule.trim and tables.is_packed_digits(rule))
    if rule.code == "raw":
        return Medium("raw")
    return Medium("text", tables.page(rule))


def _joined(values: list[str]) -> str:
    one = values[0] if len(values) == 1 else f"join(({', '.join(values)}))"
    return f"text({one}, 'latin-1')"
