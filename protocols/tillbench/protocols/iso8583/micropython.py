"""Makes the MicroPython codec of a dialect: the same bytes and the same errors as the reference codec.

On a board code costs heap, so a dialect is a table and two loops, whose branches are only those that this dialect
has need of. What is rare (signed amounts, counts in another unit...) and what is wrong goes to `iso8583.rules` on the
device, which reads the same table slowly.
"""

import re
from collections.abc import Iterable, Iterator

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.expressions import in_docstring
from tillbench.protocols.iso8583.field import CountCode
from tillbench.protocols.iso8583.micropython_tables import Tables, group

SETS = {"n": "_DIGITS", "z": "_TRACK", "a": "_LETTERS", "an": "_AN"}


def literal(data: bytes, width: int) -> str:
    """`data` as a bytes literal over several lines, `width` bytes each."""
    lines = [data[at : at + width] for at in range(0, len(data), width)] or [b""]
    return "\n".join('    b"' + "".join(f"\\x{byte:02x}" for byte in line) + '"' for line in lines)


def _indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    return ("    " * depth + line if line else "" for line in lines)


def source(dialect: Dialect) -> str:
    """The module's source text. ValueError: a dialect that the tables have no room for."""
    tables = Tables(dialect)
    body = "\n".join(
        [
            "",
            "",
            "def decode(data: bytes | bytearray | memoryview) -> tuple[str, dict[int, str | bytes]]:",
            '    """(message type, values by field number) of a message body; FormatError."""',
            *_indented(_decoder(dialect, tables), 1),
            "",
            "",
            "def encode(mti: str, fields: Mapping[int, Value]) -> bytes:",
            '    """The body of a message; FormatError: an unknown field, a value that is not allowed."""',
            *_indented(_encoder(dialect, tables), 1),
            "",
        ]
    )
    imports = [f"from iso8583.{module} import {names}" for module, names in _imported(body)]
    used = [name for name in ("_DIGITS", "_TRACK", "_LETTERS", "_AN", "_HEX") if name in body]
    sets = {
        "_DIGITS": 'b"0123456789"',
        "_TRACK": 'b"0123456789ABCDEF="',
        "_LETTERS": 'b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "',
        "_AN": 'b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "',
        "_HEX": 'b"0123456789ABCDEF"',
    }
    rows, kinds, *rest, page = tables.whole
    head = HEAD.replace("@NAME@", in_docstring(dialect.name)).replace("@ROWS@", literal(rows, 24))
    head = head.replace("@KINDS@", literal(kinds, 24)).replace("@REST@", ", ".join(map(repr, rest)))
    head = head.replace("@PAGE@", 'b""' if not page else "(\n" + literal(page, 24) + "\n)")
    head = head.replace("@IMPORTS@", "\n".join(imports))
    if "_BITS" in body:
        head += BITS
    if any(name in body for name in ("_PREFIX", "_LEFT", "_SETS")):
        prefixes = bytes([0, *(rule.prefix for rule in tables.examples)])
        left = bytes([0, *(rule.pad_left and rule.code == "packed" for rule in tables.examples)])
        head += f"_PREFIX = {_short(prefixes)}\n" if "_PREFIX" in body else ""
        head += f"_LEFT = {_short(left)}\n" if "_LEFT" in body else ""
    return head + "".join(f"{name} = {sets[name]}\n" for name in used) + body


def _imported(body: str) -> Iterator[tuple[str, str]]:
    """Modules of `iso8583` that every message needs, with the functions."""
    for module, names in (("characters", ("latin", "text")), ("rules", ("put", "take", "wrong"))):
        called = [name for name in names if re.search(rf"(?<![\w.]){name}\(", body)]
        if called:
            yield module, ", ".join(called)


def _short(data: bytes) -> str:
    return 'b"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


def _sides(tables: Tables, groups: tuple[int, ...]) -> set[bool]:
    return {rule.pad_left for rule in tables.examples if group(rule) in groups}


