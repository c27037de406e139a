"""Messages of a dialect made at random, and ways to spoil them: what codecs are tried with.

All chance comes from the `random.Random` handed in: the same seed gives the same corpus.
"""

from random import Random

from tillbench.protocols.iso8583.dialect import Dialect, Field
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.values import ALPHABETS

_LETTERS = {name: sorted(alphabet) for name, (alphabet, _) in ALPHABETS.items()}
_MTIS = ("0100", "0110", "0200", "0210", "0220", "0320", "0400", "0410", "0500", "0620", "0800", "0810", "0820")


def value(field: Field, random: Random) -> str | bytes:
    """A value of the field: any length that is allowed; mostly short ones, often the shortest, at times the longest."""
    low, high = field.sizes
    size = random.choice((low, random.randint(low, min(high, low + 40)), random.randint(low, min(high, low + 40))))
    if random.random() < 0.1:
        size = random.choice((high, random.randint(low, high)))
    if field.unit == "digits" and field.counts == "bytes":
        size += size % 2
    if field.type == "b":
        return random.randbytes(size)
    return "".join(random.choices(_LETTERS[field.type], k=size))


def message(dialect: Dialect, random: Random) -> Message:
    """A valid message with some of the fields."""
    chosen = random.sample(dialect.rows, random.randint(0, min(len(dialect.rows), 14)))
    return Message(random.choice(_MTIS), {field.number: value(field, random) for field in chosen})


def spoiled(message: Message, random: Random) -> Message:
    """The message with one thing changed that may make it impossible to encode."""
    fields: dict[int, str | bytes] = dict(message.fields)
    what = random.randrange(5)
    if what == 0 or not fields:
        fields[random.choice((0, 1, 5, 16, 43, 63, 65, 128, -1))] = "123"
    else:
        number = random.choice(sorted(fields))
        old = fields[number]
        if what == 1:
            fields[number] = old.encode("latin-1") if isinstance(old, str) else old.hex()
        elif what == 2:
            fields[number] = old[: len(old) // 2] if random.random() < 0.5 else old * 2
        elif what == 3:
            fields[number] = old[:0]
        elif isinstance(old, str):
            at = random.randrange(len(old))
            fields[number] = old[:at] + random.choice("aAgGzZ =\x1f\x7f\xff:/@`[{中٣") + old[at + 1 :]
    mti = random.choice((message.mti, message.mti, message.mti, "", "20A", "02X0", "02000"))
    return Message(mti, fields)


def mutated(data: bytes, random: Random) -> bytes:
    """The bytes of a message with one to three faults: bits, bytes, cuts, insertions; most of them near the front,
    where the message type, the bitmap and the first counts are."""
    body = bytearray(data)
    for _ in range(random.randint(1, 3)):
        size = len(body)
        at = random.randrange(min(size, random.choice((12, 30, size))) or 1) if size else 0
        what = random.randrange(7)
        if what == 0 and size:
            body[at] ^= 1 << random.randrange(8)
        elif what == 1 and size:
            body[at] = random.randrange(256)
        elif what == 2 and size:
            body[at] = random.choice((0x00, 0x01, 0x09, 0x0A, 0x10, 0x99, 0x9A, 0xA0, 0xFF))
        elif what == 3:
            del body[random.randrange(size + 1) :]
        elif what == 4:
            body += random.randbytes(random.randint(1, 4))
        elif what == 5:
            body[at:at] = random.randbytes(random.randint(1, 3))
        else:
            del body[at : at + random.randint(1, 3)]
    return bytes(body)
