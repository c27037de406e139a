"""ESP32 and ESP32-S3 with real parts, wired as `pins.py` says. There is no bench link in it."""

import os
import sys

import network
from boards import contactless, pins
from boards.assembly import Board, Line
from boards.esp32_parts import NoBench, card_slot, front, i2c
from boards.key_file import KeyFile
from boards.scanner import ScannerPort
from boards.site import Site
from drivers.battery import Battery
from drivers.buzzer import Buzzer
from drivers.escpos import Printer
from drivers.leds import Leds
from drivers.msr import StripeReader
from drivers.tamper import Tamper
from drivers.wifi import Wifi
from machine import ADC, PWM, UART, Pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STORAGE = "/data"


def board(storage: str = STORAGE, events: "Any" = None) -> Board:
    """Build the board; `events` hears of frames and of PIN entry.

    Raises:
        NotProvisioned: it was not told its acquirer, its Wi-Fi and its keys.
        OSError: the display does not answer.
    """
    site = Site()
    at = pins.of(getattr(sys.implementation, "_machine", ""), bool(site.display))
    b = Board()
    b.name = "esp32"
    b.events = events or NoBench()
    # Wi-Fi first: it wants memory in one piece, and the rest comes around it.
    station = network.WLAN(network.STA_IF)
    bus = i2c(at)
    expander = front(b, at, bus, site.display)
    b.leds = Leds({name: expander.line(number) for name, number in pins.LEDS.items()}, lit_level=0)  # pyright: ignore  an expander has the part of Pin that it needs
    b.printer = Printer(
        UART(1, 9600, tx=Pin(at["printer_tx"]), rx=Pin(at["printer_rx"]), rxbuf=256),
        Pin(at["printer_busy"], Pin.IN),
        drawer=Pin(at["drawer"], Pin.IN, Pin.PULL_UP) if "drawer" in at else False,
    )
    b.card = card_slot(at, site.slot)
    if contactless.is_there(bus, pins.CONTACTLESS):
        irq = Pin(at["contactless_irq"], Pin.IN) if "contactless_irq" in at else None
        b.contactless = contactless.Contactless(bus, irq, pins.CONTACTLESS)
    b.stripe = StripeReader(Pin(at["stripe_cls"]), Pin(at["stripe_rcl"]), Pin(at["stripe_rdt"]))
    if "scanner_rx" in at:
        rx = at["scanner_rx"]
        b.scanner = ScannerPort(lambda: UART(pins.SCANNER_UART, 9600, rx=Pin(rx), rxbuf=256))
    b.buzzer = Buzzer(PWM(Pin(at["buzzer"]), freq=2700, duty_u16=0))
    if site.battery:
        b.battery = Battery(ADC(Pin(at["battery"]), atten=ADC.ATTN_11DB))
    b.tamper = Tamper(Pin(at["tamper"], Pin.IN, Pin.PULL_UP))
    b.storage = _folder(storage)
    b.entropy = os.urandom
    b.keyslot = KeyFile(b.storage)
    site.hand_keys_over(b.keyslot)
    b.wifi = Wifi(station, b.keyslot)
    site.hand_wifi_over(b.wifi)
    b.wifi.start()
    b.line = Line(site.host, site.port, b.wifi.address)
    b.certificates = site.certificates
    b.certificates_taken = site.certificates_taken
    return b


def _folder(path: str) -> str:
    try:
        os.mkdir(path)
    except OSError:
        pass  # it is there
    return path
