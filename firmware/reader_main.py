"""The board as a PC/SC reader: pick the board, build the reader on it, run it."""

import gc
import sys

gc.threshold(gc.mem_free() // 16)

if sys.platform == "esp32" and "port.one_port" not in sys.modules:
    from boards.reader_esp32 import board
else:
    from boards.reader_virtual import board

import asyncio

from reader.app import Reader

asyncio.run(Reader(board()).run())
