"""asyncio scenarios whose outcome must not depend on whose task queue runs them; they import no part of the bench.

Each returns what happened, in order. Times are far enough apart for a real clock.
"""

import asyncio
import sys


async def _say(said, what, ms, value=None):
    await asyncio.sleep_ms(ms)
    said.append(what)
    return value


async def order_of_sleeps():
    said = []
    await asyncio.gather(*(_say(said, n, n) for n in (90, 30, 60, 0)))
    return said


async def events():
    said = []
    event = asyncio.Event()

    async def wait(name):
        await event.wait()
        said.append(name)

    tasks = [asyncio.create_task(wait(name)) for name in "abc"]
    await asyncio.sleep_ms(10)
    said.append("set")
    event.set()
    await asyncio.gather(*tasks)
    await event.wait()
    event.clear()
    said.append(event.is_set())
    return said


async def cancelled_at_event():
    said = []
    event = asyncio.Event()

    async def wait(name):
        try:
            await event.wait()
            said.append(name)
        except asyncio.CancelledError:
            said.append(name + " cancelled")
            raise

    tasks = [asyncio.create_task(wait(name)) for name in "abc"]
    await asyncio.sleep_ms(10)
    said.append(tasks[1].cancel())
    event.set()
    for task in tasks:
        try:
            await task
        except asyncio.CancelledError:
            said.append("seen")
    said.append([task.done() for task in tasks])
    said.append(tasks[1].cancel())
    return said


async def locks():
    said = []
    lock = asyncio.Lock()

    async def use(name, ms):
        async with lock:
            said.append(name + " in")
            await asyncio.sleep_ms(ms)
            said.append(name + " out")

    tasks = [asyncio.create_task(use(name, 20)) for name in "abcd"]
    await asyncio.sleep_ms(5)
    tasks[2].cancel()  # while it waits for the lock
    await asyncio.sleep_ms(50)
    tasks[3].cancel()  # while it may hold it
    await asyncio.sleep_ms(50)
    said.append(lock.locked())
    try:
        lock.release()
    except RuntimeError as error:
        said.append(str(error))
    return said


async def time_outs():
    said = []
    said.append(await asyncio.wait_for_ms(_say(said, "in time", 5, 7), 100))
    try:
        await asyncio.wait_for_ms(_say(said, "never", 300), 20)
    except asyncio.TimeoutError:
        said.append("time-out")

    async def fails():
        await asyncio.sleep_ms(5)
        raise ValueError("inside")

    try:
        await asyncio.wait_for_ms(fails(), 100)
    except ValueError as error:
        said.append(str(error))
    outer = asyncio.create_task(asyncio.wait_for_ms(_say(said, "never", 300), 200))
    await asyncio.sleep_ms(10)
    outer.cancel()
    try:
        await outer
    except asyncio.CancelledError:
        said.append("outer cancelled")
    said.append(await asyncio.wait_for(_say(said, "no limit", 5, 8), None))
    return said


async def gathers():
    said = []

    async def fails(ms):
        await asyncio.sleep_ms(ms)
        raise ValueError(ms)

    said.append(await asyncio.gather(_say(said, "x", 20, 1), _say(said, "y", 5, 2)))
    results = await asyncio.gather(_say(said, "z", 30, 3), fails(5), return_exceptions=True)
    said.append((results[0], repr(results[1])))
    try:
        await asyncio.gather(_say(said, "w", 60, 4), fails(5))
    except ValueError as error:
        said.append(repr(error))
    await asyncio.sleep_ms(100)
    outer = asyncio.create_task(asyncio.gather(_say(said, "never", 200), _say(said, "nor", 200)))
    await asyncio.sleep_ms(10)
    outer.cancel()
    try:
        await outer
    except asyncio.CancelledError:
        said.append("gather cancelled")
    await asyncio.sleep_ms(20)
    return said


async def cancel_chains():
    said = []

    async def inner():
        try:
            await asyncio.sleep_ms(500)
        except asyncio.CancelledError:
            said.append("inner")
            raise

    async def outer(task):
        try:
            await task
        except asyncio.CancelledError:
            said.append("outer")
            raise

    a = asyncio.create_task(inner())
    b = asyncio.create_task(outer(a))
    c = asyncio.create_task(outer(b))
    await asyncio.sleep_ms(10)
    c.cancel()
    for task in (c, b, a):
        try:
            await task
        except asyncio.CancelledError:
            said.append(task.done())

    async def stubborn():
        try:
            await asyncio.sleep_ms(500)
        except asyncio.CancelledError:
            said.append("no")
        await asyncio.sleep_ms(10)
        return "stayed"

    task = asyncio.create_task(stubborn())
    await asyncio.sleep_ms(10)
    task.cancel()
    said.append(await task)
    early = asyncio.create_task(inner())
    early.cancel()  # before its first step
    try:
        await early
    except asyncio.CancelledError:
        said.append("early")

    async def itself():
        try:
            asyncio.current_task().cancel()
        except RuntimeError as error:
            return str(error)

    said.append(await asyncio.create_task(itself()))
    return said


async def exceptions():
    said = []
    loop = asyncio.get_event_loop()
    loop.set_exception_handler(lambda loop, context: said.append(repr(context["exception"])))

    async def fails(text):
        raise ValueError(text)

    seen = asyncio.create_task(fails("seen"))
    try:
        await seen
    except ValueError as error:
        said.append(str(error))
    asyncio.create_task(fails("not seen"))
    await asyncio.sleep_ms(20)
    late = asyncio.create_task(fails("too late"))
    await asyncio.sleep_ms(20)
    try:
        await late
    except ValueError as error:
        said.append("late " + str(error))
    loop.set_exception_handler(None)
    return said


async def flags():
    said = []
    flag = asyncio.ThreadSafeFlag()

    async def wait():
        await flag.wait()
        said.append("flag")
        await flag.wait()
        said.append("again")

    task = asyncio.create_task(wait())
    await asyncio.sleep_ms(10)
    flag.set()
    await asyncio.sleep_ms(20)
    said.append(task.done())
    task.cancel()  # while it waits for a stream
    try:
        await task
    except asyncio.CancelledError:
        said.append("cancelled")
    flag.set()
    await asyncio.wait_for_ms(flag.wait(), 100)
    said.append("set before")
    try:
        await asyncio.wait_for_ms(flag.wait(), 20)
    except asyncio.TimeoutError:
        said.append("time-out")
    return said


async def joined():
    said = []
    task = asyncio.create_task(_say(said, "once", 10, 5))
    said.append(await asyncio.gather(*[_wait(task) for _ in range(3)]))
    said.append(await task)
    return said


async def _wait(task):
    return await task


SCENARIOS = (order_of_sleeps, events, cancelled_at_event, locks, time_outs, gathers, cancel_chains, exceptions, flags,
             joined)  # fmt: skip


async def all_of_them():
    outcome = {}
    for scenario in SCENARIOS:
        outcome[scenario.__name__] = await scenario()
    return outcome


if __name__ == "__main__":
    outcome = asyncio.run(all_of_them())
    sys.stdout.write("OUTCOME %r\n" % (outcome,))
