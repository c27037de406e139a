"""The terminal's texts: one table in two languages (`text_data/texts.txt`), checked and made into the device's tables.

A language is one `bytes` object on the device, a line `key=text` for each text, UTF-8. Widths are counted in cells:
what GNU Unifont draws 16 pixels wide takes two.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")
WIDTHS: dict[str, int | None] = {"row": 16, "menu": 13, "slip": 32, "help": None, "code": 16}
"""Section to the most cells of a text in it; None: any number."""
FIRST_WIDE = 0x2E80
"""First code point of those that take two cells (CJK Radicals Supplement and everything after it but U+FFFD)."""
CODE_PREFIX = "rc"
"""A text of section [code] has this and the two characters of F39 for its key on the device."""
ACTION_PREFIX = "do"


class TextError(ValueError):
    """A line of the table that cannot be: says which, what was expected and what was found."""


@dataclass(frozen=True)
class Text:
    """One text. `action`, in section [code] only, is the key of the text that says what to do."""

    key: str
    section: str
    en: str
    zh: str
    action: str = ""

    def in_language(self, language: str) -> str:
        """The text in "en" or "zh"."""
        return self.en if language == "en" else self.zh


def cells(text: str) -> int:
    """Width of a text on screen and paper."""
    return sum(2 if ord(char) >= FIRST_WIDE and char != "\N{REPLACEMENT CHARACTER}" else 1 for char in text)


def parse(source: str, name: str) -> list[Text]:
    """Read the table. TextError names file, line and what is wrong with it."""
    texts: list[Text] = []
    section = ""
    for number, line in enumerate(source.splitlines(), 1):
        where = f"{name}, line {number}"
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = line.strip("[]")
            if section not in WIDTHS:
                raise TextError(f"{where}: section expected one of {', '.join(WIDTHS)}, found {line!r}")
            continue
        parts = [part.strip() for part in line.split("|")]
        wanted = 4 if section == "code" else 3
        if not section or len(parts) != wanted or not all(parts):
            raise TextError(f"{where}: expected {wanted} parts between |, none empty, found {line!r}")
        text = Text(CODE_PREFIX + parts[0] if section == "code" else parts[0], section, *parts[1:])
        widest = WIDTHS[section]
        for language in LANGUAGES:
            width = cells(text.in_language(language))
            if widest is not None and width > widest:
                raise TextError(f"{where}: {text.key}, {language}: expected at most {widest} cells, found {width}")
        texts.append(text)
    keys = [text.key for text in texts]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise TextError(f"{name}: more than one text has the key {', '.join(twice)}")
    lost = sorted({text.action for text in texts if text.action} - set(keys))
    if lost:
        raise TextError(f"{name}: no text has the key {', '.join(lost)}, which a code names as what to do")
    return texts


@cache
def table() -> tuple[Text, ...]:
    """The table that is checked in."""
    return tuple(parse(_data("texts.txt"), "texts.txt"))


def names() -> list[str]:
    """Names that hosts send and that must be readable: merchants, issuers."""
    return [line for line in _data("names.txt").splitlines() if line and not line.startswith("#")]


def wide_characters() -> str:
    """Every character of texts and names that takes two cells, sorted."""
    chars = {char for text in table() for char in text.zh + text.en} | {char for name in names() for char in name}
    return "".join(sorted(char for char in chars if cells(char) == 2))


def generate(language: str) -> str:
    """The text of `firmware/generated/texts_<language>.py`."""
    return "\n".join(_module(language)) + "\n"


def _module(language: str) -> Iterable[str]:
    yield f'"""Texts in "{language}".'
    yield ""
    yield "Generated from protocols/tillbench/protocols/text_data/texts.txt by `make generate`: do not edit."
    yield '"""'
    yield ""
    yield "# A line `key=text` each, UTF-8; the first is empty, so that a line feed stands before every key."
    yield "TEXTS = ("
    yield '    b"\\n"'
    for text in table():
        value = text.in_language(language)
        note = "" if value.isascii() else f"  # {value}"
        yield f'    b"{_escaped(f"{text.key}={value}")}\\n"{note}'
        if text.action:
            yield f'    b"{ACTION_PREFIX}{text.key.removeprefix(CODE_PREFIX)}={text.action}\\n"'
    yield ")"


def _escaped(line: str) -> str:
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}" for byte in line.encode()
    )


def _data(name: str) -> str:
    return files("tillbench.protocols").joinpath("text_data", name).read_text("utf-8")
