"""Makes the encoder of a dialect for CPython: see `python`."""

from tillbench.protocols.iso8583.expressions import bit, indented, wrong_characters
from tillbench.protocols.iso8583.fast import WRITTEN
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.values import DIGITS
from tillbench.protocols.iso8583.walk import Envelope


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
        half, mask = bit(rule.number)
        return [
            f"if {rule.number} in fields:",
            f"    {word}{half} |= {mask:#x}",
            f"    v = fields[{rule.number}]",
            *indented(self.body(rule), 1),
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
            lines += [f"if {bounds} or {wrong_characters(rule, 'v')}:", "    raise ValueError"]
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
            written = width in WRITTEN and rule.counts[1] < 1000
            return f"_W{width}[{n}] + " if written else f'f"{{{n}:0{width}}}" + '
        page = self.page if rule.count_code == "ebcdic" else "latin-1"
        return f'f"{{{n}:0{rule.prefix}}}".encode("{page}")' + (".hex() + " if self.nibbles else " + ")