def _alphabet_checks(tables: Tables, value: str, failure: str) -> list[str]:
    """Checks of the text kinds of group 2, which have an alphabet each."""
    kinds = [(index + 1, rule.type) for index, rule in enumerate(tables.examples) if group(rule) == 2]
    lines: list[str] = []
    names = sorted({SETS[type] for _, type in kinds})
    if len(names) == 1:
        return [f"if {value}.lstrip({names[0]}):", f"    raise {failure}"]
    choose = "_AN"
    for name in names:
        if name != "_AN":
            members = [str(index) for index, type in kinds if SETS[type] == name]
            choose = f"{name} if k in ({', '.join(members)},) else {choose}"
    lines += [f"if {value}.lstrip({choose}):", f"    raise {failure}"]
    return lines


def _pad(tables: Tables, groups: tuple[int, ...], left: list[str], right: list[str]) -> list[str]:
    sides = _sides(tables, groups)
    if sides == {True}:
        return left
    if sides == {False}:
        return right
    return ["if _LEFT[k]:", *_indented(left, 1), "else:", *_indented(right, 1)]


def _branches(parts: list[tuple[str, list[str]]]) -> list[str]:
    """if, elif, else of (condition, lines); the last condition is not asked."""
    lines: list[str] = []
    for index, (condition, block) in enumerate(parts):
        if len(parts) == 1:
            return block
        word = "if" if not index else "elif"
        lines.append("else:" if index == len(parts) - 1 else f"{word} {condition}:")
        lines += _indented(block, 1)
    return lines


def _present(tables: Tables) -> list[int]:
    return sorted({group(rule) for rule in tables.examples[:]})


def _fault(call: str) -> list[str]:
    """A call of `iso8583.rules` in a message that is wrong: loaded then, because few ever are."""
    return ["from iso8583 import rules", "", f"rules.{call}"]


def _decoder(dialect: Dialect, tables: Tables) -> list[str]:
    raw = dialect.wire.bitmap == "raw"
    packed_mti = dialect.envelope.mti.code == "packed"
    start = 2 if packed_mti else 4
    size = 8 if raw else 16
    lines = ["if not isinstance(data, bytes):", "    data = bytes(data)", "total = len(data)"]
    if packed_mti:
        lines += ["mti = data[:2].hex()", "if total < 2 or not mti.isdigit():"]
        lines += _indented(_fault("take(_TABLES, 0, data, 0)"), 1)
    else:
        lines += ["mti = str(take(_TABLES, 0, data, 0)[0])"]
    lines += ["numbers: list[int] = []", f"at = {start}", "try:"]
    lines += _indented(_bitmap_reader(dialect, size), 1)
    lines += [
        "except (IndexError, ValueError):",
        *_indented(_fault(f"bitmap_fault(_TABLES, data, {start})"), 1),
        "    raise",
        "fields: dict[int, str | bytes] = {}",
        "n = start = 0",
        "try:",
        "    for n in numbers:",
        *_indented(_field_reader(tables), 2),
        "except (IndexError, ValueError):",
        *_indented(_fault("take(_TABLES, n, data, start)  # says what and where"), 1),
        "    raise",
        "if at < total:",
        *_indented(_fault("end_fault(data, at)"), 1),
        "return mti, fields",
    ]
    return lines


