"""The card slot behind a serial controller on UART 2."""

import asyncio

from drivers.ccid_slot import CcidSlot
from iso7816.errors import CardError
from machine import UART

slot = None


async def open_slot():
    """Build the driver; whether a card is in, half a second later."""
    global slot
    if slot is not None:
        slot.stop()
    slot = CcidSlot(UART(2, 115200, rxbuf=512))
    await asyncio.sleep_ms(500)
    return slot.present()


async def wait(ms):
    """Let it watch the slot; whether a card is in."""
    await asyncio.sleep_ms(ms)
    return slot.present()


async def moved(is_in, timeout_ms=5000):
    """Whether the card comes, or goes, within that time."""
    try:
        await asyncio.wait_for_ms(slot.wait_present() if is_in else slot.wait_removed(), timeout_ms)
    except asyncio.TimeoutError:
        return False
    return True


async def run(*apdus):
    """ATR and one response for each APDU; a CardError ends the list as (reason, detail)."""
    results = []
    try:
        results.append(await slot.activate())
        for apdu in apdus:
            results.append(await slot.exchange(apdu))
    except CardError as error:
        results.append(error.args[:2])
    return results


async def given_up(apdu, ms):
    """An exchange that is cancelled after that time."""
    try:
        await asyncio.wait_for_ms(slot.exchange(apdu), ms)
    except asyncio.TimeoutError:
        return "cancelled"
    return "answered"


def deactivate():
    """Switch the card off."""
    slot.deactivate()


def repeats():
    """Answers that had to be asked for again."""
    return slot.repeats


def left():
    """Whether bytes of a request or an answer are still in the driver's buffers."""
    return any(slot._frame) or any(slot._frames._buffer)


def stop():
    """Nobody watches the slot any more."""
    global slot
    if slot is not None:
        slot.stop()
        slot = None
