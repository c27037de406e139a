"""Images that the printer keeps: graphics by key code (GS ( L, GS 8 L, GS D), numbers (FS q), the downloaded one."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from .printer_rig import Rig, ink

DOTS = b"\xf0\x81\x42\x24\x18\x18\x24\x43"
"""8 x 8 dots in rows."""
PICTURE = tuple(row << 376 for row in DOTS)


def columns_of(rows: bytes) -> bytes:
    """The same 8 x 8 dots in columns."""
    return bytes(sum((row >> (7 - x) & 1) << (7 - y) for y, row in enumerate(rows)) for x in range(8))


def graphics(function: int, data: bytes = b"", large: bool = False) -> bytes:
    data = b"0" + bytes([function]) + data
    if large:
        return b"\x1d8L" + len(data).to_bytes(4, "little") + data
    return b"\x1d(L" + len(data).to_bytes(2, "little") + data


def define(function: int, key: bytes, dots: bytes, colours: int = 1) -> bytes:
    return graphics(function, b"0" + key + bytes([colours]) + b"\x08\x00\x08\x00" + dots, large=True)


STORE = {
    "NV, rows": (define(67, b"G1", b"1" + DOTS), 69),
    "NV, columns": (define(68, b"G1", b"1" + columns_of(DOTS)), 69),
    "download, rows": (define(83, b"G1", b"1" + DOTS), 85),
    "download, columns": (define(84, b"G1", b"1" + columns_of(DOTS)), 85),
    "NV, two colours": (define(67, b"G1", b"1" + DOTS[:4] + bytes(4) + b"2" + bytes(4) + DOTS[4:], 2), 69),
}


@pytest.mark.parametrize(("store", "function"), STORE.values(), ids=STORE)
def test_graphics_are_kept_and_printed(store: bytes, function: int) -> None:
    rig = Rig()
    assert rig.print(store).rows == ()
    receipt = rig.print(graphics(function, b"G1\x01\x01") + graphics(function, b"G1\x02\x01"))
    assert receipt.rows[:8] == PICTURE
    assert ink(receipt) == (0, 0, 16, 16)
    assert receipt.text == "[image 8x8]\n[image 16x8]"
    assert rig.printer.errors == []


def test_nv_graphics_stay_and_downloaded_ones_go() -> None:
    rig = Rig()
    rig.print(define(67, b"NV", b"1" + DOTS) + define(83, b"DL", b"1" + DOTS))
    rig.print(b"\x1b@")
    rig.print(graphics(85, b"DL\x01\x01"))
    assert [error.text for error in rig.printer.errors] == ["GS ( L 85: no graphics have the key code 'DL'"]
    rig.printer.power(False)
    rig.printer.power(True)
    assert rig.print(graphics(69, b"NV\x01\x01")).rows == PICTURE
    answers: list[bytes] = []
    network = rig.printer.attach_network(answers.append)
    network.receive(graphics(69, b"NV\x01\x01"))
    rig.run()
    assert rig.printer.uncut().rows == PICTURE * 2, "one memory for all interfaces"


def test_memory_is_told_filled_and_given_back() -> None:
    rig = Rig(nv_bytes=16, download_bytes=8)
    store = b"1" + DOTS
    assert rig.ask(graphics(0) + graphics(48)) == b"\x37\x3016\0" * 2
    assert rig.ask(define(67, b"A1", store) + graphics(3)) == b"\x37\x318\0"
    assert rig.ask(define(67, b"A1", store) + graphics(51)) == b"\x37\x318\0", "defined anew, it takes no more"
    assert rig.ask(define(67, b"A2", store) + graphics(51)) == b"\x37\x310\0"
    rig.print(define(67, b"A3", store))
    assert [error.text for error in rig.printer.errors] == [
        "GS ( L 67: key code A3: 8 bytes do not fit in the 0 that are left"
    ]
    assert rig.ask(graphics(64, b"KC")) == b"\x37\x72\x40A1A2\0"
    assert rig.ask(graphics(66, b"A1") + graphics(64, b"KC")) == b"\x37\x72\x40A2\0"
    assert rig.ask(graphics(65, b"CLR") + graphics(64, b"KC") + graphics(51)) == b"\x37\x72\x40\0\x37\x3116\0"
    assert rig.ask(graphics(4) + define(83, b"B1", store) + graphics(52)) == b"\x37\x328\0\x37\x320\0"
    assert (
        rig.ask(graphics(80, b"KC") + graphics(81, b"CLR") + graphics(80, b"KC")) == b"\x37\x73\x40B1\0\x37\x73\x40\0"
    )


def test_a_long_list_of_keys_is_sent_block_by_block() -> None:
    rig = Rig()
    keys = [f"{number:02d}".encode() for number in range(50)]
    for key in keys:
        rig.print(define(67, key, b"1" + DOTS))
    first, last = (b"\x37\x72" + status + b"".join(part) + b"\0" for status, part in
                   ((b"\x41", keys[:40]), (b"\x40", keys[40:])))  # fmt: skip
    assert rig.ask(graphics(64, b"KC")) == first
    assert rig.ask(b"\x15") == first
    assert rig.ask(b"\x06") == last
    assert rig.ask(b"\x06") == b""
    assert rig.printer.errors == []
    assert rig.ask(graphics(64, b"KC") + b"\x18\x06") == first, "CAN: no more, and what follows is no answer"
    assert rig.printer.errors[-1].text == "unknown command 06"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (graphics(66, b"XX"), "GS ( L 66: no graphics have the key code 'XX'"),
        (define(67, b"\x01A", b"1" + DOTS), "GS ( L 67: key code of bytes 20 to 7E expected, found 01 41"),
        (define(67, b"AA", b"1" + DOTS[1:]), "GS ( L 67: 1 colours of 9 bytes expected, found 8 bytes"),
        (graphics(65, b"CLX"), "GS ( L 65: 3 bytes of parameters are not those of it"),
        (graphics(69, b"AA\x01"), "GS ( L 69: 3 bytes of parameters are not those of it"),
        (graphics(99, b"abc"), "GS ( L: function 99 is not supported by this printer, 5 bytes skipped"),
        (b"\x1d(L\x01\x000", "GS ( L: m and fn expected, found 1 bytes"),
        (
            graphics(112, b"0\x01\x01\x31\x08\x00\x08\x00" + DOTS[1:]),
            "GS ( L 112: 8 bytes of dots expected, found 7",
        ),
        (b"\x1cp\x01\x00", "FS p: no image has the number 1, 0 are stored (FS q)"),
        (b"\x1d/\x00", "GS /: no image has been downloaded (GS *)"),
        (
            b"\x1dD0C0AA01BM\x0a\x00\x00\x00AAAA",
            "GS D: 10 bytes are no BMP file",
        ),
    ],
)
def test_what_cannot_be_kept_or_printed_is_said_and_the_place_is_kept(data: bytes, error: str) -> None:
    rig = Rig()
    rig.print(data + b"after\n")
    assert rig.lines == ["after"]
    assert [said.text.partition(" <")[0] for said in rig.printer.errors] == [error]


def test_buffered_graphics_of_two_colours_are_one_image() -> None:
    head = b"0\x01\x01\x31\x08\x00\x08\x00"
    rig = Rig()
    receipt = rig.print(
        graphics(112, head + DOTS[:4] + bytes(4)) + graphics(112, head + bytes(4) + DOTS[4:]) + graphics(50)
    )
    assert receipt.rows == PICTURE
    assert rig.print(graphics(50)).rows == PICTURE, "it is printed once"
    other = Rig()
    assert other.print(graphics(113, head + columns_of(DOTS)) + graphics(2)).rows == PICTURE


def test_numbered_images_in_each_size() -> None:
    small = b"\x01\x00\x01\x00" + columns_of(DOTS)
    wide = b"\x02\x00\x01\x00" + columns_of(DOTS) * 2
    rig = Rig()
    assert rig.print(b"\x1cq\x02" + small + wide).rows == ()
    receipt = rig.print(b"\x1cp\x01\x00")
    assert receipt.rows == PICTURE
    boxes = []
    for number, mode in ((1, 1), (1, 50), (1, 3), (2, 0)):
        before = len(rig.printer.uncut().rows)
        rig.print(b"\x1cp" + bytes([number, mode]))
        boxes.append((rig.lines[-1], len(rig.printer.uncut().rows) - before))
    assert boxes == [("[image 16x8]", 8), ("[image 8x16]", 16), ("[image 16x16]", 16), ("[image 16x8]", 8)]
    rig.print(b"\x1cq\x01" + wide + b"\x1cp\x02\x00")
    assert [error.text for error in rig.printer.errors] == ["FS p: no image has the number 2, 1 are stored (FS q)"]


def test_the_downloaded_image_is_forgotten_with_esc_at() -> None:
    rig = Rig()
    define_it = b"\x1d*\x01\x01" + columns_of(DOTS)
    assert rig.print(define_it + b"\x1d/\x00").rows == PICTURE
    assert ink(rig.print(b"\x1d/\x03")) == (0, 0, 16, 24)
    rig.print(b"\x1b@\x1d/\x00")
    assert rig.printer.errors[-1].text == "GS /: no image has been downloaded (GS *)"


def test_an_image_of_variable_height() -> None:
    assert Rig().print(b"\x1dQ0\x00\x08\x00\x01\x00" + columns_of(DOTS)).rows == PICTURE


@pytest.mark.parametrize(
    ("side", "reason"), [(9_000, "9000 x 1 dots, at most 8192 x 2304"), (400_000_000, "Image size")]
)
def test_a_bmp_file_that_says_it_is_huge_is_refused(side: int, reason: str) -> None:
    file = io.BytesIO()
    Image.new("1", (8, 1)).save(file, "BMP")
    data = bytearray(file.getvalue())
    data[18:22] = side.to_bytes(4, "little")
    rig = Rig()
    rig.print(b"\x1dD0C0BM01" + bytes(data) + b"after\n")
    assert rig.lines == ["after"]
    assert f"bytes are no BMP file that is taken: {reason}" in rig.printer.errors[0].text


def test_graphics_from_a_bmp_file() -> None:
    picture = Image.new("1", (8, 8), 1)
    for y, row in enumerate(DOTS):
        for x in range(8):
            if row >> (7 - x) & 1:
                picture.putpixel((x, y), 0)
    file = io.BytesIO()
    picture.save(file, "BMP")
    rig = Rig()
    receipt = rig.print(b"\x1dD0C0BM01" + file.getvalue() + graphics(69, b"BM\x01\x01") + b"after\n")
    assert receipt.rows[:8] == PICTURE
    assert rig.lines[-1] == "after"
    assert rig.printer.errors == []
