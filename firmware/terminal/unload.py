"""Giving back the heap of code that is not needed: flows, the EMV kernel, menus.

They are imported by whoever begins them. Where the heap is large they stay, and the next sale is quicker; where it is
short they go when the terminal is idle again. Names (qstr) stay for ever.
"""

import gc
import sys

from micropython import const

SHORT = const(49152)
"""Bytes of free heap, after a collection, below which code is unloaded: a sale takes about 30 KB."""


def unload_if_short(resident: "set[str]") -> None:
    """Forgets every module that is not in `resident`, if less than `SHORT` bytes of heap are free."""
    gc.collect()
    if gc.mem_free() >= SHORT:
        return
    for name in list(sys.modules):
        if name not in resident:
            del sys.modules[name]
            parent, _, last = name.rpartition(".")
            if parent in sys.modules and hasattr(sys.modules[parent], last):
                delattr(sys.modules[parent], last)
    gc.collect()
