"""The colour panel on SPI 1: D/C on P10, CS on P9."""

import time

from drivers.colour_panel import ColourPanel
from machine import SPI, Pin

panel = None


def connect(kind="ST7789", init=True):
    """Build the driver and set the panel up."""
    global panel
    spi = SPI(1, 40_000_000, sck=Pin(6), mosi=Pin(7), miso=None)
    panel = ColourPanel(spi, Pin(10, Pin.OUT, value=1), Pin(9, Pin.OUT, value=1), kind)
    if init:
        panel.init()


def draw(*lines):
    """A frame of these rows."""
    panel.clear()
    for row, text in enumerate(lines):
        panel.text(row, text, row == 0)
    panel.show()


def raw(*steps):
    """Commands as (command, arguments), without the driver's order."""
    for command, arguments in steps:
        panel._begin(command)
        if arguments:
            panel._spi.write(arguments)
        panel._end()


def dots(picture):
    """A frame of 1024 bytes as they are in the buffer."""
    panel._dots[:] = picture
    panel.show()


def wait(ms):
    """Nothing is drawn."""
    time.sleep_ms(ms)


def power(on):
    """Light or dark."""
    panel.power(on)


def kinds(name):
    """What is said of a panel that there is not."""
    try:
        connect(name)
    except ValueError as error:
        return str(error)


def resume():
    """Go on writing where RAMWR has begun: RAMWRC."""
    panel._begin(0x3C)


def more(data):
    """Pixels of it."""
    panel._spi.write(data)
