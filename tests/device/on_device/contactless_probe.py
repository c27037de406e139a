"""A PN532 on I2C 0, on SPI 1 with P5, or on UART 1; its interrupt line on P35."""

import asyncio

from drivers.pn532 import Pn532, Pn532Fault
from iso7816.errors import CardError
from machine import I2C, SPI, UART, Pin

reader = None
port = None


def connect(way="i2c", interrupt=True):
    """Build the driver."""
    global port, reader
    irq = Pin(35, Pin.IN) if interrupt else None
    if way == "i2c":
        from drivers.pn532_i2c import I2cPort

        port = I2cPort(I2C(0, freq=400_000), irq)
    elif way == "spi":
        from drivers.pn532_spi import SpiPort

        port = SpiPort(SPI(1, 5_000_000, firstbit=SPI.LSB), Pin(5, Pin.OUT, value=1), irq)
    else:
        from drivers.pn532_hsu import HsuPort

        port = HsuPort(UART(1, 115_200, rxbuf=300))
    reader = Pn532(port)


async def _outcome(wait):
    try:
        return await asyncio.wait_for_ms(wait, 20_000)
    except asyncio.TimeoutError:
        return "waits for ever"
    except CardError as error:
        return "card " + error.reason
    except Pn532Fault as fault:
        return "%s %02X" % (fault.reason, fault.code)


async def start():
    """None, or the fault."""
    return await _outcome(reader.start())


async def tap(timeout_ms=10_000, after_another=False):
    """Whether a card came in that time."""
    try:
        await asyncio.wait_for_ms(reader.tap(after_another), timeout_ms)
    except asyncio.TimeoutError:
        return False
    return True


async def taps(count, timeout_ms):
    """So many waits, each of its time; whether another card came in each."""
    came = []
    for _ in range(count):
        came.append(await tap(timeout_ms, True in came))
    return came


async def activate():
    """What the card says of itself, or the reason why there is none."""
    return await _outcome(reader.activate())


async def exchange(*apdus):
    """The answer to each APDU, or the reason why there is none; the card is activated first."""
    answers = [await activate()]
    for apdu in apdus:
        answers.append(await _outcome(reader.exchange(apdu)))
    return answers[1:] if isinstance(answers[0], bytes) else answers


async def release():
    """Card and field."""
    await reader.release()


def uid():
    """Of the card that was activated last."""
    return reader.uid


def counts():
    """(given up for a while, damaged frames, interrupt lines that are not there)"""
    return reader.faults, reader.damaged, getattr(port, "lost_interrupts", 0)


def frames(contents):
    """The frame of each content."""
    from drivers import pn532_frame

    made = []
    for content in contents:
        room = bytearray(pn532_frame.ROOM)
        made.append(bytes(room[: pn532_frame.pack(room, content[:1], content[1:])]))
    return made


def taken(frames):
    """Size and content of each frame, or the reason why there is none."""
    from drivers import pn532_frame

    found = []
    for frame in frames:
        try:
            n = pn532_frame.size(frame)
            found.append((n, bytes(pn532_frame.content(memoryview(frame)[:n]))))
        except pn532_frame.FrameFault as fault:
            found.append(fault.reason)
    return found
