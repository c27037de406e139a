"""The keypad behind a PCF8575."""

import asyncio

from drivers.keypad import Keypad
from drivers.pcf8575 import Expander
from machine import I2C, Pin

chip = None
keypad = None


def connect():
    """Rows on lines 0 to 4, columns on 8 to 11, INT on P35."""
    global chip, keypad
    if keypad is not None:
        keypad.stop()
        chip.stop()
    chip = Expander(I2C(0, freq=400_000), 0x20, Pin(35, Pin.IN))
    keypad = Keypad([chip.line(n) for n in range(5)], [chip.line(n) for n in range(8, 12)])
    keypad.start()


async def wait(ms):
    """Let the scanner run."""
    await asyncio.sleep_ms(ms)


async def keys(count, timeout_ms=3000):
    """Codes that the driver reports until the time is over."""
    found = []
    try:
        while len(found) < count:
            found.append(await asyncio.wait_for_ms(keypad.get(), timeout_ms))
    except asyncio.TimeoutError:
        pass
    return found


def held(code):
    """For how long the driver takes a key to be down."""
    return keypad.held_ms(code)


def faults():
    """Transfers that nobody acknowledged."""
    return chip.faults


def stop():
    """No scanner any more."""
    keypad.stop()
    chip.stop()