def _bitmap_reader(dialect: Dialect, size: int) -> list[str]:
    code = dialect.wire.bitmap
    most = dialect.bitmaps
    read = {
        "raw": "bits = data[at : at + 8]",
        "hex": "bits = data[at : at + 16]",
        "hex-ebcdic": "bits = bytes([_PAGE[c] for c in data[at : at + 16]])",
    }[code]
    block = [read]
    if code != "raw":
        block += ["if bits.lstrip(_HEX):", "    raise ValueError", "bits = unhexlify(bits)"]
    block += ["if len(bits) < 8:", "    raise ValueError", f"at += {size}"]
    inner = ["for i in range(8):", "    b = bits[i]", "    if b:"]
    base = "i * 8" if most == 1 else "first + i * 8"
    inner += [f"        j = {base}", "        for bit in _BITS[b >> 4]:", "            numbers.append(j + bit)"]
    inner += ["        for bit in _BITS[b & 15]:", "            numbers.append(j + bit + 4)"]
    lines = [*block, *inner]
    if most > 1:
        always = dialect.second_bitmap == "always"
        more = f"if not bits[0] & 0x80 or first == {64 * (most - 1)}:"
        lines = [f"for first in range(0, {64 * most}, 64):", *_indented(lines, 1), f"    {more}", "        break"]
        lines += ["more = 0"]
        must = "numbers[-1] < n + 64" if not always else "n > 1 and numbers[-1] < n + 64"
        lines += [
            "for n in numbers:",
            f"    if n & 63 == 1 and n < {64 * (most - 1)}:",
            f"        if {must}:",
            "            raise ValueError",
            "        more += 1",
            "    elif not _ROWS[n * 3]:",
            "        raise ValueError",
            *(["if not more:", "    raise ValueError"] if always else []),
            "if more:",
            f"    numbers = [n for n in numbers if n & 63 != 1 or n > {64 * (most - 1)}]",
        ]
    else:
        lines += ["for n in numbers:", "    if not _ROWS[n * 3]:", "        raise ValueError"]
    return lines


def _field_reader(tables: Tables) -> list[str]:
    bounds = tables.bounds()
    groups = _present(tables)
    lines = ["start = at", "i = n * 3", "k = _ROWS[i]"]
    if 5 in groups:
        lines += [f"if k >= {bounds[4]}:", "    fields[n], at = take(_TABLES, n, data, at)", "    continue"]
    lines += ["size = _ROWS[i + 1] << 8 | _ROWS[i + 2]", "prefix = _PREFIX[k]", "if prefix:"]
    codes = {rule.count_code for rule in tables.examples if rule.prefix and group(rule) != 5}
    lines += _indented(_count_reader(tables, codes), 1)
    failure = "ValueError"
    short = ["if end > total:", "    raise ValueError"]
    parts: list[tuple[str, list[str]]] = []
    packed = [group for group in groups if group < 2]
    if packed:
        value = ["end = at + (size + 1 >> 1)", *short, "v = data[at:end].hex()"]
        odd = _pad(
            tables,
            (0, 1),
            ['if v[0] != "0":', f"    raise {failure}", "v = v[1:]"],
            ['if v[-1] != "0":', f"    raise {failure}", "v = v[:-1]"],
        )
        value += ["if size & 1:", *_indented(odd, 1)]
        check = ["if not v.isdigit():", f"    raise {failure}"]
        if packed == [0]:
            value += check
        elif packed == [1]:
            value += ["v = v.upper()"]
        else:
            value += [f"if k >= {bounds[0]}:", "    v = v.upper()", "elif not v.isdigit():", f"    raise {failure}"]
        parts.append((f"k < {bounds[1]}", value))
    texts = [group for group in groups if group in (2, 3)]
    if texts:
        an = _alphabet_checks(tables, "v", failure)
        ans = ["if min(v) < 32:", f"    raise {failure}"]
        value = ["end = at + size", *short, "v = data[at:end]"]
        if texts == [2]:
            value += [*an, 'v = str(v, "ascii")']
        elif texts == [3]:
            value += [*ans, "v = text(v)"]
        else:
            value += [f"if k < {bounds[2]}:", *_indented([*an, 'v = str(v, "ascii")'], 1)]
            value += ["else:", *_indented([*ans, "v = text(v)"], 1)]
        parts.append((f"k < {bounds[3]}", value))
    if 4 in groups:
        parts.append((f"k < {bounds[4]}", ["end = at + size", *short, "v = data[at:end]"]))
    return [*lines, *_branches(parts), "fields[n] = v", "at = end"]


