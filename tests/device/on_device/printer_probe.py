"""The printer driver on the bench's pins: whole slips, with and without patience."""

import asyncio

from drivers.escpos import Printer, PrinterFault
from machine import UART, Pin

printer = None


def connect(baud=9600, busy=False, drawer=False):
    """Build the driver; a second call is a restart of the application. `drawer`: True, or the number of its pin."""
    global printer
    switch = drawer if isinstance(drawer, bool) else Pin(drawer, Pin.IN, Pin.PULL_UP)
    printer = Printer(UART(1, baud, tx=17, rx=16), Pin(36, Pin.IN) if busy else None, drawer=switch)


async def status():
    """The flags, or the reason why there are none."""
    try:
        return await printer.status()
    except PrinterFault as fault:
        return fault.reason


async def slip(lines, cut=True):
    """Print; the first fault ends it as (reason, lines certainly on paper, lines that the driver has taken)."""
    taken = 0
    try:
        for line in lines:
            await _one(line)
            taken += 1
        if cut:
            await printer.cut()
    except PrinterFault as fault:
        return (fault.reason, fault.printed, taken)
    return ("OK", printer.printed, taken)


async def patient_slip(lines, timeout_ms=-1):
    """Print; at each fault wait and repeat the same call. Returns the faults and the count of lines."""
    faults = []
    lines.append(None)  # the cut
    for line in lines:
        while True:
            try:
                if line is None:
                    await printer.cut()
                else:
                    await _one(line)
                break
            except PrinterFault as fault:
                faults.append((fault.reason, fault.printed))
                if fault.reason == "LOST":
                    return faults, printer.printed
                await printer.wait_ready(timeout_ms)
    return faults, printer.printed


async def pause(ms):
    await asyncio.sleep_ms(ms)


async def feed(lines):
    await printer.feed(lines)


def abandon():
    printer.abandon()


def unprintable():
    return printer.unprintable


async def _one(line):
    if isinstance(line, str):
        await printer.text(line)
    elif isinstance(line, int):
        await printer.feed(line)
    else:
        text, modes = line
        await printer.text(text, **modes)


async def picture(rows):
    """Print dots, rows of whole bytes, and see them on paper."""
    await printer.picture(lambda y: rows[y], len(rows), 8 * len(rows[0]))
    await printer.cut()


async def patient_picture(rows):
    """The same; at each fault wait and repeat the call. Returns the faults."""
    faults = []
    for step in (lambda: printer.picture(lambda y: rows[y], len(rows), 8 * len(rows[0])), printer.cut):
        while True:
            try:
                await step()
                break
            except PrinterFault as fault:
                faults.append((fault.reason, fault.printed))
                await printer.wait_ready()
    return faults
