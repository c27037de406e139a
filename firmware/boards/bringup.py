"""A new board, one wire at a time: what `tillbench board doctor --part` asks for, over the REPL.

Each function drives a few wires, reads what comes, and returns it as it is; what it means the host says. Nothing else
may run meanwhile. Pins are those of `pins.py`; a level is a pair, read with a pull-down and with a pull-up: (0, 0) is
held low, (1, 1) held or pulled high, (0, 1) nobody's. GPIO 34 to 39 of an ESP32 have no pulls.
"""

import asyncio
import sys
import time

from boards import pins
from machine import I2C, PWM, UART, Pin
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_RELEASED = const(0xFFFF)
_POLL_MS = const(10)
_UNASKED = const(10)  # polls after which the lines are read though INT said nothing
_STABLE_MS = const(40)  # longer than a contact bounces
_LEAVE_MS = const(3000)
_LOOK_MS = const(200)
_STORAGE = "/data"  # as boards/esp32.py has it
_LINES = ("cls", "rcl", "rdt")


def _panel() -> str:
    from boards.site import NotProvisioned, Site

    try:
        return Site().display
    except NotProvisioned:
        return ""


_kind = _panel()
_at = pins.of(getattr(sys.implementation, "_machine", ""), bool(_kind))


def run(result: "Any") -> "Any":
    """The result of a function of this module, which may be one that has to be awaited."""
    if hasattr(result, "send"):
        asyncio.new_event_loop()  # what the application had under way does not go on
        return asyncio.run(result)
    return result


def wiring() -> "tuple[Any, ...]":
    """GPIO numbers by name; lines of the keypad's rows and columns and of the LEDs; addresses of display, expander and
    contactless reader; the chip of a colour panel, "" if the display is an SSD1306."""
    rows, columns = pins.KEYPAD_ROWS, pins.KEYPAD_COLS
    return _at, rows, columns, pins.LEDS, pins.DISPLAY, pins.EXPANDER, pins.CONTACTLESS, _kind


def level(name: str) -> "tuple[int, int]":
    """The level of an input or a bus line."""
    found = []
    for pull in (Pin.PULL_DOWN, Pin.PULL_UP):
        pin = Pin(_at[name], Pin.IN, pull)
        time.sleep_ms(1)
        found.append(pin.value())
    Pin(_at[name], Pin.IN, None)  # pyright: ignore  None is no pull; the stubs want an int
    return found[0], found[1]


def _bus() -> I2C:
    return I2C(0, scl=Pin(_at["scl"]), sda=Pin(_at["sda"]), freq=100_000)


def addresses() -> "list[int]":
    """At which a chip on the I2C bus acknowledges."""
    return _bus().scan()


def expander(outputs: int) -> int:
    """Drive the lines of the PCF8575 that are 0 in `outputs`; the levels of all sixteen, -1 if it does not answer."""
    bus = _bus()
    try:
        bus.writeto(pins.EXPANDER, bytes((outputs & 0xFF, outputs >> 8)))
        time.sleep_ms(1)
        read = bus.readfrom(pins.EXPANDER, 2)
    except OSError:
        return -1
    return read[0] | read[1] << 8


def _closed() -> "list[tuple[int, int]]":
    found = []
    for column, line in enumerate(pins.KEYPAD_COLS):
        lines = expander(_RELEASED & ~(1 << line))
        for row, number in enumerate(pins.KEYPAD_ROWS):
            if lines >= 0 and not lines >> number & 1:
                found.append((row, column))
    return found


def _pressed(outputs: int) -> bool:
    lines = expander(outputs)
    return lines >= 0 and any(not lines >> number & 1 for number in pins.KEYPAD_ROWS)