def _count_reader(tables: Tables, codes: set[CountCode]) -> list[str]:
    """`at` moves over the count, `size` becomes the length."""
    check = ["if not 0 < count <= size:", "    raise ValueError", "size = count", "at += prefix"]
    ways = {
        "bcd": ["count = int(data[at : at + prefix].hex())"],
        "ascii": ["c = data[at : at + prefix]", "if not c.isdigit():", "    raise ValueError", "count = int(c)"],
        "ebcdic": [
            "c = bytes([_PAGE[c] for c in data[at : at + prefix]])",
            "if not c.isdigit():",
            "    raise ValueError",
            "count = int(c)",
        ],
        "binary": ['count = int.from_bytes(data[at : at + prefix], "big")'],
    }
    if len(codes) == 1:
        return [*ways[next(iter(codes))], *check]
    if not codes:
        return ["raise ValueError"]
    parts = []
    for code in sorted(codes):
        members = [
            str(index + 1)
            for index, rule in enumerate(tables.examples)
            if rule.prefix and rule.count_code == code and group(rule) != 5
        ]
        parts.append((f"k in ({', '.join(members)},)", ways[code]))
    return [*_branches(parts), *check]


def _encoder(dialect: Dialect, tables: Tables) -> list[str]:
    bounds = tables.bounds()
    groups = _present(tables)
    packed_mti = dialect.envelope.mti.code == "packed"
    most = dialect.bitmaps
    lines = [
        "try:",
        f"    bits = bytearray({8 * most})",
        "    out: list[bytes | bytearray] = []",
        "    if len(mti) != 4 or not isinstance(mti, str) or not mti.isdigit():",
        "        raise ValueError",
        "    for n in sorted(fields):",
        "        i = n * 3",
        f"        if n < 2 or n > {64 * most}:",
        "            raise ValueError",
        "        k = _ROWS[i]",
        "        if not k:",
        "            raise ValueError",
        "        bits[n - 1 >> 3] |= 0x80 >> (n - 1 & 7)",
        "        v = fields[n]",
    ]
    if 5 in groups:
        lines += [
            f"        if k >= {bounds[4]}:",
            "            wrong(_TABLES, n, v, 0)",
            "            out.append(put(_TABLES, n, v))",
            "            continue",
        ]
    body = [
        "size = _ROWS[i + 1] << 8 | _ROWS[i + 2]",
        "count = len(v)",
        "prefix = _PREFIX[k]",
        "if prefix:",
        "    if not 0 < count <= size:",
        "        raise ValueError",
        *_indented(_count_writer(tables), 1),
        "elif count != size:",
        "    raise ValueError",
    ]
    failure = "ValueError"
    parts: list[tuple[str, list[str]]] = []
    packed = [group for group in groups if group < 2]
    if packed:
        odd = _pad(tables, (0, 1), ['v = "0" + v'], ['v = v + "0"'])
        digits = ["if not v.isdigit():", f"    raise {failure}"]
        hexadecimal = ["if v.lstrip(_HEX):", f"    raise {failure}"]
        value = ["if not isinstance(v, str):", "    raise ValueError"]
        if packed == [0]:
            value += digits
        elif packed == [1]:
            value += hexadecimal
        else:
            value += [f"if k < {bounds[0]}:", *_indented(digits, 1), "elif v.lstrip(_HEX):", f"    raise {failure}"]
        value += ["if count & 1:", *_indented(odd, 1), "out.append(unhexlify(v))"]
        value = [line.replace("lstrip(_HEX)", 'lstrip("0123456789ABCDEF")') for line in value]
        parts.append((f"k < {bounds[1]}", value))
    texts = [group for group in groups if group in (2, 3)]
    if texts:
        value = ["if not isinstance(v, str):", "    raise ValueError", "v = v.encode()"]
        an = _alphabet_checks(tables, "v", failure)
        ans = ["if len(v) != count:", "    v = latin(v)", "if min(v) < 32:", "    raise ValueError"]
        if texts == [2]:
            value += an
        elif texts == [3]:
            value += ans
        else:
            value += [f"if k < {bounds[2]}:", *_indented(an, 1), "else:", *_indented(ans, 1)]
        parts.append((f"k < {bounds[3]}", [*value, "out.append(v)"]))
    if 4 in groups:
        value = ["if not isinstance(v, (bytes, bytearray)):", "    raise ValueError", "out.append(v)"]
        parts.append((f"k < {bounds[4]}", value))
    lines += _indented([*body, *_branches(parts)], 2)
    head = "unhexlify(mti)" if packed_mti else "put(_TABLES, 0, mti)"
    lines += _indented(_bitmap_writer(dialect), 1)
    lines += [
        f'    return b"".join([{head}, bits] + out)',
        "except (AttributeError, TypeError, ValueError):",
        *_indented(_fault("refuse(_TABLES, mti, fields)"), 1),
        "    raise",
    ]
    return lines


