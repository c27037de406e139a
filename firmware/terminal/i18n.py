"""The texts on screens and slips, by key, in the language in use.

Each language is one table in `bytes`, a line a text: on a device that is one object in flash instead of a dictionary of
two hundred in RAM. The tables are generated; `docs/terminal.md` tells how to add a text.
"""

from generated import texts_en

LANGUAGES = ("en", "zh")

_table = texts_en.TEXTS
_language = "en"


def use(language: str) -> None:
    """Takes texts from the table of "en" or "zh" from now on. ValueError for another language."""
    global _table, _language
    if language not in LANGUAGES:
        raise ValueError("language %s, expected en or zh" % language)
    if language == "zh":
        from generated.texts_zh import TEXTS

        _table = TEXTS
    else:
        _table = texts_en.TEXTS
    _language = language


def language() -> str:
    """The language in use, "en" or "zh"."""
    return _language


def has(key: str) -> bool:
    """True if the table has a text under `key`."""
    return _table.find(b"\n" + key.encode() + b"=") >= 0


def text(key: str) -> str:
    """The text under `key`. Raises KeyError when the table has no such key."""
    return _find(_table, key)


def english(key: str) -> str:
    """The English text under `key`, whatever language is in use. Raises KeyError."""
    return _find(texts_en.TEXTS, key)


def _find(table: bytes, key: str) -> str:
    start = table.find(b"\n" + key.encode() + b"=")
    if start < 0:
        raise KeyError(key)
    start += len(key) + 2
    return table[start : table.find(b"\n", start)].decode()
