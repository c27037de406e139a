"""The magnetic stripe reader on the bench's pins, and its pure half on its own."""

import asyncio

from drivers import stripe
from drivers.msr import StripeReader
from machine import Pin

reader = None


def connect(track=2):
    """Build the driver."""
    global reader
    reader = StripeReader(Pin(27), Pin(14), Pin(19), track)


async def swipe(timeout_ms=5000):
    """(text, reason) of one swipe; None if the driver still waits."""
    reader.reason = ""
    try:
        text = await asyncio.wait_for_ms(reader.swipe(), timeout_ms)
    except asyncio.TimeoutError:
        return None
    return text, reader.reason


async def swipes(count):
    """The texts of so many."""
    texts = []
    for _ in range(count):
        texts.append(await reader.swipe())
    return texts


def left():
    """Whether bits of a card are still in the buffer."""
    return any(reader._bits)


def texts(track, readings):
    """Text, or the reason why there is none, of each (bits, count)."""
    return [_or_reason(stripe.text_of, bits, count, track) for bits, count in readings]


def of_intervals(track, readings):
    """The same of lists of intervals."""
    found = []
    for intervals in readings:
        bits = _or_reason(stripe.bits_of, intervals)
        found.append(bits if isinstance(bits, str) else _or_reason(stripe.text_of, *bits, track))
    return found


def _or_reason(function, *args):
    try:
        return function(*args)
    except stripe.StripeError as error:
        return "! " + error.args[0]
