"""Frames whose sender had another definition than the reader, different in one thing: what a diagnosis is tried with.

The corpus is made from the dialects alone: a message with values as they are met, a field of it, a row of that field
that differs in one attribute, and the frame that a sender with that row makes of it. Frames that the reader can still
read are left out: nothing failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from random import Random
from typing import Any, NamedTuple

from tillbench.protocols.iso8583 import FormatError, Message
from tillbench.protocols.iso8583.diagnose_line import ALL_LINES
from tillbench.protocols.iso8583.dialect import Code, Dialect, DialectError, Field, Length, fixed
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.samples import CHIP_DATA

PANS = ("4761739001010010", "5413330089010434", "6200000000000005", "374245455400126", "6200000000000000008")
SHOPS = ("TEAHOUSE ON THE HILL  SHANGHAI    CN", "Bakery, 12 Mill Lane, Leeds GB", "CORNER SHOP NO. 7   BEIJING")
WORDS = ("TERMINAL", "BATCH", "OK", "REF 0042", "Approved", "LANE 3", "SN0000817", "V1.02", "POS")
NUMBERS = {
    "sale": (2, 3, 4, 7, 11, 12, 13, 14, 18, 22, 23, 25, 26, 32, 35, 37, 41, 42, 43, 49, 52, 53, 55, 60, 62, 64),
    "answer": (2, 3, 4, 11, 12, 13, 15, 32, 37, 38, 39, 41, 42, 44, 49, 54, 55, 60, 63, 64),
    "settlement": (7, 11, 15, 41, 42, 48, 49, 50, 60, 63, 66, 74, 76, 86, 88, 97, 99, 128),
    "reversal": (2, 3, 4, 11, 22, 28, 32, 33, 38, 39, 41, 42, 45, 48, 49, 56, 59, 61, 90, 95, 100, 102, 123),
}
MTIS = {"sale": "200", "answer": "210", "settlement": "500", "reversal": "400"}


class Fault(NamedTuple):
    """path: where the definitions differ; how: in what; reader, line: those that cannot read `data`."""

    path: str
    how: str
    reader: Dialect
    data: bytes
    line: str = "bare"


def digits(random: Random, size: int) -> str:
    return "".join(random.choices("0123456789", k=size))


def moment(random: Random, name: str, size: int) -> str:
    """A date, a time, or both, in so many digits."""
    day = f"{random.randint(1, 12):02}{random.randint(1, 28):02}"
    time = f"{random.randint(0, 23):02}{random.randint(0, 59):02}{random.randint(0, 59):02}"
    if "expir" in name:
        return f"{random.randint(26, 32)}{random.randint(1, 12):02}"
    if "time" in name and "date" in name:
        return {10: "", 12: "26", 14: "2026"}[size] + day + time
    return time if "time" in name else {4: "", 6: "26", 8: "2026"}[size] + day


def value(row: Field, random: Random, pan: str) -> str | bytes:
    """A value as it is met in that field, of the usual length."""
    low, high = row.length.minimum, row.length.maximum
    size = high if not row.length.digits else random.randint(max(low, 1), min(high, 30))
    name = row.name.lower()
    if row.number == 2:
        return pan
    if row.number == 35:
        return f"{pan}{'D' if row.code != 'ascii' else '='}3012{random.choice(('201', '220'))}{digits(random, 9)}"
    if row.number == 45:
        return f"B{pan}^DOE/JANE^3012201{digits(random, 8)}"
    if row.number == 55:
        return CHIP_DATA[: random.choice((11, 14, 35, len(CHIP_DATA)))]
    if row.type == "b":
        return random.randbytes(size)
    if "date" in name or "time" in name:
        return moment(random, name, high)
    if row.type == "x+n":
        return "D" + digits(random, 3).rjust(high - 1, "0")
    if "amount" in name and row.type == "n":
        head = "1562" if high == 16 and row.parts else ""
        return head + digits(random, random.randint(3, 6)).rjust(high - len(head), "0")
    by_name = {
        "processing code": random.choice(("000000", "003000", "200000", "310000")),
        "point of service entry mode": random.choice(("051", "021", "012", "071")),
        "card sequence number": random.choice(("001", "000")),
        "point of service condition code": "00",
        "point of service PIN capture code": random.choice(("06", "12")),
        "currency code, transaction": random.choice(("156", "978", "840")),
        "card acceptor name and location": random.choice(SHOPS).ljust(40)[:40],
        "original data elements": f"0{random.choice(('200', '100'))}{digits(random, 6)}1124{digits(random, 6)}"
        + digits(random, 6).rjust(11, "0")
        + "0" * 11,
        "type, batch, network code": "22" + digits(random, 6) + random.choice(("000", "00050", "000501")),
        "balance": "1001156C" + digits(random, 5).rjust(12, "0"),
        "response code": random.choice(("00", "51", "55")),
    }
    if row.name in by_name and low <= len(by_name[row.name]) <= high:
        return by_name[row.name]
    if row.type in ("n", "z"):
        return digits(random, size)
    if row.type in ("an", "ns") or row.number in (41, 42):
        return digits(random, size)
    text = " ".join(random.choices(WORDS, k=6))
    return text[:size].ljust(size) if not row.length.digits else text[:size].strip() or "1"


def others(row: Field, code: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """How a sender's row may differ: the kind of difference, and the attributes. code: of the row's values."""
    variable, length = row.length.digits, row.length
    digital = row.type in ("n", "z")
    if digital:
        yield "code", {"code": "packed" if code != "packed" else "ascii", "counts": None}
    if digital and code == "packed":
        yield "code", {"code": "ebcdic", "counts": None}
        yield "pad", {"pad": "left" if variable or row.pad == "right" else "right"}
        yield "pad", {"fill": "F"}
        if variable:
            yield "unit", {"counts": "bytes" if row.counts != "bytes" else "digits"}
            yield "unit", {"counts": "bytes", "fill": "F"}
    elif row.type == "b":
        yield "code", {"code": "hex" if code == "raw" else "raw"}
        if variable and code == "raw":
            yield "unit", {"counts": "digits" if row.counts != "digits" else "bytes"}
    elif not digital and row.type != "x+n":
        yield "code", {"code": "ebcdic" if code == "ascii" else "ascii"}
        if variable:
            yield "unit", {"type": "n", "code": "packed", "counts": None}
            yield "unit", {"counts": "nibbles"}
    if variable:
        yield "LL", {"length": length._replace(digits=variable + 1)}
        if variable > 2:
            yield "LL", {"length": length._replace(digits=2, maximum=min(99, length.maximum))}
        for count in ("ascii", "bcd", "binary", "ebcdic"):
            yield "count", {"count_code": count}
        yield "longer", {"length": length._replace(maximum=min(10**variable - 1, 60000))}
    elif row.type != "x+n":
        yield "variable", {"length": Length(2, 1, max(length.maximum, 2))}
        yield "variable", {"length": Length(3, 1, length.maximum)}
        for size in {length.maximum + 1, length.maximum + 4, length.maximum - 2} - {0, -1}:
            yield "size", {"length": fixed(size)}


def message(dialect: Dialect, random: Random) -> Message:
    kind = random.choice(sorted(NUMBERS))
    pan = random.choice(PANS)
    version = {"iso93-ascii": "1", "iso93-binary": "1", "iso2003": "2"}.get(dialect.name, "0")
    there = [number for number in NUMBERS[kind] if number in dialect.fields]
    chosen = sorted(random.sample(there, random.randint(len(there) // 2 + 1, len(there))))
    rows = {n: replace(dialect.fields[n], code=dialect.rules[n].code) for n in chosen}
    return Message(version + MTIS[kind], {n: value(row, random, pan) for n, row in rows.items()})


def sent(dialect: Dialect, number: int, change: dict[str, Any], one: Message, random: Random) -> bytes | None:
    """The body as a sender with the other row makes it; None when that row cannot carry a message like this one."""
    try:
        rows = tuple(row for row in dialect.rows if row.number in one.fields)  # the others make no difference
        sender = replace(dialect, rows=rows).changed({number: change}, "sender")
        row, old = sender.fields[number], one[number]
        fields = dict(one.fields)
        if row.type == "n" and not isinstance(old, str):
            return None
        if row.type == "n" and isinstance(old, str) and not old.isdecimal():
            fields[number] = digits(random, len(old))
        elif row.length.digits and row.length.maximum > dialect.fields[number].length.maximum > 2:
            fields[number] = (old * 99)[: random.randint(dialect.fields[number].length.maximum + 1, row.length.maximum)]
        elif row.length.digits and not dialect.fields[number].length.digits and row.type != "b":
            fields[number] = old[: random.randint(1, len(old))] if random.random() < 0.5 else old
        elif not row.length.digits and row.length.maximum != len(old):
            size = row.length.maximum
            if isinstance(old, bytes):
                fields[number] = old[:size].ljust(size, b"\x00")
            else:
                fields[number] = old[-size:].rjust(size, "0") if row.type in ("n", "z") else old[:size].ljust(size)
        return sender.construct.build(Message(one.mti, fields))
    except (DialectError, FormatError):
        return None


def rows(random: Random) -> Iterator[Fault]:
    """Rows that differ: the dialects in turn, each kind of difference as likely as any other."""
    for reader in cycle(DIALECTS.values()):
        one = message(reader, random)
        ways = [(n, how, change) for n in one.fields for how, change in others(reader.fields[n], reader.rules[n].code)]
        wanted = random.choice(sorted({how for _, how, _ in ways} | {"unknown"}))
        if wanted == "unknown":
            number = random.choice(sorted(one.fields))
            without = tuple(row for row in reader.rows if row.number != number)
            yield Fault(str(number), wanted, replace(reader, rows=without), reader.encode(one))
            continue
        number, how, change = random.choice([way for way in ways if way[1] == wanted])
        body = sent(reader, number, change, one, random)
        if body is not None:
            yield Fault(str(number), how, reader, body)


def envelopes(random: Random) -> Iterator[Fault]:
    """Bitmaps in another form, and messages of another dialect altogether."""
    for sender in cycle(DIALECTS.values()):
        body = sender.encode(message(sender, random))
        forms: list[Code] = ["raw", "hex", "hex-ebcdic"]
        for form in forms:
            if form != sender.wire.bitmap:
                yield Fault("bitmap", "bitmap", sender.changed(wire=replace(sender.wire, bitmap=form)), body)
        reader = random.choice([dialect for dialect in DIALECTS.values() if dialect is not sender])
        yield Fault("dialect", "dialect", reader, body)


def frames(random: Random) -> Iterator[Fault]:
    """Lines that differ: the length's size and code, whether it counts itself, the TPDU, the header."""
    for reader in cycle(DIALECTS.values()):
        body = reader.encode(message(reader, random))
        name = random.choice(
            ("unionpay", "binary2", "binary2-tpdu", "ascii4", "bcd2", "binary4", "tpdu", "binary2-header6")
        )
        line = ALL_LINES[name]
        how = random.choice(("length", "length", "TPDU", "header"))
        change: dict[str, Any] = {"tpdu": not line.tpdu}
        if how == "length":
            size, code = random.choice(((0, "binary"), (2, "binary"), (4, "binary"), (4, "ascii"), (2, "bcd")))
            change = random.choice(({"length": size, "code": code}, {"whole": not line.whole}))
        elif how == "header":
            change = {"header": random.choice((6, 12, 4) if not line.header else (0, 12))}
        sender = replace(line, **change)
        if sender == line or (not sender.length and sender.whole):
            continue
        tpdu = bytes.fromhex("6000030000") if sender.tpdu else b""
        yield Fault(
            how,
            f"line {how}",
            reader,
            sender.build(body, tpdu, bytes.fromhex("603100310000" * 2)[: sender.header]),
            name,
        )


def faults(random: Random, count: int) -> Iterator[Fault]:
    """So many frames that their readers cannot read: seven in ten differ in a row."""
    kinds = [rows(random)] * 7 + [envelopes(random)] * 2 + [frames(random)]
    found = 0
    while found < count:
        fault = next(kinds[found % len(kinds)])
        try:
            body = fault.data if fault.line == "bare" else ALL_LINES[fault.line].parse(fault.data).body
            list(fault.reader.walk(body))
        except FormatError:
            found += 1
            yield fault
