"""The card slot on the bench's pins, as the board file builds it."""

import asyncio
import time

from drivers.iso7816 import CardError, CardSlot
from machine import PWM, UART, Pin

slot = None


def open_slot():
    """Builds the slot; a second call is a restart of the application."""
    global slot
    slot = CardSlot(
        UART(2, 9600, tx=25, rx=26, rxbuf=512),
        Pin(32, Pin.OUT, value=0),
        PWM(Pin(33), freq=4_000_000, duty_u16=0),
        Pin(13, Pin.OUT, value=0),
        Pin(27, Pin.IN, Pin.PULL_UP),
    )


async def activate():
    """The answer to reset, or the reason why there is none."""
    if slot is None:
        open_slot()
    try:
        return await slot.activate()
    except CardError as error:
        return (error.reason, error.detail)


async def run(*apdus):
    """ATR and one response for each APDU; a CardError ends the list as (reason, detail)."""
    results = [await activate()]
    for apdu in apdus:
        if isinstance(results[-1], tuple):
            break
        results.append(await exchange(apdu))
    return results


async def exchange(apdu):
    """One exchange on the active card."""
    try:
        return await slot.exchange(apdu)
    except CardError as error:
        return (error.reason, error.detail)


def deactivate():
    slot.deactivate()


def present():
    if slot is None:
        open_slot()
    return slot.present()


async def wait_present():
    """Milliseconds until a card was in."""
    if slot is None:
        open_slot()
    began = time.ticks_ms()
    await slot.wait_present()
    return time.ticks_diff(time.ticks_ms(), began)


async def wait_removed():
    """Milliseconds until the slot was empty."""
    began = time.ticks_ms()
    await slot.wait_removed()
    return time.ticks_diff(time.ticks_ms(), began)


async def cancelled_exchange(apdu, after_ms):
    """An exchange whose task is cancelled on the way."""
    task = asyncio.create_task(slot.exchange(apdu))
    await asyncio.sleep_ms(after_ms)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"


def deaf():
    """The switch's interrupt is lost."""
    Pin(27).irq(handler=None)


def block_left():
    """What is left in the buffer of blocks to send."""
    return bytes(slot._blocks._out).rstrip(b"\x00")
