"""Soft interrupts: handlers of pins, UARTs and timers, as `micropython.schedule` runs them on a chip.

One at a time, never one inside of another; an exception is printed and ends the handler, not the program.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_due: "list[tuple[Callable[[Any], None], Any]]" = []
_running = False


def schedule(handler: "Callable[[Any], None]", arg: "Any") -> None:
    """Call `handler(arg)` now, or as soon as the handler that runs now has ended."""
    global _running
    _due.append((handler, arg))
    if _running:
        return
    _running = True
    try:
        while _due:
            handler, arg = _due.pop(0)
            try:
                handler(arg)
            except Exception as error:
                sys.print_exception(error)
    finally:
        _running = False
