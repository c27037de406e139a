"""Which GPIO goes where on a real board: the ESP32-S3 with PSRAM (the reference), and a plain ESP32.

ESP32: 6 to 11 are the flash; 0, 2, 5, 12 and 15 are read at reset; 34 to 39 are inputs without pulls, so the keypad's
INT and the card switch have pull-ups on the board; 16 and 17 are the PSRAM of a WROVER module.
ESP32-S3: 26 to 32 are the flash, 33 to 37 the PSRAM where it has eight lines; 0, 3, 45 and 46 are read at reset, 3 only
for the pins of a debugger; 19 and 20 are USB, 43 and 44 the console.
The battery is on a pin of ADC1 (32 to 39; 1 to 10 on an ESP32-S3): ADC2 is the radio's while Wi-Fi is on.
"""

ESP32 = {
    "sda": 21,
    "scl": 22,
    "keypad_int": 35,
    "printer_tx": 17,
    "printer_rx": 16,
    "printer_busy": 36,
    "card_tx": 25,
    "card_rx": 26,
    "card_rst": 32,
    "card_clk": 33,
    "card_vcc": 13,
    "card_present": 39,
    "contactless_irq": 4,
    "stripe_cls": 27,
    "stripe_rcl": 14,
    "stripe_rdt": 19,
    "buzzer": 23,
    "tamper": 18,
    "battery": 34,
}

ESP32_COLOUR = dict(ESP32)
ESP32_COLOUR.update(
    {
        "panel_sck": 18,
        "panel_mosi": 23,
        "panel_cs": 5,
        "panel_dc": 4,
        "buzzer": 2,
        "tamper": 15,
    }
)
del ESP32_COLOUR["contactless_irq"]
"""With a colour panel. 2, 5 and 15 are read at reset: CS idles high, as 5 has to be; the buzzer leaves 2 low; 15 is
low while the case is shut, which only silences the boot log. No pin is left for the contactless reader's IRQ: it is
asked."""

ESP32_S3 = {
    "sda": 8,
    "scl": 9,
    "keypad_int": 10,
    "printer_tx": 17,
    "printer_rx": 18,
    "printer_busy": 16,
    "card_tx": 4,
    "card_rx": 5,
    "card_rst": 6,
    "card_clk": 7,
    "card_vcc": 15,
    "card_present": 21,
    "contactless_irq": 40,
    "stripe_cls": 11,
    "stripe_rcl": 12,
    "stripe_rdt": 13,
    "buzzer": 14,
    "tamper": 38,
    "battery": 2,
    "panel_sck": 39,
    "panel_mosi": 41,
    "panel_cs": 42,
    "panel_dc": 3,
    "scanner_rx": 47,
    "drawer": 1,
}
"""More than the ESP32 has: its console is on USB, which leaves a third UART for the scanner, and there are pins for a
colour panel beside all else, and for the switch of a drawer whose printer does not report it."""

DISPLAY = 0x3C
EXPANDER = 0x20
CONTACTLESS = 0x24
"""I2C addresses of the SSD1306, the PCF8575 and the PN532."""

SCANNER_UART = 0
PANEL_SPI = 2
"""Whose own pins on an ESP32 are those of the table: 40 MHz need that."""

KEYPAD_ROWS = (0, 1, 2, 3, 4)
KEYPAD_COLS = (8, 9, 10, 11)
LEDS = {"green": 12, "yellow": 13, "red": 14, "blue": 15}
"""Lines of the PCF8575. An LED is between its line and the supply: lit by 0, which is all that the chip drives."""


def of(machine: str, colour: bool = False) -> "dict[str, int]":
    """The table for a board, by MicroPython's name for it (`sys.implementation._machine`); `colour`: with a colour
    panel."""
    if "ESP32S3" in machine.upper().replace("-", ""):
        return ESP32_S3
    return ESP32_COLOUR if colour else ESP32
