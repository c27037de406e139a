"""A `machine` with real parts for MicroPython's Unix port: UARTs are serial lines of the computer, named in the file
`lines`; a display that acknowledges all; a keypad behind a PCF8575 whose key in the file `finger` is down."""

import asyncio
import io
import json
import select

from expander import ADDRESS, INTERRUPT, Expander

DISPLAY = 0x3C
GROUNDED = (18, 36)  # the case is shut, the printer is not busy
handlers = {}  # of interrupts, by pin
keypad = Expander("finger")


class I2C:
    def __init__(self, _number, **_wires):
        self.glass = open("display", "wb")

    def writeto(self, address, data, _stop=True):
        if address == DISPLAY:
            self.glass.write(len(data).to_bytes(2, "little") + bytes(data))
            self.glass.flush()
        elif address == ADDRESS:
            keypad.write(data)
        else:
            raise OSError(19)
        return len(data)

    def readfrom_into(self, address, room):
        if address != ADDRESS:
            raise OSError(19)
        levels = keypad.levels()
        room[0], room[1] = levels & 0xFF, levels >> 8


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_DOWN, PULL_UP, IRQ_RISING, IRQ_FALLING = 1, 3, 7, 1, 2, 1, 2

    def __init__(self, number, *_mode, value=1):
        self.number = number
        self.level = 0 if number in GROUNDED else value

    def init(self, *_mode, value=1):
        self.level = value

    def value(self, level=None):
        if level is None:
            return self.level
        self.level = level

    def irq(self, handler=None, trigger=3, wake=None):
        handlers[self.number] = handler


async def fingers():
    """The expander's interrupt, while a key is down."""
    while True:
        await asyncio.sleep_ms(20)
        handler = handlers.get(INTERRUPT)
        if handler and keypad.key():
            handler(None)


class PWM:
    def __init__(self, _pin, **_options):
        pass

    def init(self, **_options):
        pass

    freq = duty_u16 = deinit = lambda self, *_: 0


ADC = None  # no battery


class UART(io.IOBase):
    def __init__(self, number, *_args, **_options):
        with open("lines") as file:
            self.line = open(json.load(file)[str(number)], "r+b")
        self.poll = select.poll()
        self.poll.register(self.line, select.POLLIN)

    def init(self, *_args, **_options):
        pass

    def any(self):
        return 1 if self.poll.poll(0) else 0

    def read(self, size=-1):
        got = b""
        while size and self.any():
            got += self.line.read(1)
            size -= 1
        return got or None

    def readinto(self, room):
        got = self.read(len(room)) or b""
        room[: len(got)] = got
        return len(got) or None

    def write(self, data):
        return self.line.write(data)

    def ioctl(self, request, arg):
        if request != 3:
            return -1
        return arg & 4 | (arg & 1 if self.any() else 0)
