"""Dialects that no acquirer speaks: a field for each thing that a row can say. What codecs are tried with."""

from tillbench.protocols.iso8583.dialect import Dialect, Field, Length, Wire, fixed, ll, lll, llll

ROWS = (
    Field(2, "counted in bytes, told by F on the right", "n", ll(19), counts="bytes", fill="F"),
    Field(3, "counted in bytes, told by F on the left", "n", ll(19), counts="bytes", fill="F", pad="left"),
    Field(4, "may be empty", "n", lll(30, 0)),
    Field(5, "longer than a thousand", "n", llll(3000)),
    Field(6, "hexadecimal, counted in characters", "b", lll(200), code="hex", counts="characters"),
    Field(7, "hexadecimal in EBCDIC", "b", lll(200), code="hex-ebcdic"),
    Field(8, "bytes counted in digits", "b", lll(200), counts="digits"),
    Field(9, "binary count", "n", Length(3, 1, 700), count_code="binary"),
    Field(10, "binary count of four bytes", "b", Length(4, 0, 5000, 4), count_code="binary"),
    Field(11, "EBCDIC", "ans", lll(99, 0), code="ebcdic", count_code="ebcdic"),
    Field(12, "text counted in nibbles", "ans", lll(99), counts="nibbles", code="ascii", count_code="ascii"),
    Field(13, "signed", "x+n", fixed(9)),
    Field(14, "signed in EBCDIC", "x+n", fixed(9), code="ebcdic"),
    Field(15, "signed in ASCII", "x+n", fixed(9), code="ascii"),
    Field(16, "letters", "a", ll(9)),
    Field(17, "letters, signs", "as", ll(9)),
    Field(18, "digits, signs", "ns", ll(9)),
    Field(19, "padded with F", "n", fixed(3), fill="F"),
    Field(20, "padded with A on the right", "n", fixed(3), pad="right", fill="A"),
    Field(35, "a track without F", "z", ll(37), counts="bytes", fill="F"),
    Field(66, "digits as text", "n", fixed(5), code="ascii"),
    Field(128, "bytes", "b", fixed(8)),
    Field(130, "digits in EBCDIC, counted in ASCII", "n", ll(5), code="ebcdic", count_code="ascii"),
    Field(192, "a track in EBCDIC", "z", ll(5), code="ebcdic"),
)

THREE_BITMAPS = Dialect("specimen", ROWS, bitmaps=3)
HEX_BITMAP = Dialect("specimen-hex", ROWS, Wire(bitmap="hex"), bitmaps=3, second_bitmap="always")
EBCDIC_BITMAP = Dialect(
    "specimen-ebcdic", ROWS, Wire(digits="ascii", tracks="ascii", counts="binary", bitmap="hex-ebcdic"), bitmaps=3
)
TEXT_WITH_BCD_COUNTS = Dialect(
    "specimen-text",
    (
        Field(2, "digits", "n", ll(19)),
        Field(44, "text", "ans", lll(25, 0)),
        Field(52, "hexadecimal", "b", ll(8)),
        Field(63, "longer than a thousand", "ans", llll(2000)),
    ),
    Wire(digits="ebcdic", tracks="ebcdic", text="ebcdic", binary="hex-ebcdic", bitmap="hex-ebcdic", codepage="cp500"),
)
SPECIMENS = (THREE_BITMAPS, HEX_BITMAP, EBCDIC_BITMAP, TEXT_WITH_BCD_COUNTS)
