"""What `make test` leaves out at a desk, so that nobody waits for longer than a few minutes: CI runs everything."""

from __future__ import annotations

import os
import zlib

import pytest

ASKED_FOR = bool(os.environ.get("TILLBENCH_SAMPLE"))
FEWEST = 10


def examples(count: int) -> int:
    """How many examples Hypothesis tries where it is to be `count`: at a desk a third, others each time."""
    return max(FEWEST, count // 3) if ASKED_FOR else count


def is_drawn(item: pytest.Item, firmware: str) -> bool:
    """Whether the test is in the sample for this firmware: `one_in(n)` marks those of which it is not all."""
    mark = item.get_closest_marker("one_in")
    return mark is None or zlib.crc32(f"{firmware} {item.nodeid}".encode()) % mark.args[0] == 0
