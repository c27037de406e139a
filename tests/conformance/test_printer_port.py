"""python-escpos, unmodified, prints over the network on the emulator's printer; the paper is read back."""

from __future__ import annotations

import errno
import io
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import zxingcpp
from escpos.printer import Network
from PIL import Image, ImageDraw, ImageOps
from tillbench.host.devices import printer_fonts
from tillbench.host.emulator.printer_port import CannotListen, PrinterPort, _reason

PITCH = 30
WHITE_ROWS = 40


class Counter:
    """A running emulator: its printer's port, and the API of its terminal."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        said = {}
        while "page" not in said:
            line = process.stdout.readline()
            assert line, f"it ended: {process.wait(10)}"
            name, _, rest = line.partition(":")
            said[name] = rest.split()[0]
        self.port = int(said["printer"].rpartition(":")[2])
        self.api = httpx.Client(base_url=said["page"] + "api/terminals/1/", timeout=30)

        self.top = 0

    def hanging(self) -> Image.Image:
        """What hangs out of the printer."""
        return Image.open(io.BytesIO(self.api.get("printer.png").content)).convert("L")

    def paper(self) -> Image.Image:
        """What this test has printed."""
        image = self.hanging()
        return image.crop((0, self.top, image.width, image.height))


@pytest.fixture(scope="module")
def counter() -> Iterator[Counter]:
    command = [str(Path(sys.executable).with_name("tillbench")), "emulate", "--temp", "--page"]
    process = subprocess.Popen([*command, "--port", "0", "--printer-port", "0"], stdout=subprocess.PIPE, text=True)
    running = Counter(process)
    running.api.patch("clock", json={"speed": 10}).raise_for_status()
    try:
        yield running
    finally:
        running.api.close()
        process.terminate()
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(30) == 0


@pytest.fixture
def printer(counter: Counter) -> Iterator[Any]:
    network = Network("127.0.0.1", counter.port, timeout=30, profile="default")
    network.open()
    network.hw("INIT")  # as the one before it has left it: a printer keeps its modes when a connection ends
    printed(network)
    height = counter.hanging().height
    counter.top = 0 if height == 1 else height
    yield network
    network.cut()
    printed(network)
    network.close()


def printed(printer: Any) -> None:
    """Wait until all of it is on paper: the printer answers this in its turn."""
    printer._raw(b"\x1dr\x01")
    assert printer._read() in (b"\x00", b"\x03")


def read_line(paper: Image.Image, top: int) -> str:
    """The characters of a line by their glyphs, from the left to the first that is none."""
    fonts = [printer_fonts.load("A"), printer_fonts.hanzi()]
    # Latin before Cyrillic and Greek letters that look the same.
    pairs = sorted(
        ((char, font) for font in fonts for char in font.glyphs if char != "\xa0"),
        reverse=True,
        key=lambda pair: pair[0],
    )
    known = {(font.width, font.glyphs[char]): char for char, font in pairs}
    text, x = "", 0
    while x < paper.width:
        for font in fonts:
            cell = paper.crop((x, top, x + font.width, top + 24))
            bits = [
                "".join("01"[not cell.getpixel((column, row))] for column in range(font.width)) for row in range(24)
            ]
            char = known.get((font.width, tuple(int(row, 2) for row in bits)))
            if char is not None:
                text += char
                x += font.width
                break
        else:
            return text
    return text.rstrip()


def codes(paper: Image.Image) -> list[tuple[str, str]]:
    found = zxingcpp.read_barcodes(ImageOps.expand(paper, WHITE_ROWS, 255))
    return [(str(code.format), code.text) for code in found]


def test_text_and_hanzi(counter: Counter, printer: Any) -> None:
    printer.textln("TOTAL 12.34")
    printer.textln("银联POS签购单")
    printer._raw(b"\x1c&" + "中国".encode("gb18030") + b"\x1c.\n")
    printer.textln("café")
    printed(printer)
    paper = counter.paper()
    lines = [read_line(paper, PITCH * number) for number in range(4)]
    assert lines == ["TOTAL 12.34", "银联POS签购单", "中国", "café"]


@pytest.mark.parametrize("impl", ["bitImageRaster", "bitImageColumn", "graphics"])
def test_images(counter: Counter, printer: Any, impl: str) -> None:
    picture = Image.new("1", (120, 48), 1)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 119, 47), outline=0)
    draw.line((0, 0, 119, 47), fill=0)
    printer.image(picture, impl=impl)
    printed(printer)
    assert counter.paper().crop((0, 0, 120, 48)).convert("1").tobytes() == picture.tobytes()


def test_bar_code_and_qr_code(counter: Counter, printer: Any) -> None:
    printer.barcode("4006381333931", "EAN13", height=64, width=3, pos="BELOW")
    printer.ln()
    printer.qr("https://example.com/slip/42?总=1", native=True, size=5)
    printed(printer)
    found = codes(counter.paper())
    assert sorted(found) == [("EAN-13", "4006381333931"), ("QR Code", "https://example.com/slip/42?总=1")]


def test_a_page_with_a_pdf417_beside_text(counter: Counter, printer: Any) -> None:
    """python-escpos has no functions for these: it carries the commands."""
    left, right = b"\x1bW\x00\x00\x00\x00\xc0\x00\x78\x00", b"\x1bW\xc0\x00\x00\x00\xc0\x00\x78\x00"
    store = b"\x1d(k\x0a\x000P0slip 42"
    printer._raw(b"\x1bL" + left)
    printer.textln("SLIP 42")
    printer._raw(right + b"\x1d$\x60\x00\x1d(k\x03\x000C\x02\x1d(k\x03\x000A\x01" + store + b"\x1d(k\x03\x000Q0\x0c")
    printed(printer)
    paper = counter.paper()
    assert paper.height == 120
    assert read_line(paper, 0) == "SLIP 42"
    assert codes(paper) == [("PDF417", "slip 42")]


def test_status_over_the_same_connection(counter: Counter, printer: Any) -> None:
    assert (printer.is_online(), printer.paper_status()) == (True, 2)
    counter.api.patch("printer", json={"paper_mm": 0}).raise_for_status()
    assert (printer.is_online(), printer.paper_status()) == (False, 0)
    counter.api.patch("printer", json={"paper_mm": 30_000}).raise_for_status()
    assert printer.is_online() is True


def test_more_than_the_buffer_holds_waits_in_the_connection(counter: Counter, printer: Any) -> None:
    """Out of paper nothing is lost: 140 lines, more than 4096 bytes, are there when there is paper again."""
    counter.api.patch("printer", json={"paper_mm": 0}).raise_for_status()
    printer._raw(b"".join(b"%031d\n" % number for number in range(140)) + b"\x1dr\x01")
    counter.api.patch("printer", json={"paper_mm": 30_000}).raise_for_status()
    assert printer._read() == b"\x00"
    paper = counter.paper()
    assert [read_line(paper, PITCH * number) for number in (0, 100, 139)] == [f"{n:031d}" for n in (0, 100, 139)]


def test_a_connection_that_ends_within_a_command_says_so_and_does_not_eat_the_next_one(counter: Counter) -> None:
    for data in (b"\x1dv0\x00\x02\x00\x08\x00\xff\xff", b"OK\n\x1dr\x01"):
        with socket.create_connection(("127.0.0.1", counter.port), 30) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            answer = client.recv(1)
    assert answer == b"\x00"
    state = counter.api.get("printer").json()
    assert "OK" in state["text"]
    assert re.search(r"network, offset \d+: the connection ended within this command", "\n".join(state["complaints"]))


def test_ports_that_cannot_be_had() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"--printer-port {port}: another program has it; choose another, or 0"):
            PrinterPort(port)
    assert (
        _reason(PermissionError(errno.EACCES, ""), 80) == "ports below 1024 are the administrator's; printers have 9100"
    )
    with pytest.raises(CannotListen, match="--printer-port 70000: expected 0 to 65535"):
        PrinterPort(70_000)
