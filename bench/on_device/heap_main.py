"""The firmware with its heap watched: how much was in use at most, as seen at each picture on the screen.

Each look comes after a collection. Asked for its memory, the board also logs `heap peak N`, the highest since the last
time.
"""

import gc

from port import bench, link

peak = 0
_frame = link.Link._frame
_report = bench.report_memory


def watched(lk: object, channel: int, head: bytes, data: bytes) -> None:
    """Looks at the heap with each picture."""
    global peak
    if channel == link.EVENT:
        gc.collect()
        peak = max(peak, gc.mem_alloc())
    _frame(lk, channel, head, data)


def report() -> None:
    """The peak, then the figures that the bench expects."""
    global peak
    bench.log("heap peak %d" % peak)  # noqa: UP031  (MicroPython)
    peak = 0
    _report()


link.Link._frame = watched
bench.report_memory = report

import main  # noqa: E402, F401  (runs the terminal)
