"""What `make test` leaves out at a desk, so that nobody waits for longer than a few minutes: CI runs everything."""

from __future__ import annotations

import zlib

import pytest


def is_drawn(item: pytest.Item, firmware: str) -> bool:
    """Whether the test is in the sample for this firmware: `one_in(n)` marks those of which it is not all."""
    mark = item.get_closest_marker("one_in")
    return mark is None or zlib.crc32(f"{firmware} {item.nodeid}".encode()) % mark.args[0] == 0
