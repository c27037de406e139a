"""Barcode scanner on UART 1, tamper switch on P18."""

import asyncio

from drivers.scanner import Scanner
from drivers.tamper import Tamper
from machine import UART, Pin

scanner = None
tamper = None


def connect():
    """Build both drivers."""
    global scanner, tamper
    scanner = Scanner(UART(1, 9600, rxbuf=256))
    tamper = Tamper(Pin(18, Pin.IN, Pin.PULL_UP))


async def scans(count, timeout_ms=3000):
    """The codes that are read until the time is over, and how many lines were refused."""
    found = []
    try:
        while len(found) < count:
            found.append(await asyncio.wait_for_ms(scanner.scan(), timeout_ms))
    except asyncio.TimeoutError:
        pass
    return found, scanner.refused


async def wait(ms):
    """Nobody asks for a code."""
    await asyncio.sleep_ms(ms)


async def opened(timeout_ms=3000):
    """Whether the case was opened within that time, or before it."""
    try:
        await asyncio.wait_for_ms(tamper.wait_opened(), timeout_ms)
    except asyncio.TimeoutError:
        return False
    return True
