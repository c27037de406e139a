"""Pieces of generated source that its makers have in common."""

from collections.abc import Iterable, Iterator

from tillbench.protocols.iso8583.rule import Rule


def indented(lines: Iterable[str], depth: int) -> Iterator[str]:
    """The lines, so many levels deep."""
    return ("    " * depth + line for line in lines)


def in_docstring(name: str) -> str:
    """A dialect's name as it may stand in a docstring, which it cannot end: names come from others' definitions too."""
    return name.encode("unicode_escape").decode("ascii").replace('"', "'")


def bit(number: int) -> tuple[str, int]:
    """Where the bit of a field is: which part of its bitmap, and the mask in there.

    A bitmap is kept in three parts of 22, 21 and 21 bits: CPython is quicker with integers below 2 ** 30.
    """
    third, bit = divmod(63 - (number - 1) % 64, 21)
    return ("c", "b", "a", "a")[third], 1 << (bit if third < 3 else 21)


def wrong_characters(rule: Rule, value: str) -> str:
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


def slow(rule: Rule) -> bool:
    """Is the rule so rare that the walker reads and writes it?"""
    return rule.trim or rule.type == "x+n"
