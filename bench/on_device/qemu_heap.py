"""The terminal on QEMU, loaded piece by piece; says how many bytes of heap each piece has taken for good.

The lines `HEAP name bytes` go to the console. Code is run in place from ROMFS, so what a piece takes are its module's
names, functions, classes and objects. When the terminal runs, `heap peak N` is logged as in `heap_main.py`.
"""

import gc

import micropython

_last = 0


def piece(name: str) -> None:
    """What has come since the last call belongs to `name`."""
    global _last
    gc.collect()
    used = gc.mem_alloc()
    print("HEAP %s: %d" % (name, used - _last))  # noqa: UP031  MicroPython
    _last = used


piece("prompt")
print("HEAP free at the prompt: %d" % gc.mem_free())  # noqa: UP031  MicroPython

from port import bench, link  # noqa: E402  what an import takes is measured one by one

piece("link and virtual parts, code")

import boards.qemu_an385  # noqa: E402  what an import takes is measured one by one

piece("link open with its buffers, asyncio, machine, socket, drivers")
made = boards.qemu_an385.board()
piece("board: pins, buses, frame buffer, LittleFS mounted")

import terminal.app  # noqa: E402  what an import takes is measured one by one

piece("terminal without flows")

import generated.iso8583_unionpay  # noqa: E402, F401  what an import takes is measured one by one

piece("ISO 8583 codec")

import emv.kernel  # noqa: E402, F401  what an import takes is measured one by one

piece("EMV kernel")

import terminal.flows.sale  # noqa: E402  what an import takes is measured one by one

piece("sale flow with all that it imports")
micropython.qstr_info()
micropython.mem_info()

gc.threshold(2048)
peak = 0
_frame = link.Link._frame
_report = bench.report_memory


def watched(lk: object, channel: int, head: bytes, data: bytes) -> None:
    """Looks at the heap before each frame."""
    global peak
    used = gc.mem_alloc()
    if used > peak:
        peak = used
    _frame(lk, channel, head, data)


def report() -> None:
    """The peak, then the figures that the bench expects."""
    bench.log("heap peak %d" % peak)  # noqa: UP031  MicroPython
    _report()


link.Link._frame = watched
bench.report_memory = report

import asyncio  # noqa: E402  what an import takes is measured one by one

asyncio.run(terminal.app.Terminal(made).run())
