#!/bin/sh
# What the bench starts as MicroPython (-X heapsize=... PROGRAM): one with line tracing, which takes memory of its own.
for program in "$@"; do :; done
exec "$TILLBENCH_TRACED" -X heapsize=16M "$(dirname "$0")/../on_device/line_trace.py" "$program"
