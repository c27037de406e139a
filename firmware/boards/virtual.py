"""Parts and pins of the board on which everything is virtual: the same on every computer that can play it."""

from boards.assembly import Board, Display, Line, SerialLine, storage
from boards.contactless import Contactless
from boards.key_file import KeyFile
from boards.scanner import ScannerPort
from boards.virtual_parts import card_slot, colour_panel, keypad, panel
from drivers.buzzer import Buzzer
from drivers.escpos import Printer
from drivers.leds import Leds
from drivers.tamper import Tamper
from machine import I2C, PWM, UART, Pin
from port import bench, desk, readers, vault
from port.flash import FlashFile, is_blank

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


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
    kind = settings.get("display", "")
    b.display = Display(colour_panel(kind, events.frame) if kind else panel(events.frame))
    b.keypad = keypad()
    b.printer = Printer(UART(1, 9600, rxbuf=256), Pin(36, Pin.IN), drawer=True)
    b.card = card_slot(settings.get("slot", ""))
    b.stripe = readers.StripeReader()
    b.contactless = Contactless(I2C(0, freq=400_000), Pin(35, Pin.IN), 36)
    b.buzzer = Buzzer(PWM(Pin(25), freq=2700, duty_u16=0))
    b.leds = Leds({"green": Pin(16), "yellow": Pin(17), "red": Pin(26), "blue": Pin(0)})
    b.scanner = ScannerPort(lambda: UART(0, 9600, parity=None, bits=8, stop=1, rxbuf=256))
    b.serial_line = SerialLine(lambda: UART(0, 9600, rxbuf=1024))
    b.storage = storage(flash, is_blank(flash))
    b.flash_wear = flash.wear
    b.entropy = vault.entropy
    if settings.get("battery"):
        b.battery = _battery()
    b.tamper = Tamper(Pin(34, Pin.IN))
    b.keyslot = KeyFile(b.storage) if settings.get("keyslot") == "file" else vault.KeySlot()
    b.key_loader = vault.offered
    if settings.get("wifi"):
        b.wifi = _wifi(b.keyslot)
    address = b.wifi.address if b.wifi else lambda: "BENCH"
    b.line = Line(settings["acquirer_host"], int(settings["acquirer_port"]), address)
    return b


def _wifi(slot: "Any") -> "Any":
    """Only a board with Wi-Fi has the driver."""
    from drivers.wifi import Wifi
    from port.wlan import STA_IF, WLAN

    made = Wifi(WLAN(STA_IF), slot)
    made.start()
    return made


def _battery() -> "Any":
    """Only a board with a cell has the driver: the ADC and it are 1.5 KB."""
    from drivers.battery import Battery
    from machine import ADC

    return Battery(ADC(Pin(39), atten=ADC.ATTN_11DB))
