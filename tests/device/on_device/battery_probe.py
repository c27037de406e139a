"""A battery behind a divider on P34."""

import asyncio

from drivers.battery import Battery
from machine import ADC, Pin

battery = None


def connect():
    """Build the driver."""
    global battery
    battery = Battery(ADC(Pin(34), atten=ADC.ATTN_11DB))


async def measure(times=1, pause_ms=1000):
    """(level, mV) of each measurement."""
    found = []
    for _ in range(times):
        await battery.measure()
        found.append((battery.level, battery.mv))
        await asyncio.sleep_ms(pause_ms)
    return found


def implausible():
    """How many measurements made no sense."""
    return battery.implausible