def _bitmap_writer(dialect: Dialect) -> list[str]:
    lines: list[str] = []
    most = dialect.bitmaps
    if most == 3:
        lines += ["if any(bits[16:]):", "    bits[8] |= 0x80", "else:", "    bits = bits[:16]"]
    if most > 1:
        if dialect.second_bitmap == "always":
            lines += ["bits[0] |= 0x80"]
        else:
            lines += ["if any(bits[8:]):", "    bits[0] |= 0x80", "else:", "    bits = bits[:8]"]
    if dialect.wire.bitmap != "raw":
        lines += ["bits = hexlify(bits).upper()"]
    if dialect.wire.bitmap == "hex-ebcdic":
        lines += ["bits = bytes([_PAGE.find(bytes((c,))) for c in bits])"]
    return lines


def _count_writer(tables: Tables) -> list[str]:
    kinds = [(index + 1, rule) for index, rule in enumerate(tables.examples) if rule.prefix and group(rule) != 5]
    codes = sorted({rule.count_code for _, rule in kinds})
    ways = {
        "bcd": ['out.append(unhexlify("%04d" % count)[-prefix:])'],
        "ascii": ['out.append(("%04d" % count)[-prefix:].encode())'],
        "ebcdic": ['out.append(bytes([ord(c) | 0xF0 for c in ("%04d" % count)[-prefix:]]))'],
        "binary": ['out.append(count.to_bytes(prefix, "big"))'],
    }
    if not codes:
        return ["pass"]
    parts = []
    for code in codes:
        members = [str(index) for index, rule in kinds if rule.count_code == code]
        parts.append((f"k in ({', '.join(members)},)", ways[code]))
    return _branches(parts)


HEAD = """\
# The codec of the ISO 8583 dialect "@NAME@"; iso8583.rules says what the tables are.
# Made by `make generate` from protocols/iso8583: do not edit.

from binascii import hexlify, unhexlify

@IMPORTS@

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from iso8583.rules import Value

_ROWS = (
@ROWS@
)
_KINDS = (
@KINDS@
)
_PAGE = @PAGE@
_TABLES = (_ROWS, _KINDS, @REST@, _PAGE)
"""
BITS = """\
# The bits of a nibble that are on, from 1, the highest.
_BITS = (
    b"",
    b"\\x04",
    b"\\x03",
    b"\\x03\\x04",
    b"\\x02",
    b"\\x02\\x04",
    b"\\x02\\x03",
    b"\\x02\\x03\\x04",
    b"\\x01",
    b"\\x01\\x04",
    b"\\x01\\x03",
    b"\\x01\\x03\\x04",
    b"\\x01\\x02",
    b"\\x01\\x02\\x04",
    b"\\x01\\x02\\x03",
    b"\\x01\\x02\\x03\\x04",
)
"""
