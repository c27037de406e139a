"""Task and TaskQueue for asyncio, in Python: the C ones read the C clock, which a steered board does not have.

`install()` comes before the first `import asyncio`. The contract is that of MicroPython's `_asyncio` (asyncio/core.py):
a queue orders by due time and, at the same time, by arrival; a finished task has `state` falsy and its outcome in
`data`; a task that others wait for has a TaskQueue in `state`.
"""

import sys

from utime import ticks_diff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _core() -> "Any":
    # Looked up late: asyncio.core imports this module first.
    return sys.modules["asyncio.core"]


class TaskQueue:
    """Tasks by due time. A few dozen at most, so a sorted list beats a heap in code and in garbage."""

    def __init__(self) -> None:
        self._tasks: "list[Task]" = []

    def peek(self) -> "Task | None":
        """The task that is due first."""
        return self._tasks[0] if self._tasks else None

    def push(self, task: "Task", key: "int | None" = None) -> None:
        """Put `task` in, due at `key` ticks (now, if not given)."""
        task.data = None
        task.ph_key = _core().ticks() if key is None else key
        tasks = self._tasks
        at = len(tasks)
        while at and ticks_diff(tasks[at - 1].ph_key, task.ph_key) > 0:
            at -= 1
        tasks.insert(at, task)

    def pop(self) -> "Task":
        """Take the first task out."""
        return self._tasks.pop(0)

    def remove(self, task: "Task") -> None:
        """Take `task` out, wherever it stands."""
        self._tasks.remove(task)


class Task:
    """A coroutine under the scheduler."""

    def __init__(self, coro: "Any", globals: "Any" = None) -> None:
        self.coro = coro
        self.data: "Any" = None
        self.state: "Any" = True
        self.ph_key = 0

    def __iter__(self) -> "Task":
        if not self.state:
            self.state = False  # somebody has waited for it: its exception is not unhandled
        elif self.state is True:
            self.state = TaskQueue()
        elif not isinstance(self.state, TaskQueue):
            raise RuntimeError("can't wait")
        return self

    __await__ = __iter__

    def __next__(self) -> None:
        if not self.state:
            if self.data is None:
                raise StopIteration
            raise self.data
        current = _core().cur_task
        self.state.push(current)
        current.data = self  # so that a cancellation of the waiter finds this queue

    def done(self) -> bool:
        """True if the coroutine has ended."""
        return not self.state

    def cancel(self) -> bool:
        """Throw CancelledError into the coroutine; False if it has ended already."""
        if not self.state:
            return False
        core = _core()
        if self is core.cur_task:
            raise RuntimeError("can't cancel self")
        task = self
        while isinstance(task.data, Task):
            task = task.data
        if hasattr(task.data, "remove"):
            task.data.remove(task)
            core._task_queue.push(task)
        elif ticks_diff(task.ph_key, core.ticks()) > 0:
            core._task_queue.remove(task)
            core._task_queue.push(task)
        task.data = core.CancelledError
        return True

    def get_coro(self) -> "Any":
        """The coroutine."""
        return self.coro


def install() -> None:
    """Put this module in `_asyncio`'s place.

    Raises:
        RuntimeError: asyncio is loaded already, with the C queue.
    """
    if "asyncio.core" in sys.modules or "asyncio" in sys.modules:
        raise RuntimeError("asyncio was imported before the steered task queue")
    sys.modules["_asyncio"] = sys.modules[__name__]
