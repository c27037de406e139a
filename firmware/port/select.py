"""`select` on a steered board: `poll` that gives the time to the bench instead of waiting."""

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator

POLLIN = const(1)
POLLOUT = const(4)
POLLERR = const(8)
POLLHUP = const(16)
_IOCTL_POLL = const(3)


class poll:
    """Objects are asked by `ioctl(3, flags)`, as the C `select` asks streams."""

    def __init__(self) -> None:
        self._objects: "dict[int, list[Any]]" = {}

    def register(self, obj: "Any", eventmask: int = POLLIN | POLLOUT) -> None:
        """Watch `obj`, which must have an `ioctl`."""
        if not hasattr(obj, "ioctl"):
            raise OSError("not on the bench link, so a steered board cannot wait for it: %r" % (obj,))
        self._objects[id(obj)] = [obj, eventmask]

    def unregister(self, obj: "Any") -> None:
        """Stop watching `obj`."""
        self._objects.pop(id(obj), None)

    def modify(self, obj: "Any", eventmask: int) -> None:
        """Watch for other events."""
        self._objects[id(obj)][1] = eventmask

    def _ready(self) -> "list[tuple[Any, int]]":
        ready = []
        for obj, mask in self._objects.values():
            flags = obj.ioctl(_IOCTL_POLL, mask | POLLERR | POLLHUP)
            if flags:
                ready.append((obj, flags))
        return ready

    def poll(self, timeout: int = -1) -> "list[tuple[Any, int]]":
        """Wait up to `timeout` ms (-1: until something happens); an idle device asks the bench for the time."""
        _link.link().pump(0)
        ready = self._ready()
        if ready or not timeout:
            return ready
        wake = steer.now_us // 1000 * 1000 + timeout * 1000 if timeout > 0 else -1
        # Without a time-out the caller (asyncio has no task that could run) is owed a ready object.
        while True:
            steer.idle(wake)
            ready = self._ready()
            if ready or timeout > 0:
                return ready

    def ipoll(self, timeout: int = -1, flags: int = 0) -> "Iterator[tuple[Any, int]]":
        """As `poll`, as an iterator."""
        return iter(self.poll(timeout))
