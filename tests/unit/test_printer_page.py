"""Page mode: where things are on the page, in each direction, and what ends it."""

from __future__ import annotations

import pytest
from PIL import Image
from tillbench.host.devices.paper import Receipt

from .printer_rig import Rig, ink

BEGIN, LEAVE, PRINT, END, CANCEL = b"\x1bL", b"\x1bS", b"\x1b\x0c", b"\x0c", b"\x18"
BLOCK = b"\xdb"
"""A cell of 12 x 24 dots, all black, outside of kanji mode."""


def area(x: int, y: int, width: int, height: int) -> bytes:
    return b"\x1bW" + b"".join(value.to_bytes(2, "little") for value in (x, y, width, height))


def direction(n: int) -> bytes:
    return b"\x1bT" + bytes([n])


def position(command: bytes, n: int) -> bytes:
    return command + n.to_bytes(2, "little", signed=n < 0)


def across(n: int) -> bytes:
    return position(b"\x1b$", n)


def down(n: int) -> bytes:
    return position(b"\x1d$", n)


def on_page(data: bytes) -> tuple[Rig, Receipt]:
    rig = Rig()
    return rig, rig.print(b"\x1c." + BEGIN + data + END)


def test_nothing_comes_out_before_the_end_and_then_all_of_it_to_the_end_of_the_area() -> None:
    rig = Rig()
    assert rig.print(BEGIN + area(0, 0, 384, 100) + b"first\nsecond\n").rows == ()
    receipt = rig.print(END)
    assert len(receipt.rows) == 100
    assert receipt.text == "first\nsecond"
    assert rig.print(b"standard again\n").text == "first\nsecond\nstandard again"
    assert rig.printer.errors == []


@pytest.mark.parametrize(
    ("n", "box"),
    [
        # In an area of 200 x 120 at 50, 30: two cells after 10 dots of the line, the base line 40 from its edge.
        (0, (60, 49, 84, 73)),
        (1, (69, 116, 93, 140)),
        (2, (216, 107, 240, 131)),
        (3, (207, 40, 231, 64)),
    ],
)
def test_four_directions(n: int, box: tuple[int, int, int, int]) -> None:
    rig, receipt = on_page(area(50, 30, 200, 120) + direction(n) + down(40) + across(10) + BLOCK * 2)
    assert ink(receipt) == box
    assert len(receipt.rows) == 150
    assert rig.printer.errors == []


@pytest.mark.parametrize(("n", "degrees"), [(1, 90), (2, 180), (3, 270)])
def test_a_page_that_is_turned_is_the_page(n: int, degrees: int) -> None:
    """The same in every direction of a square, images and bar codes too; a picture is turned by Pillow."""
    data = (
        b"TURN me\n\x1d!\x11Big\n\x1d!\x00"
        + b"\x1d$\xa0\x00\x1d(L\x0e\x000p0\x01\x01\x31\x10\x00\x02\x00\xff\x80\x80\x00\x1d(L\x02\x0002 "
        + b"\x1d$\xf0\x00\x1dh\x20\x1dw\x02\x1dkC\x0c400638133393"
    )
    upright = on_page(area(0, 0, 300, 300) + data)[1]
    rig, turned = on_page(area(0, 0, 300, 300) + direction(n) + data)
    assert rig.printer.errors == []
    assert len(turned.rows) == 300
    expected = upright.image.crop((0, 0, 300, 300)).rotate(degrees)
    assert turned.image.crop((0, 0, 300, 300)).tobytes() == expected.tobytes()


def test_areas_beside_each_other_are_one_slip() -> None:
    rig, receipt = on_page(area(0, 0, 180, 60) + b"left\nbelow" + area(192, 0, 192, 60) + b"right")
    assert receipt.text == "left            right\nbelow"
    assert len(receipt.rows) == 60
    assert rig.printer.errors == []


def test_lines_wrap_at_the_area_and_its_lower_edge_cuts_off() -> None:
    rig, receipt = on_page(area(0, 0, 60, 54) + b"1234567890abcde")
    assert receipt.text == "12345\n67890"
    assert len(receipt.rows) == 54
    assert ink(receipt) is not None
    assert rig.printer.errors == []


def test_positions_down_the_page() -> None:
    block = area(0, 0, 384, 200) + BLOCK
    assert ink(on_page(block)[1]) == (0, 0, 12, 24)
    # A cell of double height has six dots under its base line.
    assert ink(on_page(area(0, 0, 384, 200) + down(42) + b"\x1d!\x01" + BLOCK)[1]) == (0, 0, 12, 48)
    assert ink(on_page(block + position(b"\x1d\\", 50) + BLOCK)[1]) == (0, 0, 24, 74)
    assert ink(on_page(area(0, 0, 384, 200) + down(100) + position(b"\x1d\\", -60) + BLOCK)[1]) == (0, 19, 12, 43)
    assert ink(on_page(area(0, 0, 384, 200) + b"\x1bJ\x0a" + BLOCK)[1]) == (0, 10, 12, 34)
    assert ink(on_page(area(0, 0, 384, 200) + b"\x1bd\x02" + BLOCK)[1]) == (0, 60, 12, 84)
    rig, _ = on_page(block + down(201))
    assert [error.text for error in rig.printer.errors] == [
        "GS $: a position in the area of 200 dots expected, found 201"
    ]


