"""Where the parts of an all-virtual board are soldered: one line for each, for the bench that puts a model there.

Apart from `virtual.py`, because a board says this before it may import anything that imports asyncio.
"""

_COMMON = """
display virtual i2c=0 addr=60
keypad virtual rows=4,5,18,19,23 cols=12,14,15,2
card virtual uart=2 rst=32 clk=33 vcc=13 present=27"""

VIRTUAL = (
    _COMMON
    + """
colour_display virtual spi=1 cs=9 dc=10
printer virtual uart=1 busy=36
stripe virtual
contactless virtual i2c=0 addr=36 irq=35
buzzer virtual pin=25
leds virtual green=16 yellow=17 red=26 blue=0
line virtual
wifi virtual
serial_line virtual uart=0
scanner virtual uart=0
tamper virtual pin=34
battery virtual pin=39
flash virtual
entropy virtual
keyslot virtual"""
)
"""The terminal."""

READER = (
    _COMMON
    + """
host virtual uart=0"""
)
"""The PC/SC reader: its serial port to the computer is a UART as well."""
