"""Requests from the bench to the application, as whole messages; what they say is none of the link's business."""

from micropython import const
from port import link as _link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MORE = const(1)
_LAST = const(2)
_TOLD = const(3)
_PIECE = const(1000)
_LONGEST = const(4096)


class Desk:
    """Where requests arrive: `await request()`, then `reply()`, one by one. A request that is too long is dropped."""

    def __init__(self) -> None:
        self._coming = bytearray()
        self._requests: list[bytes] = []
        import asyncio

        self._came = asyncio.ThreadSafeFlag()
        handlers: "Any" = _link.link().handlers
        handlers[_link.DESK] = self._take

    def _take(self, payload: memoryview) -> None:
        if len(self._coming) + len(payload) <= _LONGEST:
            self._coming.extend(payload[1:])
        if payload[0] == _LAST:
            self._requests.append(bytes(self._coming))
            self._coming = bytearray()
            self._came.set()

    async def request(self) -> bytes:
        """The next request; it stays here until `reply`, so a wait that was cancelled loses nothing."""
        while not self._requests:
            await self._came.wait()
        return self._requests[0]

    def reply(self, data: bytes) -> None:
        """Answer the request that was read."""
        self._requests.pop(0)
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            op = _LAST if at + _PIECE >= len(data) else _MORE
            _link.link().send(_link.DESK, bytes((op,)), piece)

    def tell(self, data: bytes) -> None:
        """Tell the bench something that it has not asked for; at most a frame's payload."""
        _link.link().send(_link.DESK, bytes((_TOLD,)), data)
