"""The ESP32's board file on the virtual pins, which refuse what an ESP32 refuses."""

import json
import os

from boards import contactless, esp32, pins, site
from machine import I2C
from terminal.app import Terminal
from terminal.line import credentials


def tables():
    """The pin tables, and what is behind the expander."""
    lines = list(pins.KEYPAD_ROWS) + list(pins.KEYPAD_COLS) + list(pins.LEDS.values())
    return pins.ESP32, pins.ESP32_COLOUR, pins.ESP32_S3, lines


def which(machine, colour=False):
    """The table for a machine's name."""
    tables = {"S3": pins.ESP32_S3, "ESP32": pins.ESP32, "ESP32 with colours": pins.ESP32_COLOUR}
    return next(name for name in tables if tables[name] is pins.of(machine, colour))


def build(content):
    """Build the board and load its terminal; what it says when it was not provisioned, else its parts, its network, the
    master key, and what is left of secrets in the file."""
    path = "site.json"
    with open(path, "w") as file:
        file.write(content)
    esp32.Site = lambda: site.Site(path)
    try:
        board = esp32.board("data")
        terminal = Terminal(board)
        terminal.load()
        with open(path) as file:
            left = json.load(file)
    except site.NotProvisioned as error:
        return str(error)
    finally:
        os.remove(path)
    board.leds.set("red", True)
    board.display.text(0, "ESP32")
    board.display.show()
    names = "display keypad printer card stripe scanner buzzer leds line wifi tamper contactless battery".split()
    parts = [name for name in names if getattr(board, name)]
    told = [left[name] for name in ("keys", "certificates", "ssid", "wifi_key")], credentials.overview(terminal)
    return parts, board.wifi.label, bytes(terminal.tmk), len(board.entropy(8)), board.storage, told


def reader_is_there(addr):
    """Whether the board would have a contactless reader."""
    return contactless.is_there(I2C(0), addr)


def unprovisioned():
    """What is said where there is no file at all."""
    try:
        site.Site("nowhere.json")
    except site.NotProvisioned as error:
        return str(error)
