"""Makes the decoder of one message type and bitmap: no bit is tested, and fields that follow each other are taken
and checked together.

A body is taken in stretches. One begins with the value of a variable field, or behind the bitmap, and goes on over
fixed fields to the count of the next variable field: `struct` cuts it in one call into pieces, neighbours in one code
being one piece, and `itemgetter` cuts a piece into values. Where a variable field has few lengths, what belongs to
each of them is made once.

It answers None where anything is not as it should be, without looking for what: see `bitmap_codecs`.
"""

from binascii import unhexlify
from collections.abc import Callable, Iterable
from operator import itemgetter
from struct import Struct, error
from typing import Any, TypeAlias

from tillbench.protocols.iso8583 import character_tables as tables
from tillbench.protocols.iso8583.bitmap_pieces import (
    SAME,
    as_text,
    fixed_size,
    go_together,
    has_few_lengths,
    has_pad,
    leads,
    places_in,
    table_of,
)
from tillbench.protocols.iso8583.expressions import indented, slow
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import ALPHABETS
from tillbench.protocols.iso8583.walk import take

Decoded: TypeAlias = tuple[str, dict[int, str | bytes]]
Same: TypeAlias = dict[tuple[Rule, ...], dict[bytes, tuple[str, ...]]]

REMEMBERED = 256
"""So many different ones of neighbours among the fields in `SAME`; then it begins anew."""

LITERAL = 15
"""So many fields a dict display may have: with more, CPython makes an empty dict that grows with each."""


def decoder(mti: str, start: int, rules: Iterable[Rule], same: Same) -> Callable[[bytes], Decoded | None]:
    """For bodies that begin with this message type and a bitmap, up to byte `start`, of these fields (ascending).

    same: what is known of the fields in `SAME`, which the decoders of a dialect share.
    """
    maker = BitmapDecoder(start, same)
    for rule in rules:
        maker.add(rule)
    scope = maker.scope
    exec(compile(maker.source(mti), f"<decoder of {mti}, one bitmap>", "exec"), scope)  # noqa: S102 (made of our rules)
    made: Callable[[bytes], Decoded | None] = scope["decode"]
    return made


