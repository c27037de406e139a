"""What terminal and reader have alike where everything is virtual: display, keypad, contacts of the card slot."""

from drivers.keypad import Keypad
from drivers.ssd1306 import SSD1306
from machine import I2C, PWM, UART, Pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from drivers.ccid_slot import CcidSlot
    from drivers.colour_panel import ColourPanel
    from drivers.iso7816 import CardSlot


def _pins(*numbers: int) -> "list[Pin]":
    return [Pin(number) for number in numbers]


def colour_panel(kind: str, on_frame: "Callable[[int], None]") -> "ColourPanel":
    """The other display, in its place, switched on."""
    from drivers.colour_panel import ColourPanel
    from machine import SPI

    bus = SPI(1, 40_000_000, sck=Pin(6), mosi=Pin(7), miso=None)
    made = ColourPanel(bus, Pin(10, Pin.OUT, value=1), Pin(9, Pin.OUT, value=1), kind, on_frame)
    made.init()
    return made


def panel(on_frame: "Callable[[int], None]") -> SSD1306:
    """The display, switched on."""
    made = SSD1306(I2C(0, scl=Pin(22), sda=Pin(21), freq=400_000), 60, on_frame)
    made.init()
    return made


def keypad() -> Keypad:
    """Five rows of four keys."""
    return Keypad(_pins(4, 5, 18, 19, 23), _pins(12, 14, 15, 2))


def card_slot(kind: str) -> "CardSlot | CcidSlot":
    """The card slot: on pins, or, `kind` "ccid", behind a serial controller on the UART of those pins."""
    if kind == "ccid":
        from drivers.ccid_slot import CcidSlot

        return CcidSlot(UART(2, 115_200, rxbuf=512))
    from drivers.iso7816 import CardSlot

    return CardSlot(*card_contacts())


def card_contacts() -> "tuple[UART, Pin, PWM, Pin, Pin]":
    """I/O, RST, CLK, VCC and the presence switch, as a slot's driver takes them."""
    return (
        UART(2, 9600, rxbuf=512),
        Pin(32, Pin.OUT, value=0),
        PWM(Pin(33), freq=4_000_000, duty_u16=0),
        Pin(13, Pin.OUT, value=0),
        Pin(27, Pin.IN, Pin.PULL_UP),
    )