def test_esc_ff_prints_and_keeps_the_page() -> None:
    rig = Rig()
    receipt = rig.print(BEGIN + area(0, 0, 384, 60) + b"one\n" + PRINT + b"two" + PRINT)
    assert receipt.text == "one\none\ntwo"
    assert len(receipt.rows) == 120
    assert rig.print(LEAVE + b"after\n").text == "one\none\ntwo\nafter"


def test_can_takes_away_what_is_in_the_area() -> None:
    rig, receipt = on_page(
        area(0, 0, 384, 30) + b"kept" + area(0, 30, 384, 30) + b"gone" + CANCEL + across(60) + b"new"
    )
    assert receipt.text == "kept\n     new"
    assert ink(receipt) == ink(on_page(area(0, 0, 384, 30) + b"kept" + area(0, 30, 384, 30) + across(60) + b"new")[1])
    assert rig.printer.errors == []


def test_esc_s_and_esc_at_forget_the_page() -> None:
    for leave in (LEAVE, b"\x1b@", bytes.fromhex("1014 08 01031401060208")):
        rig = Rig()
        receipt = rig.print(BEGIN + area(0, 0, 100, 100) + b"gone" + leave + b"here\n" + BEGIN + b"x" + END)
        assert rig.lines == ["here", "x"]
        assert len(receipt.rows) == 30 + rig.printer.profile.page_rows, "the area is the whole page again"


def test_an_empty_page_moves_no_paper() -> None:
    rig, receipt = on_page(b"")
    assert receipt.rows == ()
    assert rig.printer.errors == []


def test_what_is_set_before_the_page_counts_for_it_and_the_direction_stays() -> None:
    rig = Rig()
    data = area(0, 0, 100, 100) + BLOCK
    receipt = rig.print(b"\x1c." + direction(2) + BEGIN + data + END + BEGIN + data + END)
    assert ink(receipt) == (88, 76, 100, 200)
    assert rig.printer.errors == []


def test_pitches_are_for_each_mode() -> None:
    rig = Rig()
    text = b"a\nb\n"
    rig.print(b"\x1b3\x50" + BEGIN + b"\x1b3\x28" + area(0, 0, 384, 80) + text + END + text)
    assert [line.top for line in rig.printer.strip.lines] == [0, 40, 80, 160]


def test_what_is_not_obeyed_on_a_page() -> None:
    rig, receipt = on_page(area(0, 0, 384, 60) + b"x\x1dVA\x00\x1bL\x1cp\x01\x00y")
    assert receipt.text == "xy"
    assert rig.printer.receipts() == []
    assert [error.text for error in rig.printer.errors] == [
        f"{name}: not obeyed in page mode" for name in ("GS V", "ESC L", "FS p")
    ]
    rig = Rig()
    rig.print(b"x" + BEGIN + b"y\n" + LEAVE + PRINT + CANCEL + down(9) + b"z\n")
    assert rig.lines == ["xy", "z"]
    assert [error.text for error in rig.printer.errors] == ["ESC L: only obeyed at the beginning of a line"]


def test_an_area_that_is_not_on_the_page_is_refused_and_one_beyond_its_edge_is_cut() -> None:
    rig, receipt = on_page(area(0, 0, 24, 30) + area(384, 0, 10, 10) + area(0, 0, 0, 10) + b"abc")
    assert receipt.text == "ab"
    assert [error.text for error in rig.printer.errors] == [
        f"ESC W: an area on the page of 384 x 1662 dots expected, found {found}"
        for found in ("10 x 10 at 384, 0", "0 x 10 at 0, 0")
    ]
    _, receipt = on_page(area(372, 0, 500, 30) + b"ab")
    assert ink(receipt) is not None
    assert receipt.text == " " * 31 + "a"


def test_raster_images_and_columns_stand_on_the_base_line() -> None:
    raster = b"\x1dv0\x00\x01\x00\x08\x00" + b"\xff" * 8
    columns = b"\x1b*\x01\x08\x00" + b"\xff" * 8
    assert ink(on_page(area(0, 0, 384, 60) + down(30) + raster)[1]) == (0, 22, 8, 30)
    assert ink(on_page(area(0, 0, 384, 60) + down(30) + columns)[1]) == (0, 6, 8, 30)
    assert ink(on_page(area(0, 0, 384, 60) + down(30) + raster + raster)[1]) == (0, 22, 16, 30)


def test_a_page_cut_by_the_end_of_the_paper_is_reported() -> None:
    rig = Rig(sensor_rows=10)
    rig.printer.paper_left(1)
    rig.print(BEGIN + area(0, 0, 384, 60) + b"one\ntwo" + END)
    assert rig.printer.errors[-1].text == "printed past the end of the paper: 'one'"


def test_the_picture_of_a_page_is_a_slip() -> None:
    _, receipt = on_page(area(0, 0, 384, 100) + direction(3) + b"SIDEWAYS")
    assert isinstance(receipt.image, Image.Image)
    box = ink(receipt)
    assert box is not None
    assert box[3] - box[1] > box[2] - box[0], "a line downwards is higher than wide"
