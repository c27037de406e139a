"""Pick the board, build the terminal on it, run it."""

import gc
import sys

# Garbage that piles up between what lasts would leave a small heap in pieces. A large one is collected when it is full:
# that takes as long as the heap is large.
if gc.mem_free() < 512 * 1024:
    gc.threshold(gc.mem_free() // 16)

if "port.tapped" in sys.modules:
    from boards.tapped import board  # real parts, watched by the bench
elif "port.one_port" in sys.modules:
    from boards.bare import board  # the bench has started it, over the port that was the REPL
elif sys.platform == "esp32":
    from boards.esp32 import board
elif sys.platform == "qemu":
    from boards.qemu_an385 import board
else:
    from boards.unix import board

import asyncio

from terminal.app import Terminal

terminal = Terminal(board())
# What has put the board together is not needed again.
del board
for name in list(sys.modules):
    if name.startswith("boards"):
        del sys.modules[name]
asyncio.run(terminal.run())
