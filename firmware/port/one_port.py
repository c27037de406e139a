"""One-port mode: the bench link over the serial port that is also the REPL.

The bench types one line into the REPL: `import port.one_port`, and `port.one_port.run("program")`,
`port.one_port.boot()` or `port.one_port.tap()`. From then on Ctrl-C is a byte like any other, until a close frame, the
program's end or a reset gives the REPL back.

- `run`: the clock runs free, and asyncio is the port's own: a task pumps the link whenever stdin has something.
- `tap`: the whole firmware on real parts, which the bench watches. The clock is the board's.
- `boot`: the whole firmware on a board with nothing soldered on. All that can wake it is on the link, so the clock is
  the bench's, as on every board where everything is virtual.
"""

import sys

import micropython
from micropython import const
from port import bench
from port import link as _link
from port.wire_repl import ReplWire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CTRL_C = const(3)
_HELLO_MS = const(5000)
_PARTIAL_MS = const(5)
_READY = b"\x02" + b"\xff" * 8  # IDLE: no wake of its own


def run(program: str, parts: str = "one-port board", hello_ms: int = _HELLO_MS) -> None:
    """Open the link, run `serve()` of the module `program` until it or the bench ends it, give the REPL back.

    Args:
        program: a module with `async def serve()`.
        parts: as for `bench.start`.
        hello_ms: how long the bench may take to answer.

    Raises:
        LinkClosed: no bench has answered the hello in time.
    """
    micropython.kbd_intr(-1)
    welcomed = False
    try:
        settings = bench.start(ReplWire(), parts, hello_ms)
        welcomed = True
        if settings.get("steered") == "1":
            raise RuntimeError("a board with one port has a clock of its own: steered=0")
        _run(program)
    except _link.LinkClosed:
        if not welcomed:
            raise
    finally:
        _link.close_link()
        micropython.kbd_intr(_CTRL_C)


def boot(program: str = "main") -> None:
    """Import `program` with the bench's clock; give the REPL back when it or the bench ends it.

    `program` opens the link itself, before it imports asyncio.

    Raises:
        LinkClosed: no bench has answered the hello in time.
    """
    # The stand-ins for machine, time, select and socket come first.
    _run_with("", program)


def tap(program: str = "main") -> None:
    """Import `program` on the board's own parts and clock, with what goes to them mirrored to the bench; else as
    `boot`."""
    import port.tapped  # by this `program` knows which board it is

    _run_with("/tap", program)


def _run_with(stand_ins: str, program: str) -> None:
    sys.path.insert(0, __file__[: __file__.rfind("/")] + stand_ins)
    bench.settings.clear()
    micropython.kbd_intr(-1)
    try:
        __import__(program)
    except _link.LinkClosed:
        if not bench.settings:
            raise
    finally:
        _link.close_link()
        micropython.kbd_intr(_CTRL_C)


def _run(program: str) -> None:
    import asyncio

    # What an earlier link left in the queues is gone.
    asyncio.new_event_loop()
    asyncio.run(_beside_the_pump(asyncio, __import__(program)))


async def _beside_the_pump(asyncio: "Any", program: "Any") -> None:
    pumping = asyncio.create_task(pump(asyncio))
    try:
        await program.serve()
    finally:
        pumping.cancel()


async def pump(asyncio: "Any") -> None:
    """Take what the bench sends whenever it comes, beside everything else."""
    lk = _link.link()
    stream = lk.wire.stream  # pyright: ignore[reportAttributeAccessIssue]  the REPL's wire has one
    # This task has its first turn when the program waits for the first time, with its handlers in place.
    lk.send(_link.SYSTEM, _READY)
    while True:
        if lk.in_mid_frame:
            # The rest is on its way, or never comes: the link finds out by looking again.
            await asyncio.sleep_ms(_PARTIAL_MS)
        else:
            await _readable(asyncio, stream)
        try:
            lk.pump(0)
        except Exception as error:
            # One message that a handler could not take (no memory for it) is told on the console, and no more.
            sys.print_exception(error)


def _readable(asyncio: "Any", stream: "Any") -> "Any":
    # As asyncio.StreamReader waits, without reading: a generator is awaitable in MicroPython.
    yield asyncio.core._io_queue.queue_read(stream)
