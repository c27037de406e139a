"""Magnetic stripe reader: a head with a decoder chip that gives clock and data (TTL, all three lines low-active).

CLS is low while a card passes, RDT is low for a 1 and is valid at each falling edge of RCL. At 150 cm/s a bit of track
2 takes 226 us and one of tracks 1 and 3 takes 81 us. Interrupts of MicroPython are soft: a swipe that is too quick for
them loses clocks, and then parity or LRC say so and the swipe is asked for again.
"""

import asyncio

from drivers.stripe import StripeError, text_of
from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin

_BITS = const(1024)  # track 1 has 709 at most; the rest is leading zeros of a long card
_LEAST = const(16)  # fewer are a bounce of CLS
_STILL_MS = const(300)  # a card that goes no further, though CLS says that it is there


class StripeReader:
    """Waits for swipes: `await swipe()`.

    `refused` counts the swipes that could not be read, `reason` is the last one's, as in `StripeError`.
    """

    def __init__(self, cls: "Pin", rcl: "Pin", rdt: "Pin", track: int = 2) -> None:
        self.refused = 0
        self.reason = ""
        self._cls = cls
        self._rcl = rcl
        self._rdt = rdt
        self._track = track
        self._bits = bytearray(_BITS // 8)
        self._count = 0
        self._over = asyncio.ThreadSafeFlag()
        for pin in (cls, rcl, rdt):
            pin.init(pin.IN, pin.PULL_UP)

    async def swipe(self) -> str:
        """The track of the next swipe, between its sentinels; "" for one that could not be read."""
        await self._record()
        try:
            self._check_length()
            return text_of(self._bits, self._count, self._track)
        except StripeError as error:
            self.refused += 1
            self.reason = error.args[0]
            return ""
        finally:
            self._forget()

    async def _record(self) -> None:
        self._forget()
        self._over.clear()
        self._cls.irq(self._card, self._cls.IRQ_RISING)
        self._rcl.irq(self._clock, self._rcl.IRQ_FALLING)
        try:
            while not self._complete():
                before = self._count
                if not before:
                    await self._over.wait()
                    continue
                try:
                    await asyncio.wait_for_ms(self._over.wait(), _STILL_MS)
                except asyncio.TimeoutError:
                    if self._stands_still(before):
                        return
        finally:
            self._cls.irq(None)
            self._rcl.irq(None)

    def _complete(self) -> bool:
        return self._cls.value() == 1 and not self._only_touched()

    def _only_touched(self) -> bool:
        # CLS bounces at the card's edge: it went up, and hardly a bit has come.
        return self._count < _LEAST

    def _stands_still(self, before: int) -> bool:
        return self._count == before

    def _check_length(self) -> None:
        if self._count > _BITS:
            raise StripeError("LONG")

    def _card(self, _: "Pin") -> None:
        self._over.set()

    def _clock(self, _: "Pin") -> None:
        n = self._count
        if n < _BITS and not self._rdt.value():
            self._bits[n >> 3] |= 1 << (n & 7)
        self._count = n + 1
        if not n:
            self._over.set()  # from here on it may stand still

    def _forget(self) -> None:
        # The bits of a card, not only their count.
        for i in range(len(self._bits)):
            self._bits[i] = 0
        self._count = 0
