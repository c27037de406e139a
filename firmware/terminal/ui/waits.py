"""Waiting for whichever comes first.

No loop here asks again and again: each wait is a task that sleeps until its device wakes it, and the ones that did not
come first are cancelled.
"""

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Awaitable

TIMED_OUT = -1


async def first_of(timeout_ms: int | None, *waits: "Awaitable[Any]") -> "tuple[int, Any]":
    """(index, result) of the wait that ended first, (TIMED_OUT, None) after `timeout_ms`; None waits for ever.

    What a wait raises is raised here. If two ended at the same moment, the earlier argument counts.
    """
    ended = asyncio.Event()
    results: list[Any] = [None] * len(waits)
    done = [False] * len(waits)
    failures: list[BaseException] = []

    async def run(index: int, wait: "Awaitable[Any]") -> None:
        try:
            results[index] = await wait
            done[index] = True
        except Exception as e:
            failures.append(e)
        ended.set()

    tasks = [asyncio.create_task(run(index, wait)) for index, wait in enumerate(waits)]
    try:
        await asyncio.wait_for_ms(ended.wait(), timeout_ms)  # type: ignore[arg-type]  # None waits for ever
    except asyncio.TimeoutError:
        pass
    finally:
        for task in tasks:
            task.cancel()
    if True in done:
        index = done.index(True)
        return index, results[index]
    if failures:
        raise failures[0]
    return TIMED_OUT, None
