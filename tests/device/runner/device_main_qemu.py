"""The device test runner's program on QEMU."""

from port import bench, wire_qemu

bench.start(wire_qemu.open_wire(), "runner")

import asyncio  # noqa: E402  (after the steered task queue is in place)

import runner  # noqa: E402

asyncio.run(runner.serve())
