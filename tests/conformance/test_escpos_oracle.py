"""python-escpos prints on the printer model, and its constants against the command table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import zxingcpp
from escpos import constants
from escpos.escpos import Escpos
from escpos.printer import Dummy
from PIL import Image, ImageDraw, ImageOps
from tillbench.host.emulator.wires import UartConfig
from tillbench.protocols.escpos import BY_NAME, COMMANDS

from ..unit.printer_rig import Rig, ink

FAST = UartConfig(baud=115200)
PROFILE = "POS-5890"


class WiredEscpos(Escpos):  # type: ignore[misc]  # python-escpos has no types
    """A python-escpos printer whose cable ends at the model."""

    def __init__(self, rig: Rig, profile: str = PROFILE) -> None:
        super().__init__(profile=profile)
        self.rig = rig
        self._read_up_to = 0

    def _raw(self, msg: bytes) -> None:
        self.rig.write(msg)
        self.rig.run()

    def _read(self) -> bytes:
        answers = self.rig.answers[self._read_up_to :]
        self._read_up_to = len(self.rig.answers)
        return bytes(byte for _, byte in answers)


@pytest.fixture
def rig() -> Rig:
    return Rig(FAST, uart=FAST, kanji=False)


def dummy_to(rig: Rig, dummy: Any) -> None:
    rig.print(dummy.output)


def test_text_in_many_code_pages(rig: Rig) -> None:
    lines = ["plain", "café £5 €7", "Grüße, Žluťoučký kůň", "Привет", "Γειά σου", "╔═╗ ░▒▓"]
    dummy = Dummy(profile="default")
    for line in lines:
        dummy.textln(line)
    dummy_to(rig, dummy)
    assert rig.lines == lines
    assert rig.printer.errors == []
    assert rig.printer.missing_glyphs == set()


def test_every_style(rig: Rig) -> None:
    dummy = Dummy(profile=PROFILE)
    boxes = []
    for style in (
        {},
        {"align": "center"},
        {"align": "right"},
        {"bold": True},
        {"underline": 2},
        {"invert": True},
        {"double_width": True, "double_height": True},
        {"custom_size": True, "width": 3, "height": 5},
        {"font": "b"},
        {"flip": True},
    ):
        dummy.clear()
        dummy.set_with_default(**style)
        dummy.textln("TOTAL")
        before = rig.printer.strip.length
        dummy_to(rig, dummy)
        rows = rig.printer.strip.rows[before:]
        boxes.append((style, sum(row.bit_count() for row in rows), len(rows)))
    assert rig.lines[:3] == ["TOTAL", " " * 13 + "TOTAL", " " * 27 + "TOTAL"]
    assert all(line.strip() == "TOTAL" for line in rig.lines)
    plain = boxes[0][1]
    dots = [count for _, count, _ in boxes]
    assert dots[1] == dots[2] == dots[9] == plain
    assert dots[3] > plain
    assert dots[4] > plain
    assert dots[5] == 5 * 12 * 24 - plain
    assert dots[6] == 4 * plain
    assert dots[7] == 15 * plain
    assert dots[8] < plain
    assert [height for _, _, height in boxes] == [30, 30, 30, 30, 30, 30, 48, 120, 30, 30]
    # GS b 0 (smoothing off) and the like are taken without complaint.
    assert rig.printer.errors == []


def test_hanzi_as_it_sends_them() -> None:
    rig = Rig(FAST, uart=FAST)
    dummy = Dummy(profile=PROFILE)
    dummy.textln("银联POS签购单")
    dummy.textln("plain")
    dummy_to(rig, dummy)
    assert rig.lines == ["银联POS签购单", "plain"]


@pytest.mark.parametrize(
    ("impl", "profile"), [("bitImageRaster", PROFILE), ("bitImageColumn", "NT-5890K"), ("graphics", PROFILE)]
)
def test_images(rig: Rig, impl: str, profile: str) -> None:
    picture = Image.new("1", (120, 48), 1)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 119, 47), outline=0)
    draw.line((0, 0, 119, 47), fill=0)
    dummy = Dummy(profile=profile)
    dummy.image(picture, impl=impl)
    dummy_to(rig, dummy)
    receipt = rig.printer.uncut()
    assert ink(receipt) == (0, 0, 120, 48)
    assert receipt.image.crop((0, 0, 120, 48)).tobytes() == picture.tobytes()
    assert rig.printer.errors == []


def test_qr_code_drawn_by_software(rig: Rig) -> None:
    dummy = Dummy(profile=PROFILE)
    dummy.qr("https://example.com/slip/42", size=6, center=False)
    dummy_to(rig, dummy)
    box = ink(rig.printer.uncut())
    assert box is not None
    assert (box[2] - box[0]) % 6 == 0
    assert box[2] - box[0] == box[3] - box[1]


@pytest.mark.parametrize(
    ("code", "data", "form", "read"),
    [
        ("EAN13", "4006381333931", "A", ("EAN-13", "4006381333931")),
        ("EAN13", "400638133393", "B", ("EAN-13", "4006381333931")),
        ("EAN8", "96385074", "B", ("EAN-8", "96385074")),
        ("UPC-A", "012345678905", "B", ("EAN-13", "0012345678905")),
        ("UPC-E", "04252614", "B", ("UPC-E", "0042100005264")),
        ("UPC-E", "04210000526", "A", ("UPC-E", "0042100005264")),
        ("CODE39", "TILL-4 $/+", "A", ("Code 39", "TILL-4 $/+")),
        ("ITF", "0123456789", "B", ("ITF", "0123456789")),
        ("CODABAR", "A40-$:/.+B", "B", ("Codabar", "A40-$:/.+B")),
        ("NW7", "C0123456789D", "A", ("Codabar", "C0123456789D")),
        ("CODE93", "Till%93", "B", ("Code 93", "Till%93")),
        ("CODE128", "{BSlip-42{C\x0c\x22", "B", ("Code 128", "Slip-421234")),
        ("GS1-128", "(01)04006381333931", "B", ("Code 128", "0104006381333931")),
    ],
)
def test_bar_codes_are_read(rig: Rig, code: str, data: str, form: str, read: tuple[str, str]) -> None:
    dummy = Dummy(profile="default")
    dummy.barcode(data, code, function_type=form, width=2, height=60, pos="BOTH", check=False, force_software=False)
    dummy_to(rig, dummy)
    assert rig.printer.errors == []
    assert read_codes(rig) == [read]


@pytest.mark.parametrize("code_set", ["A", "B", "C"])
def test_every_character_of_code_128_is_read(rig: Rig, code_set: str) -> None:
    first, last = {"A": (0, 95), "B": (32, 127), "C": (0, 99)}[code_set]
    for start in range(first, last + 1, 12):
        values = range(start, min(start + 12, last + 1))
        data = b"{" + code_set.encode() + b"".join(b"{{" if value == 0x7B else bytes([value]) for value in values)
        before = rig.printer.strip.length
        rig.print(b"\x1dw\x02\x1dk" + bytes([73, len(data)]) + data + b"\n")
        text = "".join(f"{value:02d}" if code_set == "C" else chr(value) for value in values)
        assert read_codes(rig, before) == [("Code 128", text)]
    assert rig.printer.errors == []


@pytest.mark.parametrize(("code", "name"), [(69, "Code 39"), (72, "Code 93")])
def test_every_character_of_code_39_and_93_is_read(code: int, name: str) -> None:
    rig = Rig(width=576)
    characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
    for start in range(0, len(characters), 10):
        data = characters[start : start + 10]
        before = rig.printer.strip.length
        rig.print(b"\x1dw\x02\x1dk" + bytes([code, len(data)]) + data.encode() + b"\n")
        assert read_codes(rig, before) == [(name, data)]


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_qr_codes_are_read(rig: Rig, level: int) -> None:
    dummy = Dummy(profile="default")
    data = "https://example.com/slip?no=42&shop=商户"
    dummy.qr(data, native=True, ec=level, size=4)
    dummy_to(rig, dummy)
    assert rig.printer.errors == []
    found = read_codes(rig)
    assert found == [("QR Code", data)]


def symbol(code: int, function: int, data: bytes) -> bytes:
    return b"\x1d(k" + (2 + len(data)).to_bytes(2, "little") + bytes([code, function]) + data


def pdf417(data: bytes, **settings: bytes) -> bytes:
    functions = {"columns": 65, "rows": 66, "module": 67, "height": 68, "level": 69, "truncated": 70}
    chosen = b"".join(symbol(48, functions[name], value) for name, value in settings.items())
    return chosen + symbol(48, 80, b"0" + data) + symbol(48, 81, b"0")


RECORD = "tillbench 42 SALE 1234.56 CNY 商户"
DIGITS = "0123456789" * 6


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (RECORD, {}),
        (RECORD, {"columns": b"\x03", "level": b"\x30\x35"}),
        (RECORD, {"rows": b"\x14", "module": b"\x02"}),
        (RECORD, {"columns": b"\x04", "rows": b"\x19", "module": b"\x02", "height": b"\x04"}),
        (RECORD, {"level": b"1\x28", "module": b"\x02"}),
        (RECORD, {"truncated": b"\x01"}),
        (DIGITS, {"truncated": b"\x01", "columns": b"\x02"}),
        ("a", {"level": b"\x30\x30"}),
        ("Mixed, punctuation; and \ttabs! 12345678901234567890", {}),
    ],
)
def test_pdf417_is_read(rig: Rig, text: str, settings: dict[str, bytes]) -> None:
    rig.print(pdf417(text.encode(), **settings))
    assert rig.printer.errors == []
    assert read_codes(rig) == [("PDF417", text)]
    assert rig.lines == [f"[PDF417: {text}]"]


def test_the_size_of_a_pdf417_is_told_before_it_is_printed(rig: Rig) -> None:
    host = WiredEscpos(rig)
    for data, columns in ((RECORD, b"\x03"), (RECORD, b"\x1e")):
        host._raw(symbol(48, 65, columns) + symbol(48, 80, b"0" + data.encode()) + symbol(48, 82, b"0"))
        answer = host._read()
        assert answer.startswith(b"\x37\x2f")
        across, down, one, refused = answer[2:-1].split(b"\x1f")
        assert (one, refused) == (b"1", b"0" if columns == b"\x03" else b"1")
        if refused == b"0":
            host._raw(symbol(48, 81, b"0"))
            left, top, right, below = ink(rig.printer.uncut()) or (0, 0, 0, 0)
            assert (right - left, below - top) == (int(across), int(down))


@pytest.mark.parametrize("direction", [0, 1, 2, 3])
def test_codes_on_a_page_are_read_in_each_direction(rig: Rig, direction: int) -> None:
    area = b"\x1bW" + b"".join(value.to_bytes(2, "little") for value in (0, 0, 384, 384))
    data = (
        pdf417(b"turned", module=b"\x02", columns=b"\x02").join((b"\x1d$\x60\x00", b"\n"))
        + b"\x1d$\xd0\x00" + symbol(49, 67, b"\x04") + symbol(49, 80, b"0also turned") + symbol(49, 81, b"0")
        + b"\x1d$\x40\x01\x1b$\x00\x00\x1dh\x40\x1dw\x02\x1dk\x43\x0c400638133393"
    )  # fmt: skip
    rig.print(b"\x1bL" + area + b"\x1bT" + bytes([direction]) + data + b"\x0c")
    assert rig.printer.errors == []
    assert sorted(read_codes(rig)) == [
        ("EAN-13", "4006381333931"),
        ("PDF417", "turned"),
        ("QR Code", "also turned"),
    ]


@pytest.mark.parametrize(("store", "show"), [(67, 69), (83, 85)])
def test_graphics_that_python_escpos_makes_are_kept_and_printed(rig: Rig, store: int, show: int) -> None:
    """The image is the one that it would print at once; only the function that keeps it is another."""
    picture = Image.new("1", (120, 48), 1)
    ImageDraw.Draw(picture).ellipse((4, 4, 100, 44), outline=0, fill=0)
    dummy = Dummy(profile=PROFILE)
    dummy.image(picture, impl="graphics")
    head, _, rest = dummy.output.partition(b"0p0\x01\x01")
    assert head.startswith(b"\x1d(L")
    size = int.from_bytes(head[-2:], "little") - 10
    colour, shape, dots = rest[:1], rest[1:5], rest[5 : 5 + size]
    keep = b"0" + bytes([store]) + b"0LG\x01" + shape + colour + dots
    rig.print(b"\x1d8L" + len(keep).to_bytes(4, "little") + keep + b"\x1d(L\x06\x000" + bytes([show]) + b"LG\x01\x01")
    assert rig.printer.errors == []
    assert rig.printer.uncut().image.crop((0, 0, 120, 48)).tobytes() == picture.tobytes()


def read_codes(rig: Rig, top: int = 0) -> list[tuple[str, str]]:
    """What zxing-cpp makes of the paper from dot row `top` on, with a white edge as the page has it."""
    strip = rig.printer.strip
    image = strip.uncut().image.convert("L").crop((0, top, strip.width, strip.length))
    found = zxingcpp.read_barcodes(ImageOps.expand(image, 40, 255), text_mode=zxingcpp.TextMode.Plain)
    return [(str(code.format), code.text) for code in found]


def test_a_slip_of_the_library_as_a_macro(rig: Rig) -> None:
    """Its text, its image of a code, and a number that is another one on each."""
    slip = Dummy(profile="default")
    slip.text("SLIP ")
    slip._raw(b"\x1dc")
    slip.text("\n")
    slip.qr("https://example.com/1", native=True, size=4)
    slip.ln(2)
    rig.print(b"\x1d:" + slip.output + b"\x1d:" + b"\x1d^\x02\x00\x00")
    assert [line for line in rig.lines if line.startswith("SLIP")] == ["SLIP 1", "SLIP 2", "SLIP 3"]
    assert [text for _, text in read_codes(rig)] == ["https://example.com/1"] * 3
    assert rig.printer.errors == []


def test_cuts_feeds_tabs_and_drawer(rig: Rig) -> None:
    dummy = Dummy(profile="default")
    dummy.text("a\n")
    dummy.ln(2)
    dummy.print_and_feed(3)
    dummy.line_spacing(60)
    dummy.text("b\n")
    dummy.line_spacing()
    dummy.control("HT", tab_size=4, count=3)
    dummy.text("c\n")
    dummy.cashdraw(2)
    dummy.cashdraw(5)
    dummy.panel_buttons(False)
    dummy.buzzer()
    dummy.hw("INIT")
    dummy.hw("SELECT")
    dummy.cut()
    dummy.text("d\n")
    dummy.cut(mode="PART")
    dummy_to(rig, dummy)
    first, second = rig.printer.receipts()
    assert first.text == "a\n\n\n\n\n\nb\nc"
    assert (first.cut, second.cut) == ("full", "partial")
    assert second.text == "d"
    assert rig.printer.drawer.pulses == [2, 5]
    # It writes the tab positions without the HT itself, so nothing is indented; and a cut without a feed is asked for
    # 6 lines after the last one, which is more than the 96 dots to the blade.
    assert rig.printer.errors == []


def test_status_queries(rig: Rig) -> None:
    host = WiredEscpos(rig)
    assert host.is_online() is True
    assert host.paper_status() == 2
    rig.printer.paper_left(100)
    assert (host.is_online(), host.paper_status()) == (True, 1)
    rig.printer.paper_left(0)
    assert (host.is_online(), host.paper_status()) == (False, 0)
    rig.printer.load_paper()
    assert (host.is_online(), host.paper_status()) == (True, 2)
    rig.printer.cover(True)
    assert (host.is_online(), host.paper_status()) == (False, 2)


NOT_FOR_RECEIPTS = {
    "SLIP_EJECT", "SLIP_SELECT", "SLIP_SET_WAIT_TIME", "HW_RESET", "BEEP", "CTL_VT", "NUL", "EOT", "ENQ", "DLE", "DC4",
    "ESC", "FS", "GS",
}  # fmt: skip
"""Slip stations and displays, a reset that no manual has, bytes that are no commands by themselves."""


def constant_sequences() -> Iterator[tuple[str, bytes]]:
    for name, value in vars(constants).items():
        if not name.isupper() or name in NOT_FOR_RECEIPTS:
            continue
        if isinstance(value, bytes):
            yield name, value
        elif isinstance(value, dict):
            for key, entry in value.items():
                if isinstance(entry, bytes):
                    yield f"{name}[{key}]", entry
                elif isinstance(entry, dict):
                    yield from ((f"{name}[{key}][{at}]", item) for at, item in entry.items() if isinstance(item, bytes))


SEQUENCES = [
    (name, value) for name, value in constant_sequences() if not name.startswith("LINESPACING_FUNCS") or "180" in name
]


def test_there_are_many_constants() -> None:
    assert len(SEQUENCES) > 90


@pytest.mark.parametrize(("name", "value"), SEQUENCES, ids=[name for name, _ in SEQUENCES])
def test_constants_are_in_the_table(name: str, value: bytes) -> None:
    """Each is a command, or the beginning of one, or a row of them."""
    rest = value
    while rest:
        opcode = next((rest[:size] for size in (1, 2, 3) if rest[:size] in COMMANDS), None)
        assert opcode is not None, f"{name}: {rest.hex(' ')}"
        rest = rest[len(opcode) :]
        command = COMMANDS[opcode]
        taken = next((size for size in range(len(rest) + 1) if command.parse(rest[:size]) is not None), len(rest))
        rest = rest[taken:]


@pytest.mark.parametrize(
    ("name", "constant"),
    [
        ("ESC @", constants.HW_INIT),
        ("LF", constants.CTL_LF),
        ("FF", constants.CTL_FF),
        ("CR", constants.CTL_CR),
        ("HT", constants.CTL_HT),
        ("CAN", constants.CAN),
        ("ESC D", constants.CTL_SET_HT),
        ("ESC t", constants.CODEPAGE_CHANGE),
        ("GS !", constants.TXT_SIZE),
        ("GS h", constants.BARCODE_HEIGHT),
        ("GS w", constants.BARCODE_WIDTH),
        ("ESC 2", constants.LINESPACING_RESET),
        ("ESC 3", constants.LINESPACING_FUNCS[180]),
        ("ESC B", constants.BUZZER),
        ("DLE EOT", constants.RT_STATUS),
        ("GS v 0", constants.S_RASTER_N[:3]),
        ("ESC M", constants.TXT_FONT_A[:2]),
        ("GS V", constants.PAPER_FULL_CUT[:2]),
        ("ESC p", constants.CD_KICK_2[:2]),
        ("ESC c 5", constants.PANEL_BUTTON_ON[:3]),
    ],
)
def test_opcodes_agree(name: str, constant: bytes) -> None:
    assert BY_NAME[name].opcode == constant
