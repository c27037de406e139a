"""What terminal and reader have alike on an ESP32: display, keypad, and the contacts of the card slot."""

from boards import pins
from boards.assembly import Board, Display
from drivers.keypad import Keypad
from drivers.pcf8575 import Expander
from drivers.ssd1306 import SSD1306
from machine import I2C, PWM, UART, Pin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from drivers.ccid_slot import CcidSlot
    from drivers.colour_panel import ColourPanel
    from drivers.iso7816 import CardSlot


class NoBench:
    """Nobody watches the display, and nobody records keys."""

    def frame(self, number: int) -> None:
        """A frame is on the glass."""

    def pin_entry(self, is_open: int) -> None:
        """PIN entry begins or ends."""


def i2c(at: "dict[str, int]") -> I2C:
    """The bus that display, keypad and contactless reader are on."""
    return I2C(0, scl=Pin(at["scl"]), sda=Pin(at["sda"]), freq=400_000)


def display(at: "dict[str, int]", bus: I2C, kind: str, on_frame: "Callable[[int], None]") -> "SSD1306 | ColourPanel":
    """The panel, wired as `at` says, switched on; `kind` is the chip of a colour panel, "" an SSD1306.

    Raises:
        OSError: an SSD1306 that does not answer.
        ValueError: there is no such colour panel.
    """
    if kind:
        from drivers.colour_panel import ColourPanel
        from machine import SPI

        spi = SPI(pins.PANEL_SPI, 40_000_000, sck=Pin(at["panel_sck"]), mosi=Pin(at["panel_mosi"]), miso=None)
        dc, cs = Pin(at["panel_dc"], Pin.OUT, value=1), Pin(at["panel_cs"], Pin.OUT, value=1)
        colours = ColourPanel(spi, dc, cs, kind, on_frame)
        colours.init()
        return colours
    panel = SSD1306(bus, pins.DISPLAY, on_frame)
    panel.init()
    return panel


def front(b: Board, at: "dict[str, int]", bus: I2C, kind: str = "") -> Expander:
    """Put display and keypad on the board, wired as `at` says; returns the expander that the keypad is on.

    Raises:
        OSError: the display does not answer.
        ValueError: there is no display of that `kind`.
    """
    panel = display(at, bus, kind, b.events.frame)
    b.display = Display(panel)
    expander = Expander(bus, pins.EXPANDER, Pin(at["keypad_int"], Pin.IN))
    b.keypad = Keypad(_lines(expander, pins.KEYPAD_ROWS), _lines(expander, pins.KEYPAD_COLS))
    return expander


def _lines(expander: Expander, numbers: "tuple[int, ...]") -> "Any":
    return [expander.line(number) for number in numbers]


def card_slot(at: "dict[str, int]", kind: str) -> "CardSlot | CcidSlot":
    """The card slot: on pins, or, `kind` "ccid", behind a serial controller on the UART of those pins."""
    if kind == "ccid":
        from drivers.ccid_slot import CcidSlot

        return CcidSlot(UART(2, 115_200, tx=Pin(at["card_tx"]), rx=Pin(at["card_rx"]), rxbuf=512))
    from drivers.iso7816 import CardSlot

    return CardSlot(*card_contacts(at))


def card_contacts(at: "dict[str, int]") -> "tuple[UART, Pin, PWM, Pin, Pin]":
    """I/O, RST, CLK, VCC and the presence switch, as a slot's driver takes them."""
    return (
        UART(2, 9600, tx=Pin(at["card_tx"]), rx=Pin(at["card_rx"]), rxbuf=512),
        Pin(at["card_rst"], Pin.OUT, value=0),
        PWM(Pin(at["card_clk"]), freq=4_000_000, duty_u16=0),
        Pin(at["card_vcc"], Pin.OUT, value=0),
        Pin(at["card_present"], Pin.IN),
    )
