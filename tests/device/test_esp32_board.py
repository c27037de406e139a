"""The board file for real parts: its pins against what the chips allow, and every driver on the virtual pins.

What it does on copper no test here can say; docs/boards.md has the list for a person with a board.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tillbench.host.acquirer.certificates import make
from tillbench.host.devices.colour_panel import ColourPanel
from tillbench.host.devices.colour_panel_registers import CONTROLLERS
from tillbench.host.devices.glyph_reader import read_screen
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.devices.pn532 import Field, I2cPort, Pn532
from tillbench.host.devices.wlan import AccessPoint, Wlan
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.line_setup import tls_setup

SITE = {
    "acquirer_host": "10.0.0.5",
    "acquirer_port": 8583,
    "ssid": "lab",
    "wifi_key": "pass word",
    "battery": True,
    "keys": {"TMK": "00112233445566778899AABBCCDDEEFF"},
}
INPUTS = {
    *("tamper", "keypad_int", "contactless_irq", "printer_rx", "printer_busy", "card_rx", "card_present"),
    *("stripe_cls", "stripe_rcl", "stripe_rdt", "battery"),
}
ALLOWED_ON_ESP32 = {4, 13, 14, 16, 17, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33}
INPUT_ONLY_ON_ESP32 = {34, 35, 36, 39}
PANEL = {"panel_sck", "panel_mosi", "panel_cs", "panel_dc"}
STRAPS_OF_COLOUR = {"panel_cs": {5}, "buzzer": {2}, "tamper": {15}}
STRAPS_OF_S3 = {"panel_dc": {3}}
"""Pins that are read at reset, and what may be on them: each leaves the level that a start needs."""
ONLY_ON_S3 = {"scanner_rx", "drawer"}
ALLOWED_ON_S3 = {1, 2, *range(4, 19), 21, 38, 39, 40, 41, 42, 47}


def test_the_pins_are_there_and_each_is_used_once(device: Bench) -> None:
    plain, colour, s3, lines = device.call("esp32_probe:tables")
    for name, pin in plain.items():
        assert pin in ALLOWED_ON_ESP32 or (pin in INPUT_ONLY_ON_ESP32 and name in INPUTS), name
    for name, pin in colour.items():
        allowed = ALLOWED_ON_ESP32 | STRAPS_OF_COLOUR.get(name, set())
        assert pin in allowed or (pin in INPUT_ONLY_ON_ESP32 and name in INPUTS), name
    assert (set(colour) - set(plain), set(plain) - set(colour)) == (PANEL, {"contactless_irq"})
    assert all(pin in ALLOWED_ON_S3 | STRAPS_OF_S3.get(name, set()) for name, pin in s3.items())
    assert set(s3) - set(plain) == ONLY_ON_S3 | PANEL
    assert set(plain) <= set(s3)
    for numbers in (list(plain.values()), list(colour.values()), list(s3.values()), lines):
        assert len(set(numbers)) == len(numbers)
    assert set(lines) <= set(range(16))


@pytest.mark.parametrize(
    ("machine", "table"),
    [
        ("Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", "S3"),
        ("Generic ESP32 module with ESP32", "ESP32"),
        ("Generic ESP32 module with SPIRAM with ESP32", "ESP32"),
    ],
)
def test_the_table_is_chosen_by_the_chip(device: Bench, machine: str, table: str) -> None:
    assert device.call("esp32_probe:which", machine) == table


@pytest.mark.till_needs("files")
def test_every_driver_finds_its_pins(bench: Bench, tmp_path: Path) -> None:
    """The board is built whole, the display shows a picture, a lit LED is a line driven low; the terminal loads on it,
    with the keys and certificates that it was provisioned with."""
    panel, chip = Panel(random.Random(1)), Pcf8575(bench.nets, "P35")
    wlan = Wlan(bench.clock, [AccessPoint("lab", "pass word")])
    bench.air = Air(bench, wlan)
    bench.i2c(0).attach(0x3C, panel)
    bench.i2c(0).attach(0x20, chip)
    bench.i2c(0).attach(0x24, I2cPort(Pn532(bench.clock, Field()), bench.nets, "P4"))
    made = make(tmp_path, ("pos.example",), 30)
    certificates = dict(tls_setup(made.folder).certificates)
    content = json.dumps({**SITE, "certificates": certificates})
    parts, ssid, key, entropy, storage, told = bench.call("esp32_probe:build", content)
    assert parts == [
        "display",
        "keypad",
        "printer",
        "card",
        "stripe",
        "buzzer",
        "leds",
        "line",
        "wifi",
        "tamper",
        "contactless",
        "battery",
    ]
    assert (ssid, wlan.asked) == ("lab", ["lab"])
    bench.run_for(2)
    assert wlan.connected, "with the pass phrase that it was provisioned with"
    assert (key, entropy, storage) == (bytes.fromhex(SITE["keys"]["TMK"]), 8, "data")  # type: ignore[index]  # a table of tables
    left, overview = told
    assert left == [{}, {}, "", ""], "what the case switch erases does not come back with the next start"
    assert overview["key"] is True
    assert overview["authority"] == overview["certificate"] != ""
    assert not int.from_bytes(chip.read(2), "little") >> 14 & 1
    assert panel.lit


def test_a_contactless_reader_is_optional(device: Bench) -> None:
    """A chip that sleeps acknowledges the second time; where there is none the board has none."""
    assert device.call("esp32_probe:reader_is_there", 0x24) is False
    device.i2c(0).attach(0x24, I2cPort(Pn532(device.clock, Field()), device.nets))
    try:
        assert device.call("esp32_probe:reader_is_there", 0x24) is True
    finally:
        del device.i2c(0).chips[0x24]


@pytest.mark.till_needs("files")
@pytest.mark.parametrize("kind", ["ST7789", "ILI9341"])
def test_a_colour_panel_in_place_of_the_other(bench: Bench, kind: str) -> None:
    """As it was provisioned: on SPI, buzzer and case switch on other pins, no SSD1306 on the bus."""
    panel = ColourPanel(CONTROLLERS[kind], random.Random(1), lambda: bench.clock.now)
    panel.wire(bench.nets, "P4")
    bench.spi(2).attach("P5", panel)
    bench.air = Air(bench, Wlan(bench.clock, []))
    bench.i2c(0).attach(0x20, Pcf8575(bench.nets, "P35"))
    parts = bench.call("esp32_probe:build", json.dumps({**SITE, "certificates": {}, "display": kind}))[0]
    assert "display" in parts
    assert read_screen(panel.pixels()).text.rstrip() == "ESP32"
    assert bench.spi(2).config.hz == 40_000_000
    assert list(panel.complaints) == []


def test_the_colour_panels_pins_are_asked_for(device: Bench) -> None:
    assert device.call("esp32_probe:which", "Generic ESP32 module with ESP32", True) == "ESP32 with colours"
    assert device.call("esp32_probe:which", "Generic ESP32S3 module with ESP32S3", True) == "S3"


@pytest.mark.till_needs("files")
def test_a_board_that_was_told_nothing_says_what_to_do(device: Bench) -> None:
    assert device.call("esp32_probe:unprovisioned") == "no nowhere.json: tillbench board provision"
    device.air = Air(device, Wlan(device.clock, []))
    assert device.call("esp32_probe:build", "{") == "site.json is damaged: tillbench board provision"
    lacking = {name: value for name, value in SITE.items() if name != "acquirer_port"}
    assert device.call("esp32_probe:build", json.dumps(lacking)) == (
        "site.json: acquirer_port is missing: tillbench board provision"
    )
