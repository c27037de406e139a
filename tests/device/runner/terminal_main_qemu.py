"""The terminal's program on QEMU, with its heap figures on the console."""

import gc


def say(what):
    """Heap in use and free after a collection."""
    gc.collect()
    print("HEAP %s: %d used, %d free" % (what, gc.mem_alloc(), gc.mem_free()))


say("prompt")

from boards.qemu_an385 import board  # noqa: E402

say("board file")

import asyncio  # noqa: E402

from terminal.app import Terminal  # noqa: E402

say("terminal imported")
terminal = Terminal(board())
say("terminal built")
asyncio.run(terminal.run())
