"""What is on paper: text, dots, cuts, images."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops
from tillbench.host.devices import printer_fonts
from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.printer_codepages import CODE_TABLES, INTERNATIONAL

from .printer_rig import Rig, ink

GOLDEN = Path(__file__).parents[1] / "golden" / "printer"


def rule(char: str = "-") -> bytes:
    return char.encode() * 32 + b"\n"


SLIP = (
    b"\x1b@\x1bt\x10\x1c."
    + b"\x1b!\x38\x1ba\x01POS SLIP\n"
    + b"\x1b!\x01\x1ba\x02MERCHANT COPY\n"
    + b"\x1b!\x00\x1ba\x00"
    + rule()
    + "MERCHANT             Café Zürich\n".encode("cp1252")
    + b"TERMINAL NO             12345678\n"
    + b"\x1b!\x08CARD NO  6200 00** **** 0005 I\n"
    + b"\x1b!\x00\x1b-\x02TXN TYPE\x1b-\x00         SALE\n"
    + b"\x1b!\x38\x1ba\x02RMB 12.34\n"
    + b"\x1b!\x00\x1ba\x01\x1dB\x01 APPROVED \x1dB\x00\n"
    + b"\x1b!\x01\x1ba\x00ARQC 1122334455667788  ATC 0001\n"
    + b"\x1bt\x00\x1b!\x00\xc9\xcd\xcd\xbb \xb0\xb1\xb2\xdb\n\xc8\xcd\xcd\xbc \x9c \x9d\n"
    + b"\x1dv0\x00\x08\x00\x10\x00"
    + b"".join(bytes([0xAA if row % 2 else 0x55] * 8) for row in range(16))
    + b"\n\x1ba\x01\x1b{\x01upside down\n\x1b{\x00"
    + b"\x1dVB\x10"
)


def test_golden_slip() -> None:
    rig = Rig()
    rig.print(SLIP)
    (receipt,) = rig.printer.receipts()
    assert rig.printer.errors == []
    assert rig.printer.missing_glyphs == set()
    assert receipt.text == (GOLDEN / "slip.txt").read_text(encoding="utf-8").rstrip("\n")
    with Image.open(GOLDEN / "slip.png") as golden:
        assert receipt.image.size == golden.size
        assert ImageChops.difference(receipt.image.convert("L"), golden.convert("L")).getbbox() is None


def test_png_file(tmp_path: Path) -> None:
    rig = Rig()
    path = rig.print(b"hello\n").png(tmp_path / "new" / "slip.png")
    with Image.open(path) as image:
        assert image.size == (384, 30)
        assert image.mode == "1"


def test_photo_has_the_slip_on_paper(tmp_path: Path) -> None:
    receipt = Rig().print(b"hello\n")
    with Image.open(receipt.photo(tmp_path / "photo.png")) as photo:
        assert photo.width > receipt.image.width
        assert photo.height > receipt.image.height
        dark = photo.convert("L").point(lambda value: 255 if value < 90 else 0).getbbox()
    left, top, right, bottom = ink(receipt) or (0, 0, 0, 0)
    assert dark is not None
    assert (dark[2] - dark[0], dark[3] - dark[1]) == (right - left, bottom - top)


def test_columns_of_both_fonts_and_wrapping() -> None:
    rig = Rig()
    rig.print(b"a" * 33 + b"\n\x1bM\x01" + b"b" * 43 + b"\n\x1d!\x10\x1bM\x00" + b"c" * 17 + b"\n")
    assert rig.lines == ["a" * 32, "a", "b" * 42, "b", "c" * 16, "c"]


def test_dots_are_where_they_should_be() -> None:
    rig = Rig()
    # A full block of font A fills its cell: 12 x 24 dots, in the third column, in double size 24 x 48.
    assert ink(rig.print(b"\x1c.  \xdb\n")) == (24, 0, 36, 24)
    rig = Rig()
    assert ink(rig.print(b"\x1c.\x1d!\x11  \xdb\n")) == (48, 0, 72, 48)
    rig = Rig()
    assert ink(rig.print(b"\x1c.\x1ba\x02\x1bM\x01\xdb\n")) == (375, 0, 384, 17)
    rig = Rig()
    assert ink(rig.print(b"\x1c.\x1ba\x01\xdb\xdb\n")) == (180, 0, 204, 24)
    rig = Rig()
    assert ink(rig.print(b"\x1c.\x1dL\x64\x00\x1dW\x64\x00\x1ba\x02\xdb\n")) == (188, 0, 200, 24)
    rig = Rig()
    assert ink(rig.print(b"\x1c.\x1b$\x0a\x00\xdb\x1b\\\x0a\x00\xdb\n")) == (10, 0, 44, 24)


def test_characters_of_different_height_stand_on_one_line() -> None:
    rig = Rig()
    receipt = rig.print(b"\x1c.\x1d!\x01 \x1d!\x00\xdb\n")
    assert ink(receipt) == (12, 24, 24, 48)


def test_emphasis_and_double_strike_burn_more_dots() -> None:
    def burnt(modes: bytes) -> int:
        return sum(row.bit_count() for row in Rig().print(modes + b"TOTAL\n").rows)

    plain = burnt(b"")
    assert burnt(b"\x1bE\x01") == burnt(b"\x1bG\x01") == burnt(b"\x1b!\x08") > plain
    assert burnt(b"\x1bE\x01\x1bE\x00") == plain
    assert burnt(b"\x1dB\x01") == 5 * 12 * 24 - plain
    assert burnt(b"\x1b-\x01") > plain


def test_feeds_and_pitch() -> None:
    rig = Rig()
    rig.print(b"a\n\x1bd\x03b\x1bd\x02\x1bJ\x0a\x1b3\x50c\n\x1b2d\nx\x1bJ\x64")
    assert rig.lines == ["a", "", "", "", "b", "", "c", "d", "x"]
    assert rig.printer.strip.length == 6 * 30 + 10 + 80 + 30 + 100


def test_tabs() -> None:
    rig = Rig()
    rig.print(b"a\tb\tc\n\x1bD\x04\x14\x00a\tb\tc\n")
    assert rig.lines == ["a       b       c", "a   b               c"]


def test_characters_on_their_side() -> None:
    """The line turned by Pillow, character by character."""
    upright = Rig().print(b"T4\n").image
    rig = Rig()
    turned = rig.print(b"\x1bV\x01T4\x1bV\x00\n").image
    for number in range(2):
        glyph = upright.crop((12 * number, 0, 12 * number + 12, 24)).rotate(270, expand=True)
        assert turned.crop((24 * number, 0, 24 * number + 24, 12)).tobytes() == glyph.tobytes()
    assert rig.lines == ["T4"]
    assert rig.printer.errors == []


COLUMN = b"\xff\x00\x0f"
"""Dots of a column: eight, none, and the lower four of eight."""
COLUMN_ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 23]


def test_user_defined_characters_take_the_place_of_those_of_the_font() -> None:
    define = b"\x1b&\x03AB" + b"\x02" + COLUMN * 2 + b"\x00"
    rig = Rig()
    receipt = rig.print(define + b"\x1b%\x01A\n\x1b%\x00A\n\x1b%\x01\x1b?AA\n")
    inked = [number for number, row in enumerate(receipt.rows[:30]) if row]
    assert inked == COLUMN_ROWS
    assert {row for row in receipt.rows[:30] if row} == {0b11 << 382}
    plain = Rig().print(b"A\n").rows
    assert receipt.rows[30:60] == receipt.rows[60:90] == plain, "not selected; cancelled"
    assert Rig().print(define + b"\x1b%\x01\x1b@\x1b%\x01A\n").rows == plain, "ESC @ forgets them"
    assert not any(Rig().print(define + b"\x1b%\x01B\n").rows), "one of no columns is blank"
    wide = Rig()
    wide.print(b"\x1b&\x03AA\x0d" + COLUMN * 13 + b"\x1bM\x01\x1b&\x03AA\x09" + COLUMN * 9 + b"\x1b&\x02AA\x01XX")
    assert [error.text for error in wide.printer.errors] == [
        "ESC &: 41: 13 dots across, font A has 12",
        "ESC &: 3 bytes a column and codes 20 to 7E expected, found 2, 41 to 41",
    ]


def test_user_defined_kanji() -> None:
    rig = Rig()
    receipt = rig.print(b"\x1c2\xfe\xa1" + COLUMN * 24 + b"\xfe\xa1\n\x1c?\xfe\xa1\xfe\xa1\n")
    assert [number for number, row in enumerate(receipt.rows[:30]) if row] == COLUMN_ROWS
    assert receipt.rows[0] == (1 << 24) - 1 << 360
    assert receipt.rows[30:60] != receipt.rows[:30]


def test_modes_end_with_initialize() -> None:
    rig = Rig()
    rig.print(b"\x1b!\x39\x1ba\x02\x1dB\x01\x1b{\x01\x1b3\xff\x1dL\x20\x00half a line\x1b@plain\n")
    assert rig.lines == ["plain"]
    assert rig.printer.uncut().rows == Rig().print(b"plain\n").rows


def test_a_deselected_printer_takes_nothing() -> None:
    rig = Rig()
    rig.print(b"a\n\x1b=\x00b\n\x1dVB\x00\x1b=\x01c\n")
    assert rig.lines == ["a", "c"]
    assert rig.printer.receipts() == []


@pytest.mark.parametrize(
    ("cut", "kind"),
    [
        (b"\x1dVA\x00", "full"),
        (b"\x1dVB\x00", "partial"),
        (b"\x1dVa\x00", "full"),
        (b"\x1dVg\x00", "full"),
        (b"\x1bd\x04\x1dV\x00", "full"),
        (b"\x1bd\x04\x1dV0", "full"),
        (b"\x1bd\x04\x1dV\x01", "partial"),
        (b"\x1bd\x04\x1dV1", "partial"),
        (b"\x1bd\x04\x1bi", "full"),
        (b"\x1bd\x04\x1bm", "partial"),
    ],
)
def test_cuts(cut: bytes, kind: str) -> None:
    rig = Rig()
    heard: list[Receipt] = []
    rig.printer.receipt_listeners.append(heard.append)
    rig.print(b"first\n" + cut + b"second\n" + cut)
    first, second = rig.printer.receipts()
    assert (first.text.strip(), first.cut) == ("first", kind)
    assert (second.text.strip(), second.cut) == ("second", kind)
    assert heard == [first, second]
    assert rig.printer.errors == []


def test_a_cut_without_a_feed_goes_through_what_is_under_the_blade() -> None:
    rig = Rig()
    rig.print(b"1\n2\n3\n4\n5\n\x1bJ\x10\x1dV\x00")
    (receipt,) = rig.printer.receipts()
    # 166 rows printed, the blade is 96 behind the head: row 70, in the third line.
    assert receipt.text == "1\n2"
    assert rig.printer.uncut().text == "3\n4\n5"
    assert len(receipt.rows) == 70
    assert [error.text for error in rig.printer.errors] == ["the cut went through the line '3'"]


def test_raster_images_scale_justify_and_are_cut_off_at_the_edge() -> None:
    image = b"\x01\x00\x02\x00\xff\x81"
    assert ink(Rig().print(b"\x1dv0\x00" + image)) == (0, 0, 8, 2)
    assert ink(Rig().print(b"\x1dv0\x03" + image)) == (0, 0, 16, 4)
    assert ink(Rig().print(b"\x1ba\x02\x1dv0\x00" + image)) == (376, 0, 384, 2)
    rig = Rig()
    receipt = rig.print(b"\x1dv0\x00\x32\x00\x01\x00" + b"\xff" * 50)
    assert ink(receipt) == (0, 0, 384, 1)
    assert rig.printer.errors[0].text == "GS v 0: 400 dots across, more than the 384 of the print area"
    assert receipt.text == "[image 400x1]"


def test_column_and_buffered_images_are_the_raster_image() -> None:
    raster = Rig().print(b"\x1dv0\x00\x01\x00\x18\x00" + b"\xf0" * 24).rows
    columns = Rig().print(b"\x1b3\x00\x1b*\x21\x08\x00" + b"\xff\xff\xff" * 4 + b"\x00\x00\x00" * 4 + b"\n").rows
    data = b"\x30\x70\x30\x01\x01\x31\x08\x00\x18\x00" + b"\xf0" * 24
    store = b"\x1d(L" + len(data).to_bytes(2, "little") + data
    graphics = Rig().print(store + b"\x1d(L\x02\x00\x30\x32").rows
    assert columns == raster
    assert graphics == raster


@pytest.mark.parametrize(
    ("data", "note", "error"),
    [
        (
            b"\x1dk\x021234567890123\0",
            "[EAN13 not drawn: 1234567890123]",
            "GS k: EAN13: check digit expected 8, found 3",
        ),
        (b"\x1dkI\x03ABC", "[CODE128 not drawn: ABC]", "GS k: CODE128: {A, {B or {C expected first, found 'AB'"),
        (b"\x1dk\x05123\0", "[ITF not drawn: 123]", "GS k: ITF: an even number of digits expected, found 3"),
        (
            b"\x1dw\x06\x1dk\x04TOO WIDE FOR IT\0",
            "[CODE39 not drawn: TOO WIDE FOR IT]",
            "GS k: CODE39: 1473 dots across, more than the 384 of the print area",
        ),
        (b"\x1dkK\x03123", "[GS1 DATABAR not drawn: 123]", "GS k: GS1 DATABAR is not drawn by this printer"),
        (
            b"\x1d(k\x08\x002P0hello\x1d(k\x03\x002Q0",
            "[MaxiCode not drawn: hello]",
            "GS ( k: MaxiCode is not drawn by this printer",
        ),
        (
            b"\x1d(k\x03\x000A\x1e\x1d(k\x08\x000P0hello\x1d(k\x03\x000Q0",
            "[PDF417 not drawn]",
            "GS ( k: PDF417: 8 code words do not fit in 30 columns and any number of rows on 384 dots",
        ),
    ],
)
def test_what_cannot_be_drawn_is_marked_on_paper(data: bytes, note: str, error: str) -> None:
    rig = Rig()
    receipt = rig.print(data + b"after\n")
    assert rig.lines == [note, "after"]
    assert rig.printer.errors[-1].text == error
    assert ink(receipt) is not None


@pytest.mark.parametrize("table", sorted(CODE_TABLES))
def test_code_tables(table: int) -> None:
    rig = Rig()
    rig.print(b"\x1c.\x1bt" + bytes([table]) + bytes(range(0xC0, 0xE0)) + b"\n")
    assert rig.lines == [bytes(range(0xC0, 0xE0)).decode(CODE_TABLES[table], errors="replace")]


def test_international_variants() -> None:
    for number, characters in INTERNATIONAL.items():
        rig = Rig()
        rig.print(b"\x1bR" + bytes([number]) + b"#$@[\\]^`{|}~\n")
        assert rig.lines == [characters]


def test_hanzi_are_printed_and_rare_ones_shown_as_boxes() -> None:
    rig = Rig()
    receipt = rig.print("消费 SALE 金额\n".encode("gb18030"))
    assert receipt.text == "消费 SALE 金额"
    assert rig.printer.missing_glyphs == set()
    first = [row >> 384 - 24 for row in receipt.lines[0].rows[:24]]
    assert tuple(first) == printer_fonts.hanzi().glyphs["消"]
    rig.print("𠮷㐀".encode("gb18030") + b"\n\x1c." + "é".encode("cp437") + b"\n\x1c&" + "银\n".encode("gb18030"))
    assert rig.lines[1:] == ["𠮷㐀", "é", "银"]
    assert rig.printer.missing_glyphs == set("𠮷㐀")
    utf8 = Rig(kanji_encoding="utf-8")
    utf8.print("é 消费 €\n".encode())
    assert utf8.lines == ["é 消费 €"]


def test_half_a_hanzi_is_an_error() -> None:
    rig = Rig()
    rig.print(b"a\xcf\nb\n")
    assert rig.lines == ["a", "b"]
    assert [str(error) for error in rig.printer.errors] == ["offset 2: half a two-byte character: CF"]


def test_arguments_out_of_range_are_errors_and_change_nothing() -> None:
    rig = Rig()
    rig.print(b"\x1bt\xc8\x1bR\x63\x1bM\x07\x1ba\x09\x1dV\x09\x1dr\x09\x1bV\x03x\x1ba\x01\x1b{\x01\n")
    assert rig.lines == ["x"]
    assert [error.offset for error in rig.printer.errors] == [0, 3, 6, 9, 12, 15, 18, 22, 25]


def test_the_fonts_have_what_the_code_tables_of_europe_need() -> None:
    for name in "AB":
        font = printer_fonts.load(name)
        assert all(row < 1 << font.width for glyph in font.glyphs.values() for row in glyph)
        for codec in ("ascii", "latin-1", "cp437", "cp850", "cp852", "cp858", "cp866", "cp1252"):
            high = range(0x20, 0x7F) if codec == "ascii" else range(0xA0, 0x100)
            for char in bytes(high).decode(codec):
                assert font.glyph(char) is not None, (name, codec, char)
    with pytest.raises(ValueError, match="expected A or B, found 'C'"):
        printer_fonts.load("C")
