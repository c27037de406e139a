"""The virtual stripe reader: what the bench does in front of it."""

from micropython import const
from port import link as _link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TRACK_2 = const(1)


class StripeReader:
    """What comes while nobody waits for it is forgotten."""

    def __init__(self) -> None:
        import asyncio

        self._track = ""
        self._swiped = asyncio.ThreadSafeFlag()
        handlers: "Any" = _link.link().handlers
        handlers[_link.READER] = self._take

    def _take(self, payload: memoryview) -> None:
        self._track = bytes(payload[1:]).decode() if payload[0] == _TRACK_2 else ""
        self._swiped.set()

    async def swipe(self) -> str:
        """Track 2 of the next swipe: the characters between the sentinels, `=` for the separator; "" for a swipe that
        could not be read (parity, LRC)."""
        self._swiped.clear()
        await self._swiped.wait()
        return self._track
