"""The habits of the wire that the ISO dialects come in."""

from tillbench.protocols.iso8583.field import Wire

ASCII = Wire(digits="ascii", tracks="ascii", text="ascii", binary="hex", counts="ascii", bitmap="hex")
"""All text: counts, digits, and bytes and the bitmap as hexadecimal."""

BCD = Wire()
"""Digits and tracks packed two to a byte, BCD counts, bytes and bitmap raw; a fixed field is padded on the left."""

EBCDIC = Wire(digits="ebcdic", tracks="ebcdic", text="ebcdic", binary="raw", counts="ebcdic", bitmap="raw")
"""Text in code page 037; bytes and bitmap raw."""
