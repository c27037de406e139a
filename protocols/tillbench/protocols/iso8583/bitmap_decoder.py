"""Makes the decoder of one message type and bitmap: no bit is tested, and fields that follow each other are taken
and checked together.

It answers None where anything is not as it should be, without looking for what: the dialect's own decoder says that,
and is the one that is right. See `bitmap_codecs`.
"""

from binascii import unhexlify
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, TypeAlias

from tillbench.protocols.iso8583 import character_tables as tables
from tillbench.protocols.iso8583.expressions import indented, slow
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import ALPHABETS
from tillbench.protocols.iso8583.walk import take

Decoded: TypeAlias = tuple[str, dict[int, str | bytes]]


def decoder(mti: str, start: int, rules: Iterable[Rule]) -> Callable[[bytes], Decoded | None]:
    """For bodies that begin with this message type and a bitmap, up to byte `start`, of these fields (ascending)."""
    maker = BitmapDecoder(start)
    for rule in rules:
        maker.add(rule)
    scope = maker.scope
    exec(compile(maker.source(mti), f"<decoder of {mti}, one bitmap>", "exec"), scope)  # noqa: S102 (made of our rules)
    made: Callable[[bytes], Decoded | None] = scope["decode"]
    return made


class BitmapDecoder:
    """The place on the wire is a variable, the end of the last variable field, and what fixed fields add to it."""

    def __init__(self, start: int) -> None:
        self.base, self.offset = "", start
        self.lines: list[str] = []
        self.numbers: list[int] = []
        self.piece: list[Rule] = []  # neighbours in one code; only the first may be variable
        self.piece_start = ""
        self.scope: dict[str, Any] = {"take": take, "unhex": unhexlify}

    def source(self, mti: str) -> str:
        """The function's text."""
        self._close()
        fields = ", ".join(f"{number}: v{number}" for number in self.numbers)
        body = [*self.lines, f"if {self._at()} != len(data):", "    return None", f"return {mti!r}, {{{fields}}}"]
        return "\n".join(
            [
                "def decode(data):",
                "    try:",
                *indented(body, 2),
                "    except (IndexError, KeyError, ValueError):",
                "        return None",
            ]
        )

    def add(self, rule: Rule) -> None:
        """The next field."""
        self.numbers.append(rule.number)
        if slow(rule) or rule.counts[1] > tables.MOST:
            self._close()
            self.lines += [
                f"step = take({self._name('rule', rule)}, data, {self._at()})",
                f"v{rule.number} = step.value",
                f"p{rule.number} = step.end",
            ]
            self.base, self.offset = f"p{rule.number}", 0
        elif rule.prefix:
            self._close()
            at, after = self._at(), self._at(rule.prefix)
            count = at if rule.prefix == 1 else f"{at}:{after}"
            self.lines.append(f"n = {self._name('lengths', rule, tables.lengths(rule))}[data[{count}]]")
            size = {"packed": "(n + 1 >> 1)", "hex": "n + n", "hex-ebcdic": "n + n"}.get(rule.code, "n")
            self.lines.append(f"p{rule.number} = {after} + {size}")
            self.base, self.offset = f"p{rule.number}", 0
            self.piece, self.piece_start = [rule], after
        else:
            if not self.piece or not _together(self.piece[-1], rule):
                self._close()
                self.piece_start = self._at()
            self.piece.append(rule)
            self.offset += rule.wire_size(rule.high)

    def _at(self, more: int = 0) -> str:
        offset = self.offset + more
        return f"{self.base} + {offset}" if self.base and offset else self.base or str(offset)

    def _name(self, kind: str, rule: Rule, what: object = None) -> str:
        name = f"{kind}{rule.number}"
        self.scope[name] = rule if what is None else what
        return name

    def _close(self) -> None:
        """Takes the neighbours off the wire."""
        piece, self.piece = self.piece, []
        if not piece:
            return
        first = piece[0]
        if first.code == "raw":
            self.lines.append(f"v{first.number} = data[{self.piece_start}:{self._at()}]")
            return
        self.lines.append(f"b = data[{self.piece_start}:{self._at()}]")
        self._check(piece)
        number = first.number
        if first.code in ("hex", "hex-ebcdic"):
            decoded = "b" if first.code == "hex" else f"b.decode({tables.page(first)!r})"
            self.lines.append(f"v{number} = unhex({decoded})")
            return
        self.lines.append("s = b.hex()" if first.code == "packed" else f"s = b.decode({tables.page(first)!r})")
        self._variable(piece)
        self._fixed(piece)
        for rule in piece:
            if rule.code == "packed" and rule.type == "z":
                self.lines.append(f"v{rule.number} = v{rule.number}.upper()")
            elif rule.code == "packed" and not tables.is_packed_digits(rule):
                empty = "" if rule.low else f"v{rule.number} and "
                self.lines += [f"if {empty}not v{rule.number}.isdecimal():", "    return None"]

    def _check(self, piece: list[Rule]) -> None:
        """Compares the bytes with the alphabets of their fields, as many fields at a time as have the same."""
        ranges: list[tuple[bytes | None, int, int]] = []  # table, start and end counted from the piece's end
        left = sum(rule.wire_size(rule.high) for rule in piece if not rule.prefix)
        start = left + 1  # of a variable field: the piece's own start
        for rule in piece:
            table = _table(rule)
            end = left if rule.prefix else left - rule.wire_size(rule.high)
            begin = start if rule.prefix else left
            if ranges and ranges[-1][0] == table:
                ranges[-1] = (table, ranges[-1][1], end)
            else:
                ranges.append((table, begin, end))
            left = end
        whole = ranges[0][1]
        wrong = []
        for index, (table, begin, end) in enumerate(ranges):
            if table is None:
                continue
            name = f"table{piece[0].number}_{index}"
            self.scope[name] = table
            if begin == whole and not end:
                wrong.append(f"b.translate({name}) != b")
            else:
                part = f"b[{'' if begin == whole else -begin}:{-end or ''}]"
                wrong.append(f"(c := {part}).translate({name}) != c")
        if not wrong:
            return
        condition = " or ".join(wrong)
        if len(wrong) == len(ranges) > 1:
            shared = tables.common(frozenset(table for table, _, _ in ranges if table))
            letters = ALPHABETS["an"][0].encode(tables.page(piece[0]))
            if letters.translate(shared) == letters:  # what all are made of most of the time
                name = f"shared{piece[0].number}"
                self.scope[name] = shared
                condition = f"b.translate({name}) != b and ({condition})"
        self.lines += [f"if {condition}:", "    return None"]

    def _variable(self, piece: list[Rule]) -> None:
        first = piece[0]
        if not first.prefix:
            return
        value = f"v{first.number}"
        if first.code != "packed":
            self.lines.append(f"{value} = s[:n]" if len(piece) > 1 else f"{value} = s")
        elif first.divide == 2:  # pairs
            self.lines.append(f"{value} = s[:n]")
        else:
            pad = "s[0]" if first.pad_left else "s[n]"
            digits = "s[1:n + 1]" if first.pad_left else "s[:n]"
            self.lines += [
                "if n & 1:",
                f"    if {pad} != {first.fill.lower()!r}:",
                "        return None",
                f"    {value} = {digits}",
                "else:",
                f"    {value} = {'s[:n]' if len(piece) > 1 else 's'}",
            ]

    def _fixed(self, piece: list[Rule]) -> None:
        fixed = [rule for rule in piece if not rule.prefix]
        if not fixed:
            return
        scale = 2 if fixed[0].code == "packed" else 1
        total = sum(rule.wire_size(rule.high) for rule in fixed) * scale
        back = total if piece[0].prefix else 0
        at = 0
        names: list[str] = []
        places: list[slice | int] = []
        pads: list[str] = []
        for rule in fixed:
            start, end = at, at + rule.high
            at += rule.wire_size(rule.high) * scale
            if rule.code == "packed" and rule.high & 1:
                pad = start if rule.pad_left else end
                if rule.pad_left:
                    start, end = start + 1, end + 1
                places.append(pad - back)
                names.append(f"f{rule.number}")
                pads.append(f"f{rule.number} != {rule.fill.lower()!r}")
            places.append(slice(start - back, (end - back) or None))
            names.append(f"v{rule.number}")
        if len(names) == 1:
            where = f"{places[0].start}:{'' if places[0].stop is None else places[0].stop}"  # type: ignore[union-attr]  # one value without a pad is a slice
            self.lines.append(f"{names[0]} = s[{where}]" if piece[0].prefix else f"{names[0]} = s")
        else:
            name = f"cut{fixed[0].number}"
            self.scope[name] = itemgetter(*places)
            self.lines.append(f"{', '.join(names)} = {name}(s)")
        if pads:
            self.lines += [f"if {' or '.join(pads)}:", "    return None"]


def _together(before: Rule, rule: Rule) -> bool:
    """Can the two be taken in one piece?"""
    return rule.code == before.code and rule.code in ("packed", "ascii", "ebcdic")


def _table(rule: Rule) -> bytes | None:
    if rule.code == "packed":
        return tables.packed() if tables.is_packed_digits(rule) else None
    return tables.characters(rule)
