"""The device test runner's program: a board that only does what the bench calls."""

from port import bench, wire_unix

bench.start(wire_unix.UnixWire(), "runner")

import asyncio  # noqa: E402  after the steered task queue is in place

import runner  # noqa: E402  the link comes first

asyncio.run(runner.serve())
