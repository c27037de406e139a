"""Makes the CPython codec of a dialect: straight-line source, the same results and errors as the reference codec.

One `if` a field, in ascending order. A dialect with packed digits is read from the hexadecimal text of the frame and
written as such, so that a digit field is one slice; one without is read and written as text.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import DIGITS
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
    exec(compile(source(name, envelope, rules), f"<dialect {name}>", "exec"), scope)  # noqa: S102 (made of our rules)
    return Codec(scope["decode"], scope["encode"])


def module_name(name: str) -> str:
    """The dialect's name as a module's."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name)


def source(name: str, envelope: Envelope, rules: Mapping[int, Rule]) -> str:
    """The module's text."""
    ordered = [rules[number] for number in sorted(rules)]
    nibbles = any(rule.code == "packed" for rule in (envelope.mti, *ordered))
    page = envelope.mti.codepage
    lines = [
        f'"""The codec of the dialect {name!r}. Made by `make generate`: do not edit."""',
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
        *_indented(Decoder(nibbles, page).lines(envelope, ordered), 1),
        "",
        "",
        "def encode(mti, fields):",
        '    """The body of a message; FormatError."""',
        "    try:",
        *_indented(Encoder(nibbles, page).lines(envelope, ordered), 2),
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


def _indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    return ("    " * depth + line for line in lines)


def _alphabets(rules: list[Rule]) -> list[str]:
    types = sorted({rule.type for rule in rules} & {"a", "as", "ns"})
    return [f'_{kind.upper()} = alphabet("{kind}")' for kind in types]


def _wrong(rule: Rule, value: str) -> str:
    """An expression that is true when characters of `value` are not of the rule's alphabet."""
    if rule.type == "n":
        return f"not {value}.isdecimal()" if rule.low else f"{value} and not {value}.isdecimal()"
    if rule.type == "ans":
        return f"not {value}.isprintable() and {value}.strip(PRINTABLE)"
    if rule.type == "an":
        return f"not ({value}.isascii() and {value}.isalnum()) and {value}.strip(AN)"
    if rule.type == "z":
        return f"{value}.strip({'HEX' if rule.code == 'packed' else 'TRACK'})"
    return f"{value}.strip(_{rule.type.upper()})"


def _bit(number: int) -> tuple[str, int]:
    """Where the bit of a field is: which part of its bitmap, and the mask in there.

    A bitmap is kept in three parts of 22, 21 and 21 bits: CPython is quicker with integers below 2 ** 30.
    """
    third, bit = divmod(63 - (number - 1) % 64, 21)
    return ("c", "b", "a", "a")[third], 1 << (bit if third < 3 else 21)


def _slow(rule: Rule) -> bool:
    """Is the rule so rare that the walker reads and writes it?"""
    return rule.trim or rule.type == "x+n"


class Decoder:
    """nibbles: `p` counts nibbles, as an index into the hex of the frame; else bytes."""

    def __init__(self, nibbles: bool, page: str) -> None:
        self.nibbles, self.page = nibbles, page
        self.scale = 2 if nibbles else 1
        self.end = "size2" if nibbles else "size"
        self.at = "p >> 1" if nibbles else "p"

    def lines(self, envelope: Envelope, rules: list[Rule]) -> list[str]:
        codes = {rule.code for rule in (envelope.mti, *rules)} | {rule.count_code for rule in rules if rule.prefix}
        codes.add(envelope.bitmap)  # type: ignore[arg-type]
        lines = ["if data.__class__ is not bytes:", "    data = bytes(data)", "size = len(data)"]
        if self.nibbles:
            lines += ["size2 = size + size", "hexed = data.hex()"]
        if codes & {"ascii", "hex"}:
            lines.append('text = data.decode("latin-1")')
        if codes & {"ebcdic", "hex-ebcdic"}:
            lines.append(f'ebcdic = data.decode("{self.page}")')
        width = envelope.mti.wire_size(4)
        lines += [
            f"mti = {self.characters(envelope.mti.code)}[:4]",
            f"if size < {width} or not mti.isdecimal():",
            "    fault(ENVELOPE.mti, data, 0)",
            *self.bitmap(envelope, width),
            "fields = {}",
        ]
        for index, word in enumerate(("first", "second", "third")[: envelope.bitmaps]):
            group = [rule for rule in rules if (rule.number - 1) // 64 == index]
            halves = [f"{word}a = {word} >> 42", f"{word}b = {word} >> 21 & 0x1fffff", f"{word}c = {word} & 0x1fffff"]
            block = [*halves, *(line for rule in group for line in self.field(rule, word))]
            lines += [f"if {word}:", *_indented(block, 1)] if index else block
        return [*lines, f"if p != {self.end}:", f"    end_fault(data, {self.at})", "return mti, fields"]

    def characters(self, code: str) -> str:
        """The variable that holds the frame's characters in this code."""
        return {"packed": "hexed", "bcd": "hexed", "ebcdic": "ebcdic", "hex-ebcdic": "ebcdic"}.get(code, "text")

    def bitmap(self, envelope: Envelope, at: int) -> list[str]:
        size = 8 if envelope.bitmap == "raw" else 16
        lines: list[str] = []
        words = ("first", "second", "third")[: envelope.bitmaps]
        known = [envelope.known >> (193 - 64 * (index + 1)) & (1 << 64) - 1 for index in range(len(words))]
        for index in range(len(words) - 1):
            known[index] |= 1 << 63
        fault = f"    bitmap_fault(ENVELOPE, data, {at})"
        start = at
        depth = 0
        for index, word in enumerate(words):
            end = start + size
            if envelope.bitmap == "raw":
                read = [f'{word} = _integer(data[{start}:{end}], "big")']
                check = f"size < {end} or {word} & {~known[index] & (1 << 64) - 1:#x}"
            else:
                characters = f"{self.characters(envelope.bitmap)}[{start}:{end}]"
                read = [f"{word} = {characters}", f"if size < {end} or {word}.strip(HEX):", fault]
                read.append(f"{word} = int({word}, 16)")
                check = f"{word} & {~known[index] & (1 << 64) - 1:#x}"
            if index == 2 or (index == 1 and not envelope.always):
                check += f" or not {word}"
            block = [*read, f"if {check}:", fault, f"p = {end * self.scale}"]
            lines += _indented(block, depth)
            if index + 1 < len(words):
                lines.append("    " * depth + f"if {word} >> 63:")
                depth += 1
            start = end
        for index in range(len(words) - 1, 0, -1):
            lines.append("    " * (index - 1) + "else:")
            if index == 1 and envelope.always:
                lines.append("    " * (index - 1) + fault)
            lines += _indented([f"{word} = 0" for word in words[index:]], index)
        return lines

    def field(self, rule: Rule, word: str) -> list[str]:
        half, mask = _bit(rule.number)
        return [f"if {word}{half} & {mask:#x}:", *_indented(self.body(rule), 1)]

    def body(self, rule: Rule) -> list[str]:
        number = rule.number
        if _slow(rule):
            return [
                f"step = take(_R{number}, data, {self.at})",
                f"fields[{number}] = step.value",
                f"p = step.end{' * 2' if self.nibbles else ''}",
            ]
        if not rule.prefix:
            return self.value(rule, str(rule.high), rule.high)
        start = "s = p"
        fault = f"    fault(_R{number}, data, {'s >> 1' if self.nibbles else 's'})"
        low, high = rule.counts
        lines = [start, *self.count(rule)]
        lines += [f"if not {low} <= n <= {high}{' or n & 1' if rule.multiply == 2 else ''}:", fault]
        if rule.multiply == 2:
            lines.append("n >>= 1")
        elif rule.divide == 2:
            lines.append("n += n")
        lines.append(f"p += {rule.prefix * self.scale}")
        return lines + self.value(rule, "n", None)

    def count(self, rule: Rule) -> list[str]:
        a = "p >> 1" if self.nibbles else "p"
        size = rule.prefix
        if rule.count_code == "binary":
            if size == 1:
                return [f"n = data[{a}] if p < {self.end} else -1"]
            return [f'n = _integer(data[{a}:({a}) + {size}], "big") if p + {size * self.scale} <= {self.end} else -1']
        width = size * 2 if rule.count_code == "bcd" else size
        characters = self.characters(rule.count_code)
        first = "p" if characters == "hexed" or not self.nibbles else "(p >> 1)"
        piece = f"{characters}[{first}:{first} + {width}]"
        if width > 4 or rule.counts[1] > 999:
            return [f"n = {piece}", f"n = int(n) if len(n) == {width} and n.isascii() and n.isdecimal() else -1"]
        return [f"n = _C{width}({piece}, -1)"]

    def value(self, rule: Rule, length: str, known: int | None) -> list[str]:
        number = rule.number
        variable = rule.prefix > 0
        back = "s" if variable else "p - {size}"
        lines: list[str] = []
        if rule.code == "packed":
            lines += self._packed(rule, length, known)
            size = str(known + (known & 1)) if known is not None else ""
        else:
            a = self.at if not self.nibbles else "a"
            if self.nibbles:
                lines.append("a = p >> 1")
            factor = 2 if rule.code in ("hex", "hex-ebcdic") else 1
            count = f"{known * factor}" if known is not None else ("n + n" if factor == 2 else "n")
            characters = "data" if rule.code == "raw" else self.characters(rule.code)
            lines.append(f"v = {characters}[{a}:{a} + {count}]")
            if known is not None:
                size = str(known * factor * self.scale)
            else:
                size = {1: "n", 2: "n + n", 4: "n * 4"}[factor * self.scale]
            lines.append(f"p += {size}")
            if rule.code == "raw":
                wrong = ""
            elif factor == 2:
                wrong = " or v.strip(HEX)"
            else:
                wrong = f" or {_wrong(rule, 'v')}"
            lines.append(f"if p > {self.end}{wrong}:")
            where = back.format(size=size)
            lines.append(f"    fault(_R{number}, data, {'(' + where + ') >> 1' if self.nibbles else where})")
            lines.append(f"fields[{number}] = {'_unhex(v)' if factor == 2 else 'v'}")
            return lines
        where = back.format(size=size)
        wrong = "" if rule.type == "z" else f" or {_wrong(rule, 'v')}"
        lines.append(f"if p > {self.end}{wrong}:")
        lines.append(f"    fault(_R{number}, data, ({where}) >> 1)")
        lines.append(f"fields[{number}] = v")
        return lines

    def _packed(self, rule: Rule, length: str, known: int | None) -> list[str]:
        upper = ".upper()" if rule.type == "z" else ""
        fill = rule.fill.lower()
        bad = f"    fault(_R{rule.number}, data, {'s' if known is None else 'p'} >> 1)"
        even = [f"v = hexed[p:p + {length}]{upper}", f"p += {length}"]
        if rule.pad_left:
            odd = [f'if hexed[p:p + 1] != "{fill}":', bad]
            after = f"p + {known + 1}" if known is not None else "p + n + 1"
            odd += [f"v = hexed[p + 1:{after}]{upper}", f"p += {known + 1 if known is not None else 'n + 1'}"]
        else:
            odd = [f'if hexed[p + {length}:p + {length} + 1] != "{fill}":', bad]
            odd += [f"v = hexed[p:p + {length}]{upper}", f"p += {known + 1 if known is not None else 'n + 1'}"]
        if known is not None:
            return odd if known & 1 else even
        if rule.divide == 2:
            return even
        return ["if n & 1:", *_indented(odd, 1), "else:", *_indented(even, 1)]


class Encoder:
    """nibbles: the pieces are hexadecimal text; else bytes."""

    def __init__(self, nibbles: bool, page: str) -> None:
        self.nibbles, self.page = nibbles, page

    def lines(self, envelope: Envelope, rules: list[Rule]) -> list[str]:
        words = ("first", "second", "third")[: envelope.bitmaps]
        lines = [
            "if len(mti) != 4 or not mti.isdecimal():",
            "    raise ValueError",
            'out = run = ""' if self.nibbles else "out = []",
            " = ".join(f"{word}{half}" for word in words for half in "abc") + " = 0",
        ]
        for index, rule in enumerate(rules):
            lines += self.field(rule, words[(rule.number - 1) // 64])
            following = rules[index + 1] if index + 1 < len(rules) else None
            if self._in_run(rule) and not (following and self._in_run(following)):
                lines += ["if run:", "    if not run.isdecimal():", "        raise ValueError", "    out += run"]
                lines += ['    run = ""'] if following else []
        lines += [f"{word} = {word}a << 42 | {word}b << 21 | {word}c" for word in words]
        known = " + ".join(f"{word}.bit_count()" for word in words)
        lines += [f"if {known} != len(fields):", "    raise ValueError"]
        if envelope.bitmaps == 3:
            lines += ["if third:", "    second |= 0x8000000000000000"]
        if envelope.bitmaps > 1:
            lines += ["if second:", "    first |= 0x8000000000000000"]
        lines += self.bitmap(envelope, words)
        mti = self.digits(envelope.mti, "mti")
        return [
            *lines,
            f"return _unhex({mti} + bits + out)" if self.nibbles else f'return {mti} + bits + b"".join(out)',
        ]

    def _in_run(self, rule: Rule) -> bool:
        """Is the field all digits on the wire, so that it can be checked together with its neighbours?"""
        return (
            self.nibbles
            and rule.type == "n"
            and rule.code == "packed"
            and rule.fill in DIGITS
            and (not rule.prefix or rule.count_code == "bcd")
        )

    def _put(self, rule: Rule, value: str) -> str:
        if not self.nibbles:
            return f"out.append({value})"
        return f"{'run' if self._in_run(rule) else 'out'} += {value}"

    def bitmap(self, envelope: Envelope, words: tuple[str, ...]) -> list[str]:
        def one(word: str) -> str:
            if envelope.bitmap == "raw":
                return f'{word}.to_bytes(8, "big")' + (".hex()" if self.nibbles else "")
            text = f'f"{{{word}:016X}}".encode("{self.page if envelope.bitmap == "hex-ebcdic" else "latin-1"}")'
            return text + ".hex()" if self.nibbles else text

        lines = [f"bits = {one('first')}"]
        if envelope.always:
            lines = [f"first |= {1 << 63:#x}", f"bits = {one('first')} + {one('second')}"]
        elif len(words) > 1:
            lines += ["if second:", f"    bits += {one('second')}"]
        if len(words) > 2:
            lines += ["if third:", f"    bits += {one('third')}"]
        return lines

    def digits(self, rule: Rule, value: str) -> str:
        """The expression for the wire form of digits."""
        if rule.code == "packed":
            return value
        return self.text(rule, value)

    def text(self, rule: Rule, value: str) -> str:
        page = f'"{self.page}"' if rule.code in ("ebcdic", "hex-ebcdic") else '"latin-1"'
        if page == '"latin-1"' and rule.type in ("a", "an", "z"):
            page = ""  # UTF-8, which is the same for what `_wrong` lets pass, and quicker
        return f"{value}.encode({page})" + (".hex()" if self.nibbles else "")

    def field(self, rule: Rule, word: str) -> list[str]:
        half, mask = _bit(rule.number)
        return [
            f"if {rule.number} in fields:",
            f"    {word}{half} |= {mask:#x}",
            f"    v = fields[{rule.number}]",
            *_indented(self.body(rule), 1),
        ]

    def body(self, rule: Rule) -> list[str]:
        low, high = rule.sizes
        lines = []
        if rule.type == "b":
            lines += ["if v.__class__ is not bytes and not isinstance(v, (bytes, bytearray)):", "    raise ValueError"]
        if rule.prefix:
            lines += ["n = len(v)"]
            bounds = f"not {low} <= n <= {high}" + (" or n & 1" if rule.pairs else "")
        else:
            bounds = f"len(v) != {high}"
        if rule.type == "b":
            lines += [f"if {bounds}:", "    raise ValueError"]
        elif rule.type == "x+n":
            lines += [f'if {bounds} or v[0] not in ("C", "D") or not v[1:].isdecimal():', "    raise ValueError"]
        elif rule.trim and rule.type == "z":
            lines += [f'if {bounds} or v.strip("{rule.alphabet[0]}"):', "    raise ValueError"]
        elif self._in_run(rule):
            lines += [f"if {bounds}:", "    raise ValueError"]
        elif rule.type == "z" and rule.code == "packed":  # what is no hex digit at all, `_unhex` finds
            lines += [f"if {bounds} or v != v.upper():", "    raise ValueError"]
        else:
            lines += [f"if {bounds} or {_wrong(rule, 'v')}:", "    raise ValueError"]
        count = self.count(rule)
        value = self.value(rule)
        if rule.code == "packed" and rule.type != "x+n" and not rule.pairs:
            padded = f'"{rule.fill}" + v' if rule.pad_left else f'v + "{rule.fill}"'
            if not rule.prefix:
                return [*lines, self._put(rule, padded if high & 1 else "v")]
            return [*lines, self._put(rule, f"{count}{padded} if n & 1 else {count}v")]
        return [*lines, self._put(rule, f"{count}{value}")]

    def value(self, rule: Rule) -> str:
        if rule.type == "x+n" and rule.code == "packed":
            return 'v[0].encode("latin-1").hex() + v[1:]'
        if rule.code == "packed":
            return "v"
        if rule.code == "raw":
            return "v.hex()" if self.nibbles else "v"
        if rule.type == "b":
            return self.text(rule, "v.hex().upper()")
        return self.text(rule, "v")

    def count(self, rule: Rule) -> str:
        """The expression for the count, with a plus after it; nothing for a fixed field."""
        if not rule.prefix:
            return ""
        n = "n * 2" if rule.multiply == 2 else "(n + 1) // 2" if rule.divide == 2 else "n"
        if rule.count_code == "binary":
            size = rule.prefix
            return f'f"{{{n}:0{size * 2}x}}" + ' if self.nibbles else f'({n}).to_bytes({size}, "big") + '
        if rule.count_code == "bcd":
            width = rule.prefix * 2
            return f"_W{width}[{n}] + " if rule.counts[1] < 1000 else f'f"{{{n}:0{width}}}" + '
        page = self.page if rule.count_code == "ebcdic" else "latin-1"
        return f'f"{{{n}:0{rule.prefix}}}".encode("{page}")' + (".hex() + " if self.nibbles else " + ")
