"""Which character a byte prints: code tables (ESC t), international variants (ESC R) and two-byte characters."""

from __future__ import annotations

CODE_TABLES: dict[int, str] = {
    0: "cp437",
    1: "cp932",
    2: "cp850",
    3: "cp860",
    4: "cp863",
    5: "cp865",
    13: "cp857",
    14: "cp737",
    15: "iso8859-7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
    33: "cp775",
    34: "cp855",
    35: "cp861",
    39: "iso8859-2",
    40: "iso8859-15",
    44: "cp1125",
    45: "cp1250",
    46: "cp1251",
    47: "cp1253",
    48: "cp1254",
    51: "cp1257",
}
"""n of ESC t to a Python codec (Epson ESC/POS Command Reference, ESC t; the 58 mm printers agree up to 19)."""

_VARIANT_PLACES = "#$@[\\]^`{|}~"
INTERNATIONAL: dict[int, str] = {
    0: "#$@[\\]^`{|}~",
    1: "#$à°ç§^`éùè¨",
    2: "#$§ÄÖÜ^`äöüß",
    3: "£$@[\\]^`{|}~",
    4: "#$@ÆØÅ^`æøå~",
    5: "#¤ÉÄÖÅÜéäöåü",
    6: "#$@°\\é^ùàòèì",
    7: "₧$@¡Ñ¿^`¨ñ}~",
    8: "#$@[¥]^`{|}~",
    9: "#¤ÉÆØÅÜéæøåü",
    10: "#$ÉÆØÅÜéæøåü",
    11: "#$á¡Ñ¿é`íñóú",
    12: "#$á¡Ñ¿éüíñóú",
    13: "#$@[₩]^`{|}~",
    14: "#$ŽŠĐĆČžšđćč",
    15: "#¥@[\\]^`{|}~",
}
"""n of ESC R to the characters in the twelve places 23 24 40 5B 5C 5D 5E 60 7B 7C 7D 7E (ESC R; 15 is China)."""

_FIRST_HIGH = 0x80
_MISSING = "\N{REPLACEMENT CHARACTER}"


def decode_byte(byte: int, table: int, variant: int) -> str:
    """The character of one byte; U+FFFD where the table has none."""
    if byte < _FIRST_HIGH:
        place = _VARIANT_PLACES.find(chr(byte))
        return INTERNATIONAL[variant][place] if place >= 0 else chr(byte)
    return bytes([byte]).decode(CODE_TABLES[table], errors="replace")


def wide_length(lead: bytes, encoding: str) -> int:
    """How many bytes the two-byte (or longer) character has that begins with `lead`; 1 if none begins there.

    With GB18030 the second byte decides between two and four, so ask again when there are two.
    """
    first = lead[0]
    if encoding == "utf-8":
        return 1 if first < 0xC2 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    if not 0x81 <= first <= 0xFE:
        return 1
    return 4 if len(lead) > 1 and 0x30 <= lead[1] <= 0x39 else 2
