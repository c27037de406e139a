"""Parts and pins of the board on which everything is virtual: the same on every computer that can play it."""

from boards.assembly import Board, Display, Line, SerialLine, storage
from boards.key_file import KeyFile
from drivers.buzzer import Buzzer
from drivers.escpos import Printer
from drivers.iso7816 import CardSlot
from drivers.keypad import Keypad
from drivers.leds import Leds
from drivers.ssd1306 import SSD1306
from drivers.tamper import Tamper
from machine import I2C, PWM, UART, Pin
from port import bench, desk, readers, vault
from port.flash import FlashFile, is_blank


def _pins(*numbers: int) -> "list[Pin]":
    return [Pin(number) for number in numbers]


def board(name: str, flash: FlashFile, settings: "dict[str, str]") -> Board:
    """Build the board `name` with its flash; the parts are soldered as `parts.VIRTUAL` says.

    Raises:
        StorageDamaged: the flash holds neither a file system nor nothing.
    """
    events = bench.Events()
    b = Board()
    b.name = name
    b.log = bench.log
    b.events = events
    b.desk = desk.Desk()
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
    b.stripe = b.contactless = readers.Readers()
    b.buzzer = Buzzer(PWM(Pin(25), freq=2700, duty_u16=0))
    b.leds = Leds({"green": Pin(16), "yellow": Pin(17), "red": Pin(26), "blue": Pin(0)})
    b.line = Line(settings["acquirer_host"], int(settings["acquirer_port"]), lambda: "BENCH")
    b.serial_line = SerialLine(UART(0, 9600, rxbuf=1024))
    b.storage = storage(flash, is_blank(flash))
    b.entropy = vault.entropy
    b.tamper = Tamper(Pin(34, Pin.IN))
    b.keyslot = KeyFile(b.storage) if settings.get("keyslot") == "file" else vault.KeySlot()
    b.key_loader = vault.offered
    return b
