"""Small functions that show what the runner does."""

import asyncio
import time

from runner import host


def echo(value):
    return value


def fail(n):
    raise ValueError("seven is %d" % n)


def ask(numbers):
    return [host("double", n) for n in numbers]


async def sleep(seconds):
    start = time.ticks_ms()
    await asyncio.sleep(seconds)
    return time.ticks_diff(time.ticks_ms(), start)


def busy(ms):
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < ms:
        pass
    return time.ticks_diff(time.ticks_ms(), start)


async def tasks():
    said = []
    start = time.ticks_ms()

    async def say(name, ms):
        await asyncio.sleep_ms(ms)
        said.append("%s %d" % (name, time.ticks_diff(time.ticks_ms(), start)))
        return 7

    a = asyncio.create_task(say("a", 20))
    asyncio.create_task(say("b", 10))
    await a
    try:
        await asyncio.wait_for_ms(say("never", 1000), 100)
    except asyncio.TimeoutError:
        said.append("timeout %d" % time.ticks_diff(time.ticks_ms(), start))
    victim = asyncio.create_task(say("victim", 50))
    await asyncio.sleep_ms(0)
    victim.cancel()
    try:
        await victim
    except asyncio.CancelledError:
        said.append("cancelled")
    said.append("joined %d" % await a if a.done() else "not done")

    async def give(n):
        return n

    said.append("gather %r" % (await asyncio.gather(give(1), give(2)),))
    return said


_counted = 0


def count():
    """How often it was called."""
    global _counted
    _counted += 1
    return _counted
