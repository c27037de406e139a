"""The device test runner's program on QEMU."""

import gc

from port import bench, wire_qemu

gc.threshold(gc.mem_free() // 16)  # as in main.py
bench.start(wire_qemu.open_wire(), "runner")

import asyncio  # noqa: E402  after the steered task queue is in place

import runner  # noqa: E402  the link comes first

asyncio.run(runner.serve())
