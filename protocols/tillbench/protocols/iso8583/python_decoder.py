"""Makes the decoder of a dialect for CPython: see `python`."""

from tillbench.protocols.iso8583.expressions import bit, indented, slow, wrong_characters
from tillbench.protocols.iso8583.rule import Rule
from tillbench.protocols.iso8583.walk import Envelope


class Decoder:
    """nibbles: `p` counts nibbles, as an index into the hex of the frame; else bytes."""

    def __init__(self, nibbles: bool, page: str) -> None:
        self.nibbles, self.page = nibbles, page
        self.scale = 2 if nibbles else 1
        self.end = "size2" if nibbles else "size"
        self.at = "p >> 1" if nibbles else "p"

    def lines(self, envelope: Envelope, rules: list[Rule]) -> list[str]:
        codes = {rule.code for rule in (envelope.mti, *rules)} | {rule.count_code for rule in rules if rule.prefix}
        codes.add(envelope.bitmap)  # type: ignore[arg-type]  # a code of bitmaps, beside those of fields
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
            lines += [f"if {word}:", *indented(block, 1)] if index else block
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
            lines += indented(block, depth)
            if index + 1 < len(words):
                lines.append("    " * depth + f"if {word} >> 63:")
                depth += 1
            start = end
        for index in range(len(words) - 1, 0, -1):
            lines.append("    " * (index - 1) + "else:")
            if index == 1 and envelope.always:
                lines.append("    " * (index - 1) + fault)
            lines += indented([f"{word} = 0" for word in words[index:]], index)
        return lines

    def field(self, rule: Rule, word: str) -> list[str]:
        half, mask = bit(rule.number)
        return [f"if {word}{half} & {mask:#x}:", *indented(self.body(rule), 1)]

    def body(self, rule: Rule) -> list[str]:
        number = rule.number
        if slow(rule):
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
                wrong = f" or {wrong_characters(rule, 'v')}"
            lines.append(f"if p > {self.end}{wrong}:")
            where = back.format(size=size)
            lines.append(f"    fault(_R{number}, data, {'(' + where + ') >> 1' if self.nibbles else where})")
            lines.append(f"fields[{number}] = {'_unhex(v)' if factor == 2 else 'v'}")
            return lines
        where = back.format(size=size)
        wrong = "" if rule.type == "z" else f" or {wrong_characters(rule, 'v')}"
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
        return ["if n & 1:", *indented(odd, 1), "else:", *indented(even, 1)]
