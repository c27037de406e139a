"""Giving back the heap of code that is not needed: flows, phases of the EMV kernel, menus.

They are imported by whoever begins them. Where the heap is large they stay, and the next sale is quicker; where it is
short they go when the terminal is idle again, and what a transaction has behind it goes before it has ended. Names
(qstr) stay for ever.
"""

import gc
import sys

SHORT = 49152
"""Bytes of free heap, after a collection, below which code is unloaded: a sale takes about 30 KB."""

_PURE = ("terminal", "emv", "crypto", "iso7816", "iso8583", "generated", "charset")
"""Packages whose modules hold nothing that a second copy of them would not have."""

resident: "set[str]" = set()
"""What the idle terminal needs; empty until it has started."""


def unload_if_short() -> None:
    """Forgets every module of the application that is not resident, if less than `SHORT` bytes of heap are free."""
    forget_if_short([name for name in sys.modules if name not in resident and name.partition(".")[0] in _PURE])


def forget_if_short(names: "list[str] | tuple[str, ...]") -> None:
    """Forgets these modules, as far as they are loaded, if less than `SHORT` bytes of heap are free.

    Code that runs, and objects that live, keep what they need of them. But whoever imports one again gets a new module
    with new classes: `except` and `isinstance` do not take the ones for the others.
    """
    gc.collect()
    if gc.mem_free() >= SHORT:
        return
    for name in names:
        if name in sys.modules:
            del sys.modules[name]
            parent, _, last = name.rpartition(".")
            if parent in sys.modules and hasattr(sys.modules[parent], last):
                delattr(sys.modules[parent], last)
    gc.collect()
