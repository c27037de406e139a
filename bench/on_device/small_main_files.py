"""`small_main.py` with the firmware's code in the heap, as on a board whose image has no ROMFS."""

import code_in_heap

code_in_heap.mount("/rom", "/files")

import small_main  # noqa: E402, F401  /rom is mounted first
