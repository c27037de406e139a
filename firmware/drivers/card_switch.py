"""The presence switch of a card slot: closes to ground while a card is in, and bounces."""

import asyncio
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import Pin

_DEBOUNCE_MS = const(50)


class CardSwitch:
    """`pin` reads 0 while a card is in. `on_open` is called from the interrupt at the first break of the contact,
    without debouncing: a card on its way out leaves its pads within milliseconds.

    One task may wait for a card and one for its removal. Neither costs anything until the switch moves.
    """

    def __init__(self, pin: "Pin", on_open: "Callable[[], None]") -> None:
        self._pin = pin
        self._on_open = on_open
        self._closed = asyncio.ThreadSafeFlag()
        self._opened = asyncio.ThreadSafeFlag()
        self._edge = time.ticks_ms()
        self._bouncing = False
        pin.irq(handler=self._on_edge, trigger=pin.IRQ_RISING | pin.IRQ_FALLING)

    def _on_edge(self, _: "Pin") -> None:
        self._edge = time.ticks_ms()
        self._bouncing = True
        if self._pin.value():
            self._on_open()
            self._opened.set()
        else:
            self._closed.set()

    def is_open(self) -> bool:
        """True if the contact is open at this moment."""
        return bool(self._pin.value())

    def _settled(self) -> bool:
        # A negative difference is an edge so long ago (days) that the ticks have gone round.
        if self._bouncing and not 0 <= time.ticks_diff(time.ticks_ms(), self._edge) < _DEBOUNCE_MS:
            self._bouncing = False
        return not self._bouncing

    def present(self) -> bool:
        """True if a card is in and the switch has been quiet for 50 ms."""
        return not self._pin.value() and self._settled()

    async def wait_present(self) -> None:
        """Return when a card is in."""
        await self._wait(0, self._closed)

    async def wait_removed(self) -> None:
        """Return when no card is in."""
        await self._wait(1, self._opened)

    async def _wait(self, level: int, moved: "asyncio.ThreadSafeFlag") -> None:
        while True:
            if not self._settled():
                await asyncio.sleep_ms(_DEBOUNCE_MS)
            elif self._pin.value() == level:
                return
            else:
                await moved.wait()
