"""A dialect as the tables that `firmware/iso8583/rules.py` reads on the device."""

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.field import Code, CountCode, Type
from tillbench.protocols.iso8583.rule import Rule

TYPES: tuple[Type, ...] = ("n", "z", "a", "an", "as", "ns", "ans", "b", "x+n")
CODES: tuple[Code, ...] = ("packed", "ascii", "ebcdic", "raw", "hex", "hex-ebcdic")
COUNT_CODES: tuple[CountCode, ...] = ("bcd", "ascii", "ebcdic", "binary")
LEFT, TRIM, TWICE, HALF, EMPTY = 1, 2, 4, 8, 16


def kind(rule: Rule) -> bytes:
    """A rule without its number and largest length, in the four bytes that `firmware/iso8583/rules.py` reads.

    ValueError: a smallest length that the table has no room for.
    """
    if rule.low not in ((0, 1) if rule.prefix else (rule.high,)):
        raise ValueError(f"field {rule.number}: the table has no room for a minimum length of {rule.low}")
    flags = LEFT * rule.pad_left + TRIM * rule.trim + TWICE * (rule.multiply == 2) + HALF * (rule.divide == 2)
    if rule.prefix and not rule.low:
        flags |= EMPTY
    first = TYPES.index(rule.type) << 4 | CODES.index(rule.code)
    count = COUNT_CODES.index(rule.count_code) << 4 | rule.prefix if rule.prefix else 0
    if rule.code not in ("packed",) or rule.type == "x+n":
        flags &= ~LEFT
    return bytes([first, count, flags, int(rule.fill, 16)])


def slow(rule: Rule) -> bool:
    """Is the rule so rare that the slow reader takes it?"""
    return (
        rule.type in ("x+n", "as", "ns")
        or rule.code in ("hex", "hex-ebcdic", "ebcdic")
        or rule.multiply != 1
        or rule.divide != 1
        or rule.fill != "0"
        or (rule.prefix > 0 and not rule.low)
    )


def group(rule: Rule) -> int:
    """The branch of the loops that a rule belongs to."""
    if slow(rule):
        return 5
    if rule.code == "packed":
        return 0 if rule.type == "n" else 1
    return 4 if rule.code == "raw" else 3 if rule.type == "ans" else 2


class Tables:
    """rows, kinds: see `firmware/iso8583/rules.py`; the kinds are in the order of their groups."""

    def __init__(self, dialect: Dialect) -> None:
        envelope = dialect.envelope
        rules = {0: envelope.mti, **dialect.rules}
        examples = {kind(rule): rule for rule in rules.values()}
        order = sorted(examples, key=lambda code: (group(examples[code]), code))
        self.examples = [examples[code] for code in order]
        self.kinds = b"".join(order)
        numbers = {code: index + 1 for index, code in enumerate(order)}
        self.rows = b"".join(
            bytes([numbers[kind(rules[n])]]) + rules[n].high.to_bytes(2, "big") if n in rules else bytes(3)
            for n in range(64 * dialect.bitmaps + 1)
        )
        ebcdic = {"ebcdic", "hex-ebcdic"} & ({envelope.bitmap} | {rule.code for rule in rules.values()}) or any(
            rule.count_code == "ebcdic" for rule in rules.values() if rule.prefix
        )
        page = bytes(range(256)).decode(envelope.mti.codepage).encode("latin-1") if ebcdic else b""
        self.whole = (
            self.rows,
            self.kinds,
            CODES.index(envelope.bitmap),
            envelope.bitmaps,
            envelope.always,
            page,
        )

    def bounds(self) -> list[int]:
        """The first kind that is behind group 0, 1, 2, 3, 4."""
        groups = [group(rule) for rule in self.examples]
        return [1 + sum(group <= limit for group in groups) for limit in range(5)]
