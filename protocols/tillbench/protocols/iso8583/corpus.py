"""Messages of a dialect made at random, and ways to spoil them: what codecs are tried with.

All chance comes from the `random.Random` handed in: the same seed gives the same corpus. `compare` runs the CPython
codecs of a dialect against each other; the device's come in by `frames` and `messages`, batch by batch.
"""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import TypeAlias

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.rule import Rule

Outcome: TypeAlias = tuple[object, ...]

_MTIS = ("0100", "0110", "0200", "0210", "0220", "0320", "0400", "0410", "0500", "0620", "0800", "0810", "0820")


def value(rule: Rule, random: Random) -> str | bytes:
    """A value of the field: any length that is allowed; mostly short ones, often the shortest, at times the longest."""
    low, high = rule.sizes
    size = random.choice((low, random.randint(low, min(high, low + 40)), random.randint(low, min(high, low + 40))))
    if random.random() < 0.1:
        size = random.choice((high, random.randint(low, high)))
    if rule.pairs:
        size += size % 2
    if rule.type == "b":
        return random.randbytes(size)
    if rule.type == "x+n":
        return random.choice("CD") + "".join(random.choices("0123456789", k=size - 1))
    return "".join(random.choices(rule.alphabet[0], k=size))


def message(dialect: Dialect, random: Random) -> Message:
    """A valid message with some of the fields."""
    numbers = list(dialect.rules)
    if dialect.bitmaps > 1 and random.random() < 0.5:
        numbers = [number for number in numbers if number <= 64]
    chosen = random.sample(numbers, random.randint(0, min(len(numbers), 14)))
    return Message(random.choice(_MTIS), {number: value(dialect.rules[number], random) for number in chosen})


def spoiled(message: Message, random: Random) -> Message:
    """The message with one thing changed that may make it impossible to encode."""
    fields: dict[int, str | bytes] = dict(message.fields)
    what = random.randrange(5)
    if what == 0 or not fields:
        fields[random.choice((0, 1, 5, 16, 43, 63, 65, 128, 129, 192, 193, -1))] = "123"
    else:
        number = random.choice(sorted(fields))
        old = fields[number]
        if what == 1:
            fields[number] = old.encode("latin-1") if isinstance(old, str) else old.hex()
        elif what == 2:
            fields[number] = old[: len(old) // 2] if random.random() < 0.5 else old * 2
        elif what == 3:
            fields[number] = old[:0]
        elif isinstance(old, str) and old:
            at = random.randrange(len(old))
            fields[number] = old[:at] + random.choice("aAgGzZ =\x1f\x7f\xff:/@`[{中٣F") + old[at + 1 :]
    mti = random.choice((message.mti, message.mti, message.mti, "", "20A", "02X0", "02000"))
    return Message(mti, fields)


def mutated(data: bytes, random: Random) -> bytes:
    """The bytes of a message with one to three faults: bits, bytes, cuts, insertions; most of them near the front,
    where the message type, the bitmap and the first counts are."""
    body = bytearray(data)
    for _ in range(random.randint(1, 3)):
        size = len(body)
        at = random.randrange(min(size, random.choice((12, 40, size, size))) or 1) if size else 0
        what = random.randrange(7)
        if what == 0 and size:
            body[at] ^= 1 << random.randrange(8)
        elif what == 1 and size:
            body[at] = random.randrange(256)
        elif what == 2 and size:
            body[at] = random.choice(b"\x00\x01\x09\x0a\x10\x99\x9a\xa0\xff019AFafCD =\xf0\xf9\xc6")
        elif what == 3:
            del body[random.randrange(size + 1) :]
        elif what == 4:
            body += random.randbytes(random.randint(1, 4))
        elif what == 5:
            body[at:at] = random.randbytes(random.randint(1, 3))
        else:
            del body[at : at + random.randint(1, 3)]
    return bytes(body)


def frames(dialect: Dialect, random: Random) -> Iterator[bytes]:
    """Bodies without end: a tenth whole, the others mutated."""
    while True:
        body = dialect.construct.build(message(dialect, random))
        yield body
        for _ in range(9):
            yield mutated(body, random)


def messages(dialect: Dialect, random: Random) -> Iterator[Message]:
    """Messages without end, most of which cannot be encoded."""
    while True:
        yield spoiled(message(dialect, random), random)


def reference_decode(dialect: Dialect, data: bytes) -> Outcome:
    """What the reference codec makes of a body: ("ok", message type, fields) or ("error", *FormatError.key)."""
    try:
        found = dialect.construct.parse(data)
    except FormatError as error:
        return ("error", *error.key)
    return "ok", found.mti, found.fields


def reference_encode(dialect: Dialect, message: Message) -> Outcome:
    """What the reference codec makes of a message: ("ok", bytes) or ("error", *FormatError.key)."""
    try:
        return "ok", dialect.construct.build(message)
    except FormatError as error:
        return ("error", *error.key)


def fast_decode(dialect: Dialect, data: bytes) -> Outcome:
    """The same of the generated codec."""
    try:
        return ("ok", *dialect.codec.decode(data))
    except FormatError as error:
        return ("error", *error.key)


def fast_encode(dialect: Dialect, message: Message) -> Outcome:
    """The same of the generated codec."""
    try:
        return "ok", dialect.codec.encode(message.mti, message.fields)
    except FormatError as error:
        return ("error", *error.key)


def compare(dialect: Dialect, random: Random, count: int) -> Counter[str]:
    """Runs `count` bodies and a fifth as many messages through the reference and the generated CPython codec.

    The counter: `ok`, the first word of each expectation that was not met, and `disagreements`. AssertionError would
    lose the rest, so the first disagreement is kept in the key `first: ...`.
    """
    outcomes: Counter[str] = Counter(disagreements=0)

    def note(expected: Outcome, found: Outcome, what: str) -> None:
        outcomes["ok" if expected[0] == "ok" else str(expected[5]).split()[0]] += 1
        if expected != found:
            if not outcomes["disagreements"]:
                outcomes[f"first: {what}: {expected} {found}"] += 1
            outcomes["disagreements"] += 1

    bodies = frames(dialect, random)
    for _ in range(count):
        body = next(bodies)
        expected = reference_decode(dialect, body)
        note(expected, fast_decode(dialect, body), body.hex())
        if expected[0] == "ok":
            again = fast_encode(dialect, Message(*expected[1:]))  # type: ignore[arg-type]  # an "ok" has the message behind it
            note(("ok", body), again, f"encoding {body.hex()}")
    many = messages(dialect, random)
    for _ in range(count // 5):
        one = next(many)
        note(reference_encode(dialect, one), fast_encode(dialect, one), repr((one.mti, one.fields)))
    return outcomes
