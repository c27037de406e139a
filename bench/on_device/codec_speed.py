"""How long the generated codec takes for one sale, by the device's own clock, and what it leaves behind.

Given in the file that $SALE names: the body in hex, the message type, the fields. Prints microseconds to decode and to
encode, bytes of garbage of each.
"""

# mypy: disable-error-code="import-not-found"

import gc
import os
import time

from generated import iso8583_unionpay

ROUNDS, STEPS = 400, 20

with open(os.getenv("SALE")) as given:
    body = bytes.fromhex(given.readline().strip())
    mti = given.readline().strip()
    fields = eval(given.readline())


def decode() -> None:
    """One message read."""
    iso8583_unionpay.decode(body)


def encode() -> None:
    """One message written."""
    iso8583_unionpay.encode(mti, fields)


def quickest(step) -> float:
    """Microseconds for one step, in the quickest of the rounds."""
    best = 1e9
    for _ in range(ROUNDS):
        start = time.ticks_us()
        for _ in range(STEPS):
            step()
        best = min(best, time.ticks_diff(time.ticks_us(), start) / STEPS)
    return best


def garbage(step) -> int:
    """Bytes that one step leaves on the heap."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    step()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


print(quickest(decode), quickest(encode), garbage(decode), garbage(encode))
