"""Keypad: a matrix of contacts between row pins and column pins, without diodes.

While no key is down all columns are low and the first row that is pulled low wakes the scanner, so an idle terminal
does nothing at all. From then on one column at a time is driven low, every 5 ms (10 ms while keys are only held),
until every key is released.

Codes are ASCII for `0-9 * #`; the others are below.
"""

import asyncio
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import Pin

CLEAR = const(0x08)
ENTER = const(0x0D)
CANCEL = const(0x18)
MENU = const(0x81)
FN = const(0x82)
UP = const(0x83)
DOWN = const(0x84)
F1 = const(0x85)
F2 = const(0x86)
FEED = const(0x87)

# 5 rows of 4: 1 2 3 CANCEL / 4 5 6 CLEAR / 7 8 9 ENTER / * 0 # MENU / FN UP DOWN FEED
LAYOUT = b"123\x18456\x08789\r*0#\x81\x82\x83\x84\x87"

_SCAN_MS = const(5)
_HELD_MS = const(10)  # while keys are merely held down
# Contacts bounce for up to 20 ms. Six equal samples in a row span five pauses, the first of which may be up to 1 ms
# short (the millisecond tick is under way when it begins): 24 ms at least.
_STABLE = const(6)
_RING = const(16)
_STUCK_MS = const(10_000)
_MAX_KEYS = const(30)  # one bit a key in a small integer, which a 32-bit port does not put on the heap


class Keypad:
    """One event for each press: `start()`, then `await get()`.

    Keys roll over: the next may go down before the last is up. Three keys at the corners of a rectangle make the
    fourth look pressed; then nothing is certain, so nothing is reported, and the keys that came up in such a picture
    count only when pressed anew.

    `overflows` counts presses lost because nobody fetched them, `ghosts` counts pictures that were refused.
    """

    def __init__(self, rows: list[Pin], cols: list[Pin], keymap: bytes = LAYOUT) -> None:
        if len(keymap) != len(rows) * len(cols) or len(keymap) > _MAX_KEYS:
            raise ValueError("keymap has %d codes for %d x %d keys" % (len(keymap), len(rows), len(cols)))
        self.overflows = 0
        self.ghosts = 0
        self._rows = rows
        self._cols = cols
        self._keymap = keymap
        # Bit sets by position in `keymap`. `_state` is what is settled, `_blocked` what must be released first.
        self._state = 0
        self._blocked = 0
        self._unsettled = False
        self._ghosting = False
        self._samples = bytearray(len(keymap))
        self._down_at = [time.ticks_ms()] * len(keymap)
        self._ring = bytearray(_RING)
        self._head = 0
        self._count = 0
        self._ready = asyncio.Event()
        self.on_press: "Callable[[int], None] | None" = None
        """Hears each key that goes down here."""
        self._wake = asyncio.ThreadSafeFlag()
        self._task: asyncio.Task | None = None
        for row in rows:
            row.init(row.IN, row.PULL_UP)
        for col in cols:
            col.init(col.OPEN_DRAIN, value=1)

    def start(self) -> None:
        """Start scanning, in a task of its own; does nothing if it is already under way."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Stop scanning; the columns are let go, the interrupts are off."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def get(self) -> int:
        """Wait for a key press and return its code."""
        while not self._count:
            self._ready.clear()
            await self._ready.wait()
        return self.poll()

    def poll(self) -> int:
        """The code of the oldest press not yet fetched, 0 if there is none. Its slot is zeroed: it may be of a PIN."""
        if not self._count:
            return 0
        head = self._head
        code = self._ring[head]
        self._ring[head] = 0
        self._head = (head + 1) % _RING
        self._count -= 1
        return code

    def flush(self) -> None:
        """Forget all presses not yet fetched, and zero them."""
        for i in range(_RING):
            self._ring[i] = 0
        self._head = self._count = 0

    def held_ms(self, code: int) -> int:
        """For how long the key has been down, in ms; 0 if it is up."""
        i = self._keymap.find(bytes((code,)))
        if i < 0 or not self._state >> i & 1:
            return 0
        return time.ticks_diff(time.ticks_ms(), self._down_at[i])

    def stuck(self) -> bytes:
        """The codes of the keys that have been down for 10 s: no finger does that."""
        return bytes([code for code in self._keymap if self.held_ms(code) >= _STUCK_MS])

    async def _run(self) -> None:
        try:
            while True:
                self._arm()
                # A key that went down before the interrupts were on makes no edge any more.
                if not self._any_row_low():
                    await self._wake.wait()
                self._disarm()
                while self._sample():
                    await asyncio.sleep_ms(_SCAN_MS if self._unsettled else _HELD_MS)
        finally:
            self._disarm()

    def _arm(self) -> None:
        self._wake.clear()
        for col in self._cols:
            col.value(0)
        for row in self._rows:
            row.irq(self._edge, row.IRQ_FALLING)

    def _disarm(self) -> None:
        for row in self._rows:
            row.irq(None)
        for col in self._cols:
            col.value(1)

    def _edge(self, _pin: Pin) -> None:
        self._wake.set()

    def _any_row_low(self) -> bool:
        for row in self._rows:
            if not row.value():
                return True
        return False

    def _read(self) -> int:
        """The closed contacts, one bit each; row 0, column 0 is bit 0, and rows follow each other as in the keymap."""
        closed = 0
        first = 1
        width = len(self._cols)
        for col in self._cols:
            col.value(0)
            bit = first
            for row in self._rows:
                if not row.value():
                    closed |= bit
                bit <<= width
            col.value(1)
            first <<= 1
        return closed

    def _sample(self) -> bool:
        """Scan once, report what has settled; False when every key is up and at rest."""
        closed = self._read()
        if self._is_rectangle(closed):
            self._refuse(closed)
            return True
        self._ghosting = False
        self._blocked &= closed | self._state
        if closed != self._state or self._unsettled:
            self._settle(closed ^ self._state)
        return bool(closed or self._state)

    def _is_rectangle(self, closed: int) -> bool:
        """Whether two rows have two columns in common."""
        width = len(self._cols)
        row_mask = (1 << width) - 1
        while closed:
            row = closed & row_mask
            closed >>= width
            others = closed
            while others:
                common = row & others
                if common & (common - 1):
                    return True
                others >>= width
        return False

    def _refuse(self, closed: int) -> None:
        if not self._ghosting:
            self._ghosting = True
            self.ghosts += 1
        self._blocked |= closed & ~self._state
        self._unsettled = False
        for i in range(len(self._samples)):
            self._samples[i] = 0

    def _settle(self, changed: int) -> None:
        samples = self._samples
        self._unsettled = False
        for i in range(len(samples)):
            if not changed >> i & 1:
                samples[i] = 0
                continue
            samples[i] += 1
            if samples[i] < _STABLE:
                self._unsettled = True
                continue
            samples[i] = 0
            self._state ^= 1 << i
            if self._state >> i & 1:
                self._down_at[i] = time.ticks_ms()
                if not self._blocked >> i & 1:
                    self.put(self._keymap[i])
                    if self.on_press is not None:
                        self.on_press(self._keymap[i])

    def put(self, code: int) -> None:
        """A press, as if the key were there: of somebody who has no finger on this keypad."""
        if self._count == _RING:
            self.overflows += 1
            return
        self._ring[(self._head + self._count) % _RING] = code
        self._count += 1
        self._ready.set()
