"""What a program sees and does that looks at a pin again and again, on steered time."""

import asyncio
import time

import machine


async def polls(pin, for_ms):
    """When, in ms since the start, the pin's level was seen to change; looked at every millisecond."""
    p = machine.Pin(pin, machine.Pin.IN)
    start = time.ticks_ms()
    last = p.value()
    changes = []
    while (now := time.ticks_diff(time.ticks_ms(), start)) < for_ms:
        if p.value() != last:
            last = p.value()
            changes.append(now)
        await asyncio.sleep_ms(1)
    return changes


_polling = None


async def _poll(every_ms):
    while True:
        await asyncio.sleep_ms(every_ms)


async def keep_polling(every_ms):
    global _polling
    _polling = asyncio.create_task(_poll(every_ms))


async def stop_polling():
    _polling.cancel()


async def toggles(pin, times, every_ms, polls_us):
    """Change the pin's level `times` times, polling in between without asyncio."""
    p = machine.Pin(pin, machine.Pin.OUT, value=0)
    start = time.ticks_us()
    for n in range(times):
        while time.ticks_diff(time.ticks_us(), start) < (n + 1) * every_ms * 1000:
            time.sleep_us(polls_us)
        p.value(1 - p.value())


def echoes(out, back, times):
    """Microseconds from each change of pin `out` until pin `back` has followed, polled every 50."""
    o = machine.Pin(out, machine.Pin.OUT, value=0)
    b = machine.Pin(back, machine.Pin.IN)
    taken = []
    for n in range(times):
        level = (n + 1) % 2
        start = time.ticks_us()
        o.value(level)
        while b.value() != level:
            time.sleep_us(50)
        taken.append(time.ticks_diff(time.ticks_us(), start))
    return taken
