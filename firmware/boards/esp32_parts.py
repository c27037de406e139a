"""What terminal and reader have alike on an ESP32: display, keypad, and the contacts of the card slot."""

from boards import pins
from boards.assembly import Board, Display
from drivers.keypad import Keypad
from drivers.pcf8575 import Expander
from drivers.ssd1306 import SSD1306
from machine import I2C, PWM, UART, Pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NoBench:
    """Nobody watches the display, and nobody records keys."""

    def frame(self, number: int) -> None:
        """A frame is on the glass."""

    def pin_entry(self, is_open: bool) -> None:
        """PIN entry begins or ends."""


def i2c(at: "dict[str, int]") -> I2C:
    """The bus that display, keypad and contactless reader are on."""
    return I2C(0, scl=Pin(at["scl"]), sda=Pin(at["sda"]), freq=400_000)


def front(b: Board, at: "dict[str, int]", bus: I2C) -> Expander:
    """Put display and keypad on the board, wired as `at` says; returns the expander that the keypad is on.

    Raises:
        OSError: the display does not answer.
    """
    panel = SSD1306(bus, pins.DISPLAY, b.events.frame)
    panel.init()
    b.display = Display(panel)
    expander = Expander(bus, pins.EXPANDER, Pin(at["keypad_int"], Pin.IN))
    b.keypad = Keypad(_lines(expander, pins.KEYPAD_ROWS), _lines(expander, pins.KEYPAD_COLS))
    return expander


def _lines(expander: Expander, numbers: "tuple[int, ...]") -> "Any":
    return [expander.line(number) for number in numbers]


def card_contacts(at: "dict[str, int]") -> "tuple[UART, Pin, PWM, Pin, Pin]":
    """I/O, RST, CLK, VCC and the presence switch, as a slot's driver takes them."""
    return (
        UART(2, 9600, tx=Pin(at["card_tx"]), rx=Pin(at["card_rx"]), rxbuf=512),
        Pin(at["card_rst"], Pin.OUT, value=0),
        PWM(Pin(at["card_clk"]), freq=4_000_000, duty_u16=0),
        Pin(at["card_vcc"], Pin.OUT, value=0),
        Pin(at["card_present"], Pin.IN),
    )