class BitmapDecoder:
    """Collects the fields of a stretch, then writes what takes them off the wire."""

    def __init__(self, start: int, same: Same) -> None:
        self.same = same
        self.at: int | None = start  # where the stretch begins; None: in the variable `p`
        self.lead: Rule | None = None  # the variable field that it begins with
        self.pieces: list[list[Rule]] = []  # neighbours in one code
        self.numbers: list[int] = []
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {"take": take, "unhex": unhexlify, "wrong": error}

    def source(self, mti: str) -> str:
        """The function's text."""
        self._stretch(None)
        fields = ", ".join(f"{number}: v{number}" for number in self.numbers[:LITERAL])
        more = [f"fields[{number}] = v{number}" for number in self.numbers[LITERAL:]]
        end = "p" if self.at is None else str(self.at)
        body = [*self.lines, f"if {end} != len(data):", "    return None", f"fields = {{{fields}}}", *more]
        body.append(f"return {mti!r}, fields")
        return "\n".join(
            [
                "def decode(data):",
                "    try:",
                *indented(body, 2),
                "    except (IndexError, KeyError, ValueError, wrong):",
                "        return None",
            ]
        )

    def add(self, rule: Rule) -> None:
        """The next field."""
        self.numbers.append(rule.number)
        if slow(rule) or rule.counts[1] > tables.MOST:
            self._stretch(None)
            self._name(f"rule{rule.number}", rule)
            at = "p" if self.at is None else self.at
            self.lines += [
                f"step = take(rule{rule.number}, data, {at})",
                f"v{rule.number} = step.value",
                "p = step.end",
            ]
            self.at = None
        elif rule.prefix:
            self._stretch(rule)
            self.lead = rule
            if has_few_lengths(rule):
                self.pieces = [[rule]]
            else:
                self._long(rule)
        elif self.pieces and go_together(self.pieces[-1][-1], rule):
            self.pieces[-1].append(rule)
        else:
            self.pieces.append([rule])

    def _name(self, name: str, what: object) -> None:
        self.scope[name] = what

    def _long(self, rule: Rule) -> None:
        """Takes a variable field of many lengths by itself."""
        number = rule.number
        self.lead = None
        self._name(f"lengths{number}", tables.lengths(rule))
        size = {"packed": "(n + 1 >> 1)", "hex": "n + n", "hex-ebcdic": "n + n"}.get(rule.code, "n")
        start = "p" if self.at is None else str(self.at)
        self.lines += [
            f"n = lengths{number}[c{number}]",
            f"e = {start} + {size}",
            f"b{number} = data[{start}:e]",
            "p = e",
        ]
        self.at = None
        self._check([rule])
        value = f"v{number}"
        if rule.code == "packed" and rule.divide != 2:
            pad, digits = ("s[0]", "s[1:]") if rule.pad_left else ("s[-1]", "s[:-1]")
            self.lines += [
                f"s = {as_text(rule)}",
                "if n & 1:",
                f"    if {pad} != {rule.fill.lower()!r}:",
                "        return None",
                f"    {value} = {digits}",
                "else:",
                f"    {value} = s",
            ]
        else:
            text = as_text(rule)
            self.lines.append(f"{value} = {f'unhex({text})' if rule.code in ('hex', 'hex-ebcdic') else text}")
        self._finish([rule])

    def _stretch(self, following: Rule | None) -> None:
        """Takes what has been collected, and the count of the variable field that follows."""
        pieces, self.pieces, lead, self.lead = self.pieces, [], self.lead, None
        count = f"c{following.number}" if following else ""
        start = "p" if self.at is None else str(self.at)
        if not pieces:
            if following:
                where = start if following.prefix == 1 else f"{start}:{start} + {following.prefix}"
                self.lines.append(f"{count} = data[{where}]")
                self._move(following.prefix)
            return
        names = [f"v{piece[0].number}" if piece[0].code == "raw" else f"b{piece[0].number}" for piece in pieces]
        formats = [f"{fixed_size(piece)}s" for piece in pieces]
        if following:
            names.append(count)
            formats.append("B" if following.prefix == 1 else f"{following.prefix}s")
        targets = f"{', '.join(names)}{',' if len(names) == 1 else ''}"
        if lead:
            number = lead.number
            self._name(f"leads{number}", leads(pieces[0], formats[1:], self.at))
            end = "p" if self.at is not None else "e"
            self.lines += [f"unpack, cut, {end} = leads{number}[c{number}]", f"{targets} = unpack(data, {start})"]
            if self.at is None:
                self.lines.append("p += e")
            self.at = None
        else:
            whole = Struct(">" + "".join(formats))
            name = f"unpack{pieces[0][0].number}"
            self._name(name, whole.unpack_from)
            self.lines.append(f"{targets} = {name}(data, {start})")
            self._move(whole.size)
        for piece in pieces:
            if not piece[0].prefix and piece[0].number in SAME and piece[0].code in ("packed", "ascii", "ebcdic"):
                self._known(piece)
            else:
                self._values(piece)

    def _known(self, piece: list[Rule]) -> None:
        """The values of a piece that has most likely been seen before."""
        first = piece[0].number
        self._name(f"same{first}", self.same.setdefault(tuple(piece), {}))
        values = "".join(f"v{rule.number}, " for rule in piece)
        before, self.lines = self.lines, []
        self._values(piece)
        self.lines += [f"if len(same{first}) >= {REMEMBERED}:", f"    same{first}.clear()"]
        self.lines.append(f"same{first}[b{first}] = {values}")
        anew = indented(self.lines, 1)
        self.lines = [*before, f"known = same{first}.get(b{first})", "if known is None:", *anew]
        self.lines += ["else:", f"    {values}= known"]

    def _move(self, size: int) -> None:
        if self.at is None:
            self.lines.append(f"p += {size}")
        else:
            self.at += size

    def _values(self, piece: list[Rule]) -> None:
        """The values of a piece, which is in `b` and the number of its first field."""
        first = piece[0]
        if first.code == "raw":
            return
        self._check(piece)
        if first.code in ("hex", "hex-ebcdic"):
            self.lines.append(f"v{first.number} = unhex({as_text(first)})")
            return
        names, pads = [], []
        for rule in piece:
            names.append(f"v{rule.number}")
            if has_pad(rule):
                names.append(f"f{rule.number}")
                pads.append(f"f{rule.number} {'not in' if rule.prefix else '!='} {rule.fill.lower()!r}")
        cut = "cut" if first.prefix else f"cut{first.number}"
        if len(names) > 1 and not first.prefix:
            self._name(cut, itemgetter(*places_in(piece, 0)))
        self.lines.append(f"{', '.join(names)} = {as_text(first) if len(names) == 1 else f'{cut}({as_text(first)})'}")
        if pads:
            self.lines += [f"if {' or '.join(pads)}:", "    return None"]
        self._finish(piece)

    def _finish(self, piece: list[Rule]) -> None:
        for rule in piece:
            value = f"v{rule.number}"
            if rule.code == "packed" and rule.type == "z":
                self.lines.append(f"{value} = {value}.upper()")
            elif rule.code == "packed" and table_of(rule, piece) is None:
                empty = "" if rule.low else f"{value} and "
                self.lines += [f"if {empty}not {value}.isdecimal():", "    return None"]

    def _check(self, piece: list[Rule]) -> None:
        """Compares the bytes with the alphabets of their fields, as many fields at a time as have the same."""
        ranges: list[tuple[bytes | None, int, int]] = []  # table, start and end, counted from the end of the piece
        left = fixed_size(piece)
        for rule in piece:
            table = table_of(rule, piece)
            end = left - (0 if rule.prefix else rule.wire_size(rule.high))
            if ranges and ranges[-1][0] == table:
                ranges[-1] = (table, ranges[-1][1], end)
            else:
                ranges.append((table, left, end))
            left = end
        name = f"b{piece[0].number}"
        wrong = []
        for index, (table, begin, end) in enumerate(ranges):
            if table is None:
                continue
            self._name(f"table{piece[0].number}_{index}", table)
            if len(ranges) == 1:
                part = name
            else:
                part = f"(c := {name}[{-begin if index else ''}:{-end or ''}])"
            wrong.append(f"{part}.translate(table{piece[0].number}_{index}) != {part if part == name else 'c'}")
        if not wrong:
            return
        condition = " or ".join(wrong)
        if len(wrong) == len(ranges) > 1:
            shared = tables.common(frozenset(table for table, _, _ in ranges if table))
            letters = ALPHABETS["an"][0].encode(tables.page(piece[0]))
            if letters.translate(shared) == letters:  # what all are made of most of the time
                self._name(f"shared{piece[0].number}", shared)
                condition = f"{name}.translate(shared{piece[0].number}) != {name} and ({condition})"
        self.lines += [f"if {condition}:", "    return None"]
