"""The case switch: closed to ground while the case is shut. A cut wire reads as an open case, as it should."""

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin


class Tamper:
    """`pin` reads 1 when the case is open, by a pull-up. Nothing is debounced: open for a moment is open."""

    def __init__(self, pin: "Pin") -> None:
        self._pin = pin
        self._moved = asyncio.ThreadSafeFlag()
        self._seen_open = False
        pin.irq(handler=self._on_edge, trigger=pin.IRQ_RISING | pin.IRQ_FALLING)

    def _on_edge(self, _: "Pin") -> None:
        if self._pin.value():
            self._seen_open = True
        self._moved.set()

    def is_open(self) -> bool:
        """True if the case is open at this moment."""
        return bool(self._pin.value())

    async def wait_opened(self) -> None:
        """Return when the case is open, or has been since this returned last."""
        while not self._seen_open and not self._pin.value():
            await self._moved.wait()
        self._seen_open = False

    async def wait_closed(self) -> None:
        """Return when the case is shut."""
        while self._pin.value():
            await self._moved.wait()
        self._seen_open = False
