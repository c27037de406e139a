"""The virtual board and the link, used directly."""

import asyncio
import time

import machine
from port import link as _link
from port import vault
from runner import host

_uarts = {}


def open_uart(n, rxbuf=256, **options):
    _uarts[n] = machine.UART(n, 115200, rxbuf=rxbuf, **options)


def read_uart(n):
    return _uarts[n].read() or b""


async def every_wire(times):
    """Something over every kind of wire, `times` times."""
    import socket

    doubled = []
    entropy = []
    i2c = machine.I2C(0)
    start = time.ticks_ms()
    for n in range(times):
        doubled.append(host("double", n))
        i2c.writeto(0x20, bytes(range(times)))
        entropy.append(len(vault.entropy(16)))
        await asyncio.sleep_ms(10)
    slept = time.ticks_diff(time.ticks_ms(), start) // 10 * 10
    register = i2c.readfrom(0x20, times)
    try:
        socket.socket().connect(("nowhere", 1))
        refused = 0
    except OSError as error:
        refused = error.errno
    return {"doubled": doubled, "register": register, "entropy": entropy, "socket": refused, "slept": slept}


def log(lines):
    for n in range(lines):
        _link.link().send(_link.LOG, b"line %d" % n)


def write_bytes(n, count):
    if n not in _uarts:
        open_uart(n)
    for i in range(count):
        _uarts[n].write(bytes((i & 0xFF,)))


async def answer_in_interrupt(n, long):
    open_uart(n)
    uart = _uarts[n]
    uart.irq(lambda u: u.write(b"!" * len(u.read() or b"")))
    uart.write(b"start")
    await asyncio.sleep_ms(0)
    uart.write(long)
    await asyncio.sleep_ms(10)
    uart.irq(None)


async def nested_requests(n):
    open_uart(n)
    uart = _uarts[n]
    inner = []

    def interrupt(u):
        u.read()
        inner.append(len(vault.entropy(1)))

    uart.irq(interrupt)
    outer = [host("slow", i) for i in range(3)]
    uart.irq(None)
    return {"outer": outer, "inner": inner}


def send_raw(channel, payload):
    _link.link().send(channel, payload)


def die_in_mid_frame():
    import sys

    lk = _link.link()
    lk.wire.write(memoryview(b"\xa5\x20\x00\x01\x00\x0a"))
    sys.exit(0)


def hang():
    while True:
        pass


async def stubborn():
    log(1)
    while True:
        try:
            await asyncio.sleep(10)
        except Exception:
            pass


def print_in_between(n):
    """What goes wrong in a program: text, a traceback, a sign whose last byte is the sync byte of a frame."""
    import sys

    for i in range(n):
        print("line %d" % i)
        host("tick", i)
        print("5 ¥", end="")
    try:
        raise ValueError("in the middle")
    except ValueError as error:
        sys.print_exception(error)
    sys.stdout.buffer.write(b"\xa5\x10\x00\x01\x01\x0a")
    return n


async def wait_ms(ms):
    await asyncio.sleep_ms(ms)
    return ms


def times():
    a = time.ticks_us()
    time.sleep_us(150)
    b = time.ticks_us()
    time.sleep(0.25)
    c = time.ticks_ms()
    time.sleep_ms(0)
    time.sleep_ms(-5)
    return {
        "us": time.ticks_diff(b, a),
        "ms": time.ticks_diff(c, b // 1000),
        "same": time.ticks_diff(time.ticks_ms(), c),
        "add": time.ticks_diff(time.ticks_add(c, 10), c),
        "date": time.localtime()[:3],
        "round": time.mktime(time.gmtime(86400 * 365)),
        "ns": time.time_ns() // 1_000_000_000 == time.time(),
    }


def reset():
    machine.reset()


def has_steered_queue():
    from port import asyncio_task

    return asyncio.core.TaskQueue is asyncio_task.TaskQueue and asyncio.Task is asyncio_task.Task