def key(ms: int) -> "tuple[bool | None, list[tuple[int, int]]]":
    """Wait for a key: whether INT fell (None: it was down before), and the (row, column) of each closed contact; none
    when time is up."""
    columns = _RELEASED
    for line in pins.KEYPAD_COLS:
        columns &= ~(1 << line)
    interrupt = Pin(_at["keypad_int"], Pin.IN)
    early = _pressed(columns)
    for poll in range(ms // _POLL_MS):
        time.sleep_ms(_POLL_MS)
        fell = not interrupt.value()
        if not (fell or poll % _UNASKED == 0) or not _pressed(columns):
            continue
        time.sleep_ms(_STABLE_MS)
        found = _closed()
        if found:
            for _ in range(_LEAVE_MS // _POLL_MS):
                time.sleep_ms(_POLL_MS)
                if not _pressed(columns):
                    break
            time.sleep_ms(_STABLE_MS)
            return None if early else fell, found
    return None, []


def picture(number: int) -> bool:
    """On the display: 0 dark, 1 a frame and a diagonal, 2 every dot, 3 text. False if it does not acknowledge, which a
    colour panel never does or does not."""
    from boards.esp32_parts import display
    from drivers.ssd1306 import HEIGHT, WIDTH

    try:
        panel = display(_at, _bus(), _kind, lambda _: None)
        if number == 1:
            panel.fb.rect(0, 0, WIDTH, HEIGHT, 1)
            panel.fb.line(0, 0, WIDTH - 1, HEIGHT - 1, 1)
        elif number == 2:
            panel.fb.fill(1)
        elif number == 3:
            for row, text in enumerate(("ROW 1", "ROW 2", "ROW 3", "ROW 4")):
                panel.text(row, text)
        panel.show()
    except OSError:
        return False
    return True


def _heard(uart: UART, ms: int) -> bytes:
    time.sleep_ms(ms)
    return uart.read(uart.any()) or b"" if uart.any() else b""


def printer(data: bytes, ms: int) -> "tuple[bytes, int]":
    """Send to the printer; what it has answered within that time, and the level of BUSY."""
    uart = UART(1, 9600, tx=Pin(_at["printer_tx"]), rx=Pin(_at["printer_rx"]), rxbuf=256)
    _heard(uart, 1)
    uart.write(data)
    return _heard(uart, ms), Pin(_at["printer_busy"], Pin.IN).value()


def scanner(ms: int) -> bytes:
    """What the barcode scanner sends within that time."""
    uart = UART(pins.SCANNER_UART, 9600, rx=Pin(_at["scanner_rx"]), rxbuf=256)
    _heard(uart, 1)
    return _heard(uart, ms)


def settled(name: str, ms: int) -> int:
    """The level of an input after that time."""
    time.sleep_ms(ms)
    return Pin(_at[name], Pin.IN).value()


def card_io() -> "tuple[int, int]":
    """The level of I/O of the card slot while its supply is on."""
    vcc = Pin(_at["card_vcc"], Pin.OUT, value=1)
    time.sleep_ms(5)
    found = level("card_rx")
    vcc.value(0)
    return found


def card_echo(data: bytes) -> bytes:
    """What comes back on RX of what TX sends on the one wire of I/O, with the slot's supply on."""
    vcc = Pin(_at["card_vcc"], Pin.OUT, value=1)
    uart = UART(2, 9600, tx=Pin(_at["card_tx"]), rx=Pin(_at["card_rx"]), rxbuf=512)
    uart.init(baudrate=9600, bits=8, parity=0, stop=2)
    _heard(uart, 5)
    uart.write(data)
    echo = _heard(uart, 50)
    vcc.value(0)
    return echo


async def card_reset() -> "tuple[str, bytes]":
    """Cold reset of the card: "" and its ATR, or the reason why there is none."""
    from boards.esp32_parts import card_contacts
    from drivers.iso7816 import CardError, CardSlot

    slot = CardSlot(*card_contacts(_at))
    await asyncio.sleep_ms(100)
    try:
        return "", await slot.activate()
    except CardError as error:
        return "%s: %s" % error.args[:2], b""
    finally:
        slot.deactivate()


def sound(hz: int, ms: int) -> None:
    """A tone of the buzzer."""
    pwm = PWM(Pin(_at["buzzer"]), freq=hz, duty_u16=32768)
    time.sleep_ms(ms)
    pwm.duty_u16(0)


def led(name: str) -> int:
    """Light one LED alone; the level of its line then, which is driven low: -1 if the expander does not answer."""
    lines = expander(_RELEASED & ~(1 << pins.LEDS[name])) if name else expander(_RELEASED)
    return lines if lines < 0 or not name else lines >> pins.LEDS[name] & 1


def case() -> int:
    """The case switch: 1 is open."""
    return Pin(_at["tamper"], Pin.IN, Pin.PULL_UP).value()


def drawer() -> int:
    """The drawer's switch on a pin of its own, where the board has one: 0 is open."""
    return Pin(_at["drawer"], Pin.IN, Pin.PULL_UP).value()


def pause(ms: int) -> None:
    """Nothing."""
    time.sleep_ms(ms)


def stripe(ms: int) -> "list[int]":
    """How often CLS, RCL and RDT fell within that time, or up to 300 ms after CLS rose again."""
    falls = [0, 0, 0]
    lines = [Pin(_at["stripe_" + name], Pin.IN, Pin.PULL_UP) for name in _LINES]

    def counter(number: int) -> "Any":
        def fell(_: "Pin") -> None:
            falls[number] += 1

        return fell

    for number, pin in enumerate(lines):
        pin.irq(counter(number), pin.IRQ_FALLING)
    over = 30
    for _ in range(ms // _POLL_MS):
        time.sleep_ms(_POLL_MS)
        if any(falls) and lines[0].value():
            over -= 1
        if not over:
            break
    for pin in lines:
        pin.irq(None)
    return falls


async def swipe(ms: int) -> "tuple[bool, str]":
    """The driver's own reading of one swipe: whether it was read, and the reason if not. Nothing of the card's data."""
    from drivers.msr import StripeReader

    reader = StripeReader(Pin(_at["stripe_cls"]), Pin(_at["stripe_rcl"]), Pin(_at["stripe_rdt"]))
    try:
        text = await asyncio.wait_for_ms(reader.swipe(), ms)
    except asyncio.TimeoutError:
        return False, "nothing came"
    return bool(text), reader.reason


async def contactless(ms: int) -> "tuple[str, bool, bool]":
    """Start the contactless reader, then wait that long for a card: the reason if it does not start, whether its
    interrupt line works, whether a card came."""
    from drivers.pn532 import Pn532, Pn532Fault
    from drivers.pn532_i2c import I2cPort

    irq = Pin(_at["contactless_irq"], Pin.IN) if "contactless_irq" in _at else None
    port = I2cPort(_bus(), irq, pins.CONTACTLESS)
    reader = Pn532(port)
    came = False
    try:
        await reader.start()
        if ms:
            await asyncio.wait_for_ms(reader.tap(), ms)
            came = True
    except Pn532Fault as fault:
        return fault.reason, False, False
    except asyncio.TimeoutError:
        pass
    finally:
        port.close()
    return "", not port.lost_interrupts, came


def battery() -> int:
    """Millivolts at the ADC, behind the divider."""
    from machine import ADC

    adc = ADC(Pin(_at["battery"]), atten=ADC.ATTN_11DB)
    return sum([adc.read_uv() for _ in range(16)]) // 16_000


async def wifi(ms: int) -> "tuple[list[tuple[str, int, bool]], str, str, int]":
    """The networks that are heard, with their signals and whether they could be joined; the one that is remembered;
    after that time at most, the address in it, and its signal."""
    import network
    from boards.key_file import KeyFile
    from drivers.wifi import Wifi

    found = Wifi(network.WLAN(network.STA_IF), KeyFile(_STORAGE))
    found.start()  # the radio may still be in a network, by a program that was interrupted
    networks = [(each.label, each.rssi, each.usable) for each in found.scan()]
    for _ in range(ms // _LOOK_MS):
        if not found.name or found.address():
            break
        await asyncio.sleep_ms(_LOOK_MS)
    return networks, found.label, found.address(), found.rssi()
