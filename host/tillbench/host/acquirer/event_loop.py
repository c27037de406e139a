"""The event loop of a host that serves: uvloop where there is one (not on Windows), asyncio's own elsewhere."""

import asyncio
import gc
from collections.abc import Callable, Coroutine
from typing import Any

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    import uvloop
except ImportError:  # no wheel for this platform
    new_event_loop = asyncio.new_event_loop
else:
    new_event_loop = uvloop.new_event_loop


YOUNG_OBJECTS = 10_000
"""New containers before the garbage collector looks at them. A group of messages makes a thousand, and nearly all of
them end with it, without being looked for."""


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end, as `asyncio.run` does."""
    gc.set_threshold(YOUNG_OBJECTS)
    gc.freeze()  # what was imported stays; a collector that looks through it all stops every line for 50 ms
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main)
