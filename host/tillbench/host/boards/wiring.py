"""The wiring of a board with real parts as a picture, drawn from the board's own pin table (`firmware/boards/pins.py`).

`python -m tillbench.host.boards.wiring FOLDER` writes one SVG for each table; a test holds the shipped ones to it.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tillbench.host.emulator.micropython import firmware_root

BOARDS = {"wiring-esp32-s3.svg": ("ESP32-S3 with PSRAM", "ESP32_S3"), "wiring-esp32.svg": ("ESP32", "ESP32")}
"""File: what the board is called, and its table."""


@dataclass(frozen=True)
class Part:
    """A part, what else it needs, and its pins with the names that they have in the table."""

    name: str
    note: str
    pins: tuple[tuple[str, str], ...]


LEFT = (
    Part("I2C: display, expander", "SSD1306 0x3C, PCF8575 0x20; 4.7 kOhm to 3.3 V", (("SDA", "sda"), ("SCL", "scl"))),
    Part("PCF8575", "0-4 rows, 8-11 columns, 12-15 LEDs; 10 kOhm to 3.3 V", (("INT", "keypad_int"),)),
    Part("PN532, on the I2C too", "0x24; optional", (("IRQ", "contactless_irq"),)),
    Part(
        "Colour panel instead",
        "ST7789, ILI9341; backlight and RST to 3.3 V",
        (("SCK", "panel_sck"), ("MOSI", "panel_mosi"), ("CS", "panel_cs"), ("D/C", "panel_dc")),
    ),
    Part("Buzzer", "piezo disc to ground", (("+", "buzzer"),)),
    Part("Tamper switch", "to ground while the case is shut", (("switch", "tamper"),)),
    Part("Lithium cell", "100 kOhm to the cell, 100 kOhm and 100 nF to ground", (("middle", "battery"),)),
)
RIGHT = (
    Part(
        "Printer, 9600 8N1",
        "own supply, common ground",
        (("RX", "printer_tx"), ("TX", "printer_rx"), ("BUSY", "printer_busy")),
    ),
    Part(
        "Chip card",
        "I/O is one wire: TX by an open-drain transistor",
        (
            ("I/O, driven", "card_tx"),
            ("I/O, read", "card_rx"),
            ("RST", "card_rst"),
            ("CLK", "card_clk"),
            ("VCC, enabled", "card_vcc"),
            ("switch, pulled up", "card_present"),
        ),
    ),
    Part("Stripe head, TTL", "low-active", (("CLS", "stripe_cls"), ("RCL", "stripe_rcl"), ("RDT", "stripe_rdt"))),
    Part("Barcode scanner", "9600 8N1", (("TX", "scanner_rx"),)),
    Part("Cash drawer's switch", "to ground while it is open", (("switch", "drawer"),)),
)

_ROW, _GAP, _HEAD, _TOP = 22, 16, 36, 56
_PART, _WIRE, _BOARD = 300, 90, 190
_WIDTH = 2 * (_PART + _WIRE) + _BOARD + 40
_BOX = 'fill="#fff" stroke="#57606a" rx="6"'


def pin_table(name: str) -> dict[str, int]:
    """A table of the firmware: what goes to which GPIO."""
    table: dict[str, int] = runpy.run_path(str(firmware_root() / "boards" / "pins.py"))[name]
    return table


def picture(title: str, table: Mapping[str, int]) -> str:
    """The SVG. Parts for which the table has no pin are not on it."""
    left, left_height = _side(LEFT, table, mirrored=False)
    right, right_height = _side(RIGHT, table, mirrored=True)
    height = max(left_height, right_height)
    at = 20 + _PART + _WIRE
    words = f"{title}: wiring"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height + 20}" role="img" '
            f'aria-label="{escape(words)}" font-family="sans-serif" font-size="13" fill="#1f2328">',
            f'<rect width="{_WIDTH}" height="{height + 20}" fill="#f6f8fa"/>',
            f'<rect x="{at}" y="20" width="{_BOARD}" height="{height - 20}" {_BOX}/>',
            _text(at + _BOARD / 2, 42, title, "middle", bold=True),
            *left,
            *right,
            "</svg>\n",
        ]
    )


def _side(parts: tuple[Part, ...], table: Mapping[str, int], *, mirrored: bool) -> tuple[list[str], int]:
    """One column of parts with their wires to the board, and how far down it goes."""
    drawn: list[str] = []
    y = _TOP
    for part in parts:
        pins = [(label, table[key]) for label, key in part.pins if key in table]
        if pins:
            drawn += _part(part, pins, y, mirrored=mirrored)
            y += _HEAD + _ROW * len(pins) + _GAP
    return drawn, y


def _part(part: Part, pins: list[tuple[str, int]], y: int, *, mirrored: bool) -> Iterator[str]:
    x = _WIDTH - 20 - _PART if mirrored else 20
    yield f'<rect x="{x}" y="{y}" width="{_PART}" height="{_HEAD + _ROW * len(pins)}" {_BOX}/>'
    yield _text(x + 10, y + 16, part.name, "start", bold=True)
    yield _text(x + 10, y + 31, part.note, "start", small=True)
    edge, board = (x, 20 + _PART + _WIRE + _BOARD) if mirrored else (x + _PART, 20 + _PART + _WIRE)
    inwards = 1 if mirrored else -1
    for row, (label, gpio) in enumerate(pins):
        middle = y + _HEAD + _ROW * row + _ROW / 2
        yield f'<path d="M{edge} {middle:g}H{board}" stroke="#0969da" stroke-width="2"/>'
        yield _text(edge + inwards * 10, middle + 4, label, "start" if mirrored else "end")
        yield _text(board - inwards * 10, middle + 4, f"GPIO {gpio}", "end" if mirrored else "start")


def _text(x: float, y: float, words: str, anchor: str, *, bold: bool = False, small: bool = False) -> str:
    style = ' font-weight="600"' if bold else ' font-size="11" fill="#57606a"' if small else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def main(folder: Path) -> None:
    """Write the pictures."""
    for file, (title, table) in BOARDS.items():
        (folder / file).write_text(picture(title, pin_table(table)), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
