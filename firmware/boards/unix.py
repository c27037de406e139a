"""The Unix port: a board on which everything is virtual."""

from port import bench
from port.wire_unix import UnixWire

# One line for each part: name, mode, and where it is soldered. The bench puts a model there.
PARTS = """unix
display virtual i2c=0 addr=60
keypad virtual rows=4,5,18,19,23 cols=12,14,15,2
printer virtual uart=1 busy=36
card virtual uart=2 rst=32 clk=33 vcc=13 present=27
buzzer virtual pin=25
leds virtual green=16 yellow=17 red=26 blue=0
line virtual
flash virtual
entropy virtual
keyslot virtual"""

# The link and the clock are up before anything imports asyncio.
_settings = bench.start(UnixWire(), PARTS)

from boards.assembly import Board, Display, Line, storage
from drivers.buzzer import Buzzer
from drivers.escpos import Printer
from drivers.iso7816 import CardSlot
from drivers.keypad import Keypad
from drivers.leds import Leds
from drivers.ssd1306 import SSD1306
from machine import I2C, PWM, UART, Pin
from port import vault
from port.flash import FlashFile, is_blank


def _pins(*numbers: int) -> "list[Pin]":
    return [Pin(number) for number in numbers]


def board() -> Board:
    """Build the board.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    events = bench.Events()
    flash = FlashFile(_settings["flash"], int(_settings["flash_size"]), int(_settings.get("cut_after", "0")))
    b = Board()
    b.name = "unix"
    b.log = bench.log
    b.events = events
    panel = SSD1306(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000), 60, events.frame)
    panel.init()
    b.display = Display(panel)
    b.keypad = Keypad(_pins(4, 5, 18, 19, 23), _pins(12, 14, 15, 2))
    b.printer = Printer(UART(1, 9600, rxbuf=256), Pin(36, Pin.IN))
    b.card = CardSlot(
        UART(2, 9600, rxbuf=512),
        Pin(32, Pin.OUT, value=0),
        PWM(Pin(33), freq=4_000_000, duty_u16=0),
        Pin(13, Pin.OUT, value=0),
        Pin(27, Pin.IN, Pin.PULL_UP),
    )
    b.buzzer = Buzzer(PWM(Pin(25), freq=2700, duty_u16=0))
    b.leds = Leds({"green": Pin(16), "yellow": Pin(17), "red": Pin(26), "blue": Pin(0)})
    b.line = Line(_settings["acquirer_host"], int(_settings["acquirer_port"]))
    b.storage = storage(flash, is_blank(flash))
    b.entropy = vault.entropy
    b.keyslot = vault.KeySlot()
    return b
