"""ESP32 and ESP32-S3 with real parts, wired as `pins.py` says. There is no bench link in it."""

import os
import sys

from boards import pins, wifi
from boards.assembly import Board, Display, Line
from boards.site import Site
from drivers.buzzer import Buzzer
from drivers.escpos import Printer
from drivers.iso7816 import CardSlot
from drivers.keypad import Keypad
from drivers.leds import Leds
from drivers.pcf8575 import Expander
from drivers.ssd1306 import SSD1306
from drivers.tamper import Tamper
from machine import I2C, PWM, UART, Pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STORAGE = "/data"


class NoBench:
    """Nobody watches the display, and nobody records keys."""

    def frame(self, number: int) -> None:
        """A frame is on the glass."""

    def pin_entry(self, is_open: bool) -> None:
        """PIN entry begins or ends."""


def board(storage: str = STORAGE) -> Board:
    """Build the board.

    Raises:
        NotProvisioned: it was not told its acquirer, its Wi-Fi and its keys.
        OSError: the display does not answer.
    """
    site = Site()
    at = pins.of(getattr(sys.implementation, "_machine", ""))
    b = Board()
    b.name = "esp32"
    b.events = NoBench()
    # Wi-Fi first: it wants memory in one piece, and the rest comes around it.
    station = wifi.join(site.ssid, site.wifi_key)
    b.line = Line(site.host, site.port, lambda: wifi.address(station))
    bus = I2C(0, scl=Pin(at["scl"]), sda=Pin(at["sda"]), freq=400_000)
    panel = SSD1306(bus, pins.DISPLAY, b.events.frame)
    panel.init()
    b.display = Display(panel)
    expander = Expander(bus, pins.EXPANDER, Pin(at["keypad_int"], Pin.IN))
    b.keypad = Keypad(_lines(expander, pins.KEYPAD_ROWS), _lines(expander, pins.KEYPAD_COLS))
    b.leds = Leds({name: expander.line(number) for name, number in pins.LEDS.items()}, lit_level=0)  # pyright: ignore
    b.printer = Printer(
        UART(1, 9600, tx=Pin(at["printer_tx"]), rx=Pin(at["printer_rx"]), rxbuf=256), Pin(at["printer_busy"], Pin.IN)
    )
    b.card = CardSlot(
        UART(2, 9600, tx=Pin(at["card_tx"]), rx=Pin(at["card_rx"]), rxbuf=512),
        Pin(at["card_rst"], Pin.OUT, value=0),
        PWM(Pin(at["card_clk"]), freq=4_000_000, duty_u16=0),
        Pin(at["card_vcc"], Pin.OUT, value=0),
        Pin(at["card_present"], Pin.IN),
    )
    b.buzzer = Buzzer(PWM(Pin(at["buzzer"]), freq=2700, duty_u16=0))
    b.tamper = Tamper(Pin(at["tamper"], Pin.IN, Pin.PULL_UP))
    b.storage = _folder(storage)
    b.entropy = os.urandom
    b.keyslot = site
    return b


def _lines(expander: Expander, numbers: "tuple[int, ...]") -> "Any":
    return [expander.line(number) for number in numbers]


def _folder(path: str) -> str:
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there
    return path
