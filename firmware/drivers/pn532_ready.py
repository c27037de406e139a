"""Waiting until a PN532 has something to say: where it cannot send by itself, on I2C and SPI, it has to be asked.

Its interrupt line, if it is connected, falls at that moment, and is high again when all has been read.
"""

import asyncio
import time

from micropython import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin

_POLL_MS = const(5)
_PATIENT_POLL_MS = const(50)  # for a card, not for a chip
_LOST_MS = const(2000)


class Ready:
    """The half of such a port that waits. `lost_interrupts` is 1 when the line turned out not to be connected."""

    def __init__(self, irq: "Pin | None") -> None:
        self.lost_interrupts = 0
        self._irq = irq
        self._fell = asyncio.ThreadSafeFlag()
        if irq is not None:
            irq.irq(handler=self._on_fall, trigger=irq.IRQ_FALLING)

    def close(self) -> None:
        """Let go of the interrupt line."""
        if self._irq is not None:
            self._irq.irq(handler=None)

    def _on_fall(self, _: "Pin") -> None:
        self._fell.set()

    def is_ready(self) -> bool:
        """Ask the chip."""
        raise NotImplementedError

    async def wait_ready(self, timeout_ms: int) -> None:
        """Return when there is something to read.

        Raises:
            asyncio.TimeoutError: there was nothing for `timeout_ms`; -1 waits for ever.
        """
        begun = time.ticks_ms()
        while (self._irq is not None and self._irq.value()) or not self.is_ready():
            pause = _LOST_MS
            if timeout_ms >= 0:
                pause = min(pause, timeout_ms - time.ticks_diff(time.ticks_ms(), begun))
            if pause <= 0:
                raise asyncio.TimeoutError
            await self._sleep(pause, _POLL_MS if timeout_ms >= 0 else _PATIENT_POLL_MS)

    async def _sleep(self, ms: int, poll_ms: int) -> None:
        if self._irq is None:
            await asyncio.sleep_ms(min(ms, poll_ms))
            return
        try:
            await asyncio.wait_for_ms(self._fell.wait(), ms)
        except asyncio.TimeoutError:
            self._distrust()

    def _distrust(self) -> None:
        """No interrupt: from now on the chip is asked, if it has something to say all the same."""
        if self.is_ready():
            self._irq = None
            self.lost_interrupts = 1
